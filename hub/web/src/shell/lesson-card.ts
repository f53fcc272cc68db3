import { hub, type Lesson, type Page, type Person, problemOf } from "@classhub/client";
import {
  clock,
  day,
  define,
  HubElement,
  icon,
  navigate,
  personName,
  sayProblem,
  t,
  tn,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { lessonCardStyles } from "./lesson-card.styles.js";

/** The lesson: a teacher starts, shows and ends it; a pupil sees where they are. */
class LessonCard extends HubElement {
  static override properties = {
    busy: { state: true },
    large: { state: true },
    ending: { state: true },
    members: { state: true },
  };
  static override styles = lessonCardStyles;
  declare busy: boolean;
  declare large: boolean;
  declare ending: boolean;
  declare members: number | null;
  private counted = "";

  constructor() {
    super();
    this.busy = false;
    this.large = false;
    this.ending = false;
    this.members = null;
  }

  protected override arrive(): void {
    this.on(hub.session, "change", () => {
      this.requestUpdate();
      void this.count();
    });
    // Thirty pupils join within seconds: count them when they have.
    const recount = this.settled(() => void this.count(true));
    this.until(hub.stream.subscribe("lessons/+", recount));
    this.on(hub.stream, "back", recount);
    void this.count();
  }

  private async count(again = false): Promise<void> {
    const lesson = hub.session.lesson;
    if (!lesson || !hub.session.may("teacher")) return;
    if (!again && this.counted === lesson.id) return;
    this.counted = lesson.id;
    try {
      const page = await hub.api.get<Page<Person>>(`/lessons/${lesson.id}/members`, { limit: 200 });
      this.members = page.items.length;
    } catch {
      this.members = null; // The number is a comfort; the people page says what is wrong.
    }
  }

  private async start(event: Event): Promise<void> {
    event.preventDefault();
    const typed = this.renderRoot.querySelector<HTMLInputElement>("#title")?.value.trim();
    this.busy = true;
    try {
      const title =
        typed || t("Lesson of {day}, {time}", { day: day(new Date()), time: clock(new Date()) });
      await hub.api.post<Lesson>("/lessons", { title });
      await hub.session.refresh();
      this.large = true;
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = false;
  }

  private async end(): Promise<void> {
    const lesson = hub.session.lesson;
    if (!lesson) return;
    this.busy = true;
    try {
      await hub.api.post(`/lessons/${lesson.id}/end`);
      this.large = false;
      this.ending = false;
      await hub.session.refresh();
      navigate(`/lessons/${lesson.id}/album`);
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = false;
  }

  override render(): TemplateResult | typeof nothing {
    const lesson = hub.session.lesson;
    if (hub.session.may("teacher")) return lesson ? this.running(lesson) : this.begin();
    return lesson ? this.joined(lesson) : this.outside();
  }

  private begin(): TemplateResult {
    return html`<form class="card begin" @submit=${this.start}>
      <div class="words">
        <h2>${t("Good to see you, {name}.", { name: personName(hub.session.principal?.name ?? "") })}</h2>
        <p>${t("Pupils join with a QR code or six digits, and every picture goes into the lesson's album.")}</p>
      </div>
      <div class="fields">
        <div><label for="title">${t("Topic of the lesson")}</label>
        <input id="title" maxlength="120" placeholder=${t("For example: The plant cell")} autocomplete="off"></div>
        <button class="sun big" ?disabled=${this.busy}>${icon("play")}${t("Start a lesson")}</button>
      </div>
    </form>`;
  }

  private running(lesson: Lesson): TemplateResult {
    return html`<section class="card running" aria-label=${t("The running lesson")}>
      <div class="words">
        <p class="chip now"><span class="dot good"></span>${t("Lesson since {time}", { time: clock(lesson.started) })}</p>
        <h2>${lesson.title}</h2>
        ${
          this.members === null
            ? nothing
            : html`<a class="joined" href="/people">${icon("people")}${
                this.members === 0
                  ? t("Nobody has joined yet")
                  : tn("{n} pupil has joined", "{n} pupils have joined", this.members)
              }</a>`
        }
        <hub-panel-now></hub-panel-now>
        <div class="row">
          <a class="button" href="/lessons/${lesson.id}/album">${icon("images")}${t("Album and task")}</a>
          <button @click=${() => {
            this.ending = true;
          }}>${icon("stop")}${t("End the lesson")}</button>
        </div>
      </div>
      ${lesson.code ? this.invitation(lesson, lesson.code) : nothing}
      <hub-dialog .open=${this.ending} heading=${t("End the lesson?")} @close=${() => {
        this.ending = false;
      }}>
        <p>${t("Pupils are signed out. The pictures stay in the album.")}</p>
        <div class="row">
          <button class="primary" ?disabled=${this.busy} @click=${this.end}>${t("End the lesson")}</button>
          <button @click=${() => {
            this.ending = false;
          }}>${t("Go on")}</button>
        </div>
      </hub-dialog>
    </section>`;
  }

  private invitation(lesson: Lesson, code: string): TemplateResult {
    const join = lesson.join_url ? new URL(lesson.join_url, location.href) : null;
    const address = join ? `${join.host}${join.pathname}` : `${location.host}/join`;
    const digits = html`<p class="digits" aria-label=${t("The lesson's digits")}>${code.slice(0, 3)}<span></span>${code.slice(3)}</p>`;
    // The picture changes with the address; under the same `src` a browser would keep the former.
    const qr = html`<img class="qr" alt=${t("QR code to join the lesson")} src="/api/v1/lessons/${lesson.id}/qr.svg?at=${encodeURIComponent(address)}">`;
    return html`<div class="invitation">
      <button class="quiet showqr" @click=${() => {
        this.large = true;
      }} aria-label=${t("Show large")} title=${t("Show large")}>${qr}</button>
      <div class="by">
        <p class="muted small">${t("Pupils open")}</p>
        <p class="address">${address}</p>
        ${digits}
        <button @click=${() => {
          this.large = true;
        }}>${icon("grow")}${t("Show large")}</button>
      </div>
    </div>
    <hub-dialog variant="full" .open=${this.large} heading=${lesson.title} @close=${() => {
      this.large = false;
    }}>
      <div class="poster">
        ${qr}
        <div class="by">
          <p class="step">${t("Point the camera at the code")}</p>
          <p class="or">${t("or open {address} and type", { address })}</p>
          ${digits}
          <p class="count">${icon("people")}${
            this.members
              ? tn("{n} pupil has joined", "{n} pupils have joined", this.members)
              : t("Nobody has joined yet")
          }</p>
        </div>
      </div>
    </hub-dialog>`;
  }

  private joined(lesson: Lesson): TemplateResult {
    return html`<section class="card running">
      <div class="words">
        <p class="chip now"><span class="dot good"></span>${t("You are in the lesson")}</p>
        <h2>${lesson.title}</h2>
        ${lesson.teacher ? html`<p class="muted">${t("Teacher: {name}", { name: personName(lesson.teacher.name) })}</p>` : nothing}
        <a class="button" href="/lessons/${lesson.id}/album">${icon("images")}${t("Album of the lesson")}</a>
      </div>
    </section>`;
  }

  private outside(): TemplateResult {
    return html`<section class="card running"><div class="words">
      <h2>${t("No lesson is running.")}</h2>
      <p class="muted">${t("When your teacher starts one, join it with its six digits.")}</p>
      <a class="button primary" href="/join">${t("Join the lesson")}</a>
    </div></section>`;
  }
}
define("hub-lesson-card", LessonCard);
