import { type Asset, hub, type Lesson, type Page, type Person, problemOf } from "@classhub/client";
import {
  base,
  clock,
  define,
  HubElement,
  icon,
  PanelState,
  personName,
  sayProblem,
  t,
} from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { byPupil } from "./hand-ins.js";

/** For the teacher: who has handed in what, and who has not yet; a tap puts it on the screen. */
class AlbumHandIns extends HubElement {
  static override properties = {
    lesson: { attribute: false },
    members: { state: true },
    given: { state: true },
  };
  static override styles = [
    base,
    css`
      .card { padding: var(--space-4) var(--space-5); display: grid; gap: var(--space-4); }
      .head { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: baseline; }
      .pupils { display: grid; gap: var(--space-4) var(--space-5); grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); }
      .pupil { display: grid; gap: var(--space-2); align-content: start; }
      .works { display: flex; flex-wrap: wrap; gap: var(--space-2); }
      .works button { position: relative; padding: 0; width: 7.5rem; height: 5.25rem; overflow: hidden; }
      .works img { width: 100%; height: 100%; object-fit: cover; }
      .works .none { color: var(--muted); }
      .works [aria-pressed="true"] { outline: 4px solid var(--accent); outline-offset: -1px; }
      .mark {
        position: absolute; inset: auto 0 0 auto; display: grid; place-content: center; width: 2rem; height: 2rem;
        background: var(--accent); color: var(--on-accent); border-radius: var(--radius-s) 0 0 0;
      }
      .mark svg { width: 1.2rem; height: 1.2rem; }
      .earlier { opacity: 0.7; }
      .missing { display: flex; flex-wrap: wrap; gap: var(--space-2); align-items: center; }
    `,
  ];
  declare lesson: Lesson | null;
  declare members: Person[] | null;
  declare given: Asset[];
  private readonly panel = new PanelState(this);

  constructor() {
    super();
    this.lesson = null;
    this.members = null;
    this.given = [];
  }

  private readonly soon = this.settled(() => void this.load());

  protected override arrive(): void {
    this.until(hub.stream.subscribe("assets/+", () => this.soon()));
    this.until(hub.stream.subscribe("lessons/+", () => this.soon()));
    this.on(hub.stream, "back", () => this.soon());
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get("lesson") as Lesson | null | undefined;
    if (changed.has("lesson") && before?.id !== this.lesson?.id) void this.load();
  }

  private async load(): Promise<void> {
    const { lesson } = this;
    if (!lesson) return;
    try {
      const [members, given] = await Promise.all([
        hub.api.get<Page<Person>>(`/lessons/${lesson.id}/members`, { limit: 200 }),
        hub.api.all<Asset>("/assets", { lesson: lesson.id, handed_in: true }),
      ]);
      if (this.lesson?.id !== lesson.id) return;
      this.members = members.items;
      this.given = given;
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult | typeof nothing {
    const { lesson, members } = this;
    if (!lesson || !members || (members.length === 0 && this.given.length === 0)) return nothing;
    const { pupils, missing } = byPupil(members, this.given, lesson.task?.id ?? null);
    const done = members.length - missing.length;
    return html`<section class="card" aria-label=${t("Hand-ins")}>
      <div class="head"><h2 class="grow">${t("Hand-ins")}</h2>
        <p class="muted" role="status">${t("{done} of {all} pupils have handed in", { done, all: members.length })}</p></div>
      ${
        pupils.length
          ? html`<p class="muted small">${t("Tap a picture to show it on the class's screen, once more to take it off.")}</p>
            <ul class="pupils">${pupils.map(
              ({
                name,
                works,
              }) => html`<li class="pupil"><h3>${personName(name) || t("No name")}</h3>
              <div class="works">${works.map((asset) => this.work(asset, lesson))}</div></li>`,
            )}</ul>`
          : nothing
      }
      ${
        missing.length
          ? html`<div class="missing"><strong>${t("Not yet:")}</strong>${missing.map(
              (person) =>
                html`<span class="chip">${personName(person.name) || t("No name")}</span>`,
            )}</div>`
          : nothing
      }
    </section>`;
  }

  private work(asset: Asset, lesson: Lesson): TemplateResult {
    const on = this.panel.shows({ asset: asset.id });
    const what = asset.note || asset.title;
    const words = on
      ? t("Take off the class's screen: {title}", { title: what })
      : t("Show on the class's screen: {title}", { title: what });
    const earlier = lesson.task && asset.task !== lesson.task.id;
    const when = asset.handed_in ? clock(asset.handed_in) : "";
    return html`<button class=${earlier ? "earlier" : ""} aria-pressed=${String(on)} aria-label=${words}
      title=${earlier ? t("To an earlier task, {when}", { when }) : t("Handed in {when}", { when })}
      ?disabled=${!asset.media_type.startsWith("image/")}
      @click=${() => void this.panel.toggle({ asset: asset.id })}>${
        asset.links.thumbnail
          ? html`<img src=${asset.links.thumbnail} alt="" loading="lazy">`
          : html`<span class="none">${icon("video")}</span>`
      }${on ? html`<span class="mark">${icon("present")}</span>` : nothing}</button>`;
  }
}
define("hub-album-hand-ins", AlbumHandIns);
