import {
  hub,
  type Operation,
  type Page,
  type Person,
  problemOf,
  type Seat,
  type Seats,
} from "@classhub/client";
import {
  define,
  givenName,
  HubElement,
  icon,
  personName,
  Running,
  say,
  sayProblem,
  t,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { lessonSeatsStyles } from "./lesson-seats.styles.js";

/** Who sits where in the running lesson: pupils take a seat, teachers give them. */
class LessonSeats extends HubElement {
  static override properties = {
    seats: { state: true },
    members: { state: true },
    giving: { state: true },
    busy: { state: true },
  };
  static override styles = lessonSeatsStyles;
  declare seats: Seat[];
  declare members: Person[];
  /** The seat that the teacher is giving to somebody. */
  declare giving: Seat | null;
  declare busy: boolean;
  /** The hub waits for a device to be touched. */
  private readonly looking = new Running(this);
  /** The seat of each device, as far as it has been told. */
  private readonly told = new Map<string, string | null>();

  constructor() {
    super();
    this.seats = [];
    this.members = [];
    this.giving = null;
    this.busy = false;
  }

  protected override arrive(): void {
    const again = this.keepLoaded(() => this.load(), {
      topics: ["school/seats/+"],
      sources: [hub.session],
    });
    this.until(
      hub.stream.subscribe("+/state", (topic, payload) => {
        const device = topic.split("/")[0] ?? "";
        const seat = (payload as { seat?: string | null } | null)?.seat ?? null;
        if (this.told.has(device) && this.told.get(device) === seat) return;
        this.told.set(device, seat);
        again();
      }),
    );
  }

  protected override leave(): void {
    void this.looking.giveUp();
  }

  private get me(): string | null {
    return hub.session.principal?.person ?? null;
  }

  private async load(): Promise<void> {
    const lesson = hub.session.lesson;
    try {
      this.seats = lesson ? (await hub.api.get<Seats>(`/lessons/${lesson.id}/seats`)).items : [];
    } catch {
      this.seats = []; // The lesson has just ended, or the hub is away, which the page says.
    }
  }

  private async sit(seat: string, person: string | null): Promise<void> {
    const lesson = hub.session.lesson;
    if (!lesson) return;
    this.busy = true;
    try {
      const now = await hub.api.put<Seats>(`/lessons/${lesson.id}/seats`, { seat, person });
      this.seats = now.items;
      this.giving = null;
    } catch (error) {
      sayProblem(problemOf(error));
      void this.load();
    }
    this.busy = false;
  }

  private async give(seat: Seat): Promise<void> {
    const lesson = hub.session.lesson;
    if (!lesson) return;
    this.giving = seat;
    try {
      const page = await hub.api.get<Page<Person>>(`/lessons/${lesson.id}/members`, { limit: 200 });
      this.members = page.items;
    } catch (error) {
      this.giving = null;
      sayProblem(problemOf(error));
    }
  }

  private async find(): Promise<void> {
    const lesson = hub.session.lesson;
    if (!lesson) return;
    const found = await this.looking.follow<{ seat: string }>(() =>
      hub.api.post<Operation>(`/lessons/${lesson.id}/seats/touch`),
    );
    if (found) say(t("You sit here: {seat}", { seat: found.seat }));
    else if (this.looking.problem) sayProblem(this.looking.problem);
  }

  override render(): TemplateResult | typeof nothing {
    this.hidden = !hub.session.lesson || this.seats.length === 0;
    if (this.hidden) return nothing;
    const teacher = hub.session.may("teacher");
    const mine = this.seats.find((seat) => seat.person !== null && seat.person.id === this.me);
    return html`<section aria-label=${t("Seats")}>
      <div class="head">
        <div><h2>${teacher ? t("Who sits where") : t("Where do I sit?")}</h2>
          <p class="muted">${
            teacher
              ? t("Touch a seat to give it to a pupil. What is written there bears their name.")
              : mine
                ? t("You sit here: {seat}", { seat: mine.seat })
                : t("Touch your seat, so that what you write bears your name.")
          }</p></div>
        ${
          teacher || mine || !this.me
            ? nothing
            : html`<button class="primary" @click=${() => void this.find()}>${icon("hand")}${t("Find my seat")}</button>`
        }
      </div>
      <ul>${this.seats.map((seat) => html`<li>${this.tile(seat, teacher, mine)}</li>`)}</ul>
      ${teacher ? this.choice() : this.waiting()}
    </section>`;
  }

  private tile(seat: Seat, teacher: boolean, mine: Seat | undefined): TemplateResult {
    const own = seat === mine;
    const who = seat.person ? personName(seat.person.name) : t("Free");
    const act = () => {
      if (teacher) void this.give(seat);
      else void this.sit(seat.seat, own ? null : this.me);
    };
    // Taken by somebody else: the hub lets pupils have it where that one has left.
    return html`<button class="seat ${own ? "own" : seat.person ? "taken" : "free"}"
      ?disabled=${this.busy || (!teacher && !this.me)} aria-pressed=${own ? "true" : "false"} @click=${act}>
      <span class="name">${seat.seat}</span>
      <span class="who">${icon(seat.person ? "person" : "plus")}<span>${who}</span></span>
      <span class="small muted">${seat.devices.map((one) => givenName(one.name)).join(", ")}</span>
      ${teacher ? nothing : html`<span class="do">${own ? t("Get up") : seat.person ? nothing : t("I sit here")}</span>`}
    </button>`;
  }

  private choice(): TemplateResult {
    const seat = this.giving;
    const seated = new Map(this.seats.map((one) => [one.person?.id, one.seat]));
    const sorted = [...this.members].sort(
      (one, other) => Number(seated.has(one.id)) - Number(seated.has(other.id)),
    );
    return html`<hub-dialog .open=${seat !== null} heading=${t("Who sits here: {seat}?", { seat: seat?.seat ?? "" })} @close=${() => {
      this.giving = null;
    }}>${
      seat
        ? html`<div class="choices">
          ${
            sorted.length === 0
              ? html`<p class="muted">${t("Nobody has joined yet. Show the QR code on the home page.")}</p>`
              : nothing
          }
          ${sorted.map(
            (
              person,
            ) => html`<button ?disabled=${this.busy} aria-pressed=${person.id === seat.person?.id ? "true" : "false"} @click=${() => void this.sit(seat.seat, person.id)}>
              ${icon("person")}<span class="grow">${personName(person.name)}</span>
              ${seated.has(person.id) ? html`<span class="small muted">${seated.get(person.id)}</span>` : nothing}
            </button>`,
          )}
          ${
            seat.person
              ? html`<button ?disabled=${this.busy} @click=${() => void this.sit(seat.seat, null)}>${icon("door")}${t("Nobody sits here")}</button>`
              : nothing
          }
        </div>`
        : nothing
    }</hub-dialog>`;
  }

  private waiting(): TemplateResult {
    return html`<hub-dialog .open=${this.looking.busy} heading=${t("Where do I sit?")} @close=${() => void this.looking.giveUp()}>
      ${
        this.looking.busy
          ? html`<p role="status"><strong>${t("Touch your device now: write with its pen.")}</strong></p>
            <progress aria-label=${t("Waiting")}></progress>
            <div class="row"><button @click=${() => void this.looking.giveUp()}>${icon("stop")}${t("Stop")}</button></div>`
          : nothing
      }
    </hub-dialog>`;
  }
}
define("hub-lesson-seats", LessonSeats);
