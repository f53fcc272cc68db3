import { hub, isAboutLesson, type Lesson, type Problem, problemOf } from "@classhub/client";
import { base, clock, day, define, HubElement, icon, personName, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** The albums: one for each lesson, the newest first. */
class AlbumsPage extends HubElement {
  static override properties = { lessons: { state: true }, problem: { state: true } };
  static override styles = [
    base,
    css`
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
  declare problem: Problem | null;

  constructor() {
    super();
    this.lessons = null;
    this.problem = null;
  }

  protected override arrive(): void {
    this.until(
      hub.stream.subscribe("lessons/+", (_, payload) => {
        if (isAboutLesson(payload)) void this.load();
      }),
    );
    void this.load();
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
      <h1>${t("Albums")}</h1>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${
        this.lessons?.length === 0
          ? html`<div class="stack"><p class="muted">${t("There is no album yet. Start a lesson, and the pictures taken in it appear here.")}</p>
            <a class="button primary" href="/">${t("Go to the home page")}</a></div>`
          : nothing
      }
      <ul>${this.lessons?.map((lesson) => html`<li>${this.row(lesson)}</li>`)}</ul>
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
