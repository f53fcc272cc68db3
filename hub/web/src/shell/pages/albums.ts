import {
  type Group,
  hub,
  isAboutLesson,
  type Lesson,
  type Problem,
  problemOf,
} from "@classhub/client";
import { base, clock, day, define, HubElement, icon, personName, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import "../gallery.js";

/** The albums: one for each lesson, the newest first; or the pictures of all of them at once. */
class AlbumsPage extends HubElement {
  static override properties = {
    lessons: { state: true },
    groups: { state: true },
    group: { state: true },
    all: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { gap: var(--space-5); }
      .head { display: flex; flex-wrap: wrap; gap: var(--space-3) var(--space-4); align-items: center; }
      .head select { width: auto; }
      .tabs { display: flex; gap: var(--space-2); }
      .tabs [aria-pressed="true"] { background: var(--accent-soft); border-color: var(--accent); color: var(--accent-deep); }
      ul { display: grid; gap: var(--space-3); }
      .lesson {
        display: flex; align-items: center; gap: var(--space-4); padding: var(--space-4) var(--space-5);
        color: inherit; text-decoration: none; min-height: calc(var(--touch) * 1.5);
      }
      .lesson:hover { background: var(--hover); }
      .lesson > svg { color: var(--accent); flex: none; width: 1.6rem; height: 1.6rem; }
      .chip { margin-top: var(--space-2); }
      .lesson .go { color: var(--muted); width: 1.2rem; }
    `,
  ];
  declare lessons: Lesson[] | null;
  declare groups: Group[];
  /** The id of the group whose albums are wanted; empty for all. */
  declare group: string;
  /** All pictures are shown instead of lessons. */
  declare all: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.lessons = null;
    this.groups = [];
    this.group = "";
    this.all = new URLSearchParams(location.search).get("show") === "all";
    this.problem = null;
  }

  protected override arrive(): void {
    this.until(
      hub.stream.subscribe("lessons/+", (_, payload) => {
        if (isAboutLesson(payload)) void this.load();
      }),
    );
    this.on(hub.stream, "back", () => void this.load());
    void this.load();
    if (hub.session.may("teacher")) void this.loadGroups();
  }

  private async loadGroups(): Promise<void> {
    try {
      this.groups = await hub.api.all<Group>("/groups", {}, 400);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private view(all: boolean): void {
    this.all = all;
    history.replaceState(null, "", location.pathname + (all ? "?show=all" : ""));
  }

  private async load(): Promise<void> {
    try {
      this.lessons = await hub.api.all<Lesson>("/lessons", {}, 400);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    return html`<div class="page">
      <div class="head"><h1 class="grow">${t("Albums")}</h1>
        ${
          this.groups.length
            ? html`<select aria-label=${t("Group")} @change=${(event: Event) => {
                this.group = (event.target as HTMLSelectElement).value;
              }}><option value="">${t("All groups")}</option>${this.groups.map((group) => html`<option value=${group.id}>${group.name}</option>`)}</select>`
            : nothing
        }
        <div class="tabs" role="group" aria-label=${t("Show")}>
          <button aria-pressed=${String(!this.all)} @click=${() => this.view(false)}>${icon("people")}${t("Lessons")}</button>
          <button aria-pressed=${String(this.all)} @click=${() => this.view(true)}>${icon("images")}${t("All pictures")}</button>
        </div></div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${
        !this.all && this.lessons?.length === 0
          ? html`<div class="stack"><p class="muted">${t("There is no album yet. Start a lesson, and the pictures taken in it appear here.")}</p>
            <a class="button primary" href="/">${t("Go to the home page")}</a></div>`
          : nothing
      }
      ${
        this.all
          ? html`<hub-gallery .within=${{ group: this.group || null }} headings="lesson"></hub-gallery>`
          : html`<ul>${this.lessons
              ?.filter((lesson) => !this.group || lesson.group === this.group)
              .map((lesson) => html`<li>${this.row(lesson)}</li>`)}</ul>`
      }
    </div>`;
  }

  private row(lesson: Lesson): TemplateResult {
    return html`<a class="card lesson" href="/lessons/${lesson.id}/album">
      ${icon("images")}
      <div class="grow">
        <h2>${lesson.title}</h2>
        <p class="muted small">${day(lesson.started)}, ${clock(lesson.started)}${
          lesson.teacher?.name ? html` · ${personName(lesson.teacher.name)}` : nothing
        }</p>
        ${lesson.ended ? nothing : html`<span class="chip"><span class="dot good"></span>${t("Now")}</span>`}
      </div>
      <span class="go">${icon("right")}</span>
    </a>`;
  }
}
define("hub-albums-page", AlbumsPage);
