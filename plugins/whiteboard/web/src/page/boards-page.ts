import board from "icon:presentation";
import { hub, type Lesson, type Page, type Problem, problemOf } from "@classhub/client";
import {
  base,
  clock,
  day,
  define,
  drawing,
  HubElement,
  icon,
  navigate,
  sayProblem,
  t,
  tn,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

interface Listed {
  id: string;
  title: string;
  lesson: string;
  created?: string;
  pages?: unknown[] | number;
  authors?: unknown[] | number;
  locked?: boolean;
}

/** The boards that one may see: those of the lesson first; a teacher makes new ones. */
class BoardsPage extends HubElement {
  static override properties = {
    boards: { state: true },
    lessons: { state: true },
    problem: { state: true },
    busy: { state: true },
    going: { state: true },
  };
  static override styles = [
    base,
    css`
      .head { display: flex; flex-wrap: wrap; gap: var(--space-4); align-items: end; justify-content: space-between; }
      form { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: end; flex: 1 1 26rem; justify-content: flex-end; }
      form div { flex: 1 1 14rem; max-width: 24rem; display: grid; gap: var(--space-1); }
      ul { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); }
      .board { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-2) var(--space-4); padding: var(--space-4); color: inherit; text-decoration: none; align-items: center; height: 100%; }
      .board:hover { background: var(--hover); }
      .sign { width: 3.5rem; height: 3.5rem; border-radius: var(--radius-m); background: var(--accent-soft); color: var(--accent); display: grid; place-content: center; }
      .sign svg { width: 2rem; height: 2rem; }
      .words { display: grid; gap: 0.15rem; min-width: 0; }
      .words h2 { font: var(--type-heading); overflow-wrap: anywhere; }
      li { display: grid; position: relative; }
      .gone { position: absolute; right: var(--space-2); bottom: var(--space-2); }
      .empty { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-5); align-items: center; padding: var(--space-6); }
      .empty > svg { width: 4rem; height: 4rem; color: var(--accent); }
    `,
  ];
  declare boards: Listed[] | null;
  declare lessons: Map<string, Lesson>;
  declare problem: Problem | null;
  declare busy: boolean;
  /** The board that is about to be deleted. */
  declare going: Listed | null;

  constructor() {
    super();
    this.boards = null;
    this.lessons = new Map();
    this.problem = null;
    this.busy = false;
    this.going = null;
  }

  protected override arrive(): void {
    const again = this.keepLoaded(() => this.load(), { sources: [hub.session] });
    // Also once the hub is heard at all: a board may have been made since the first look.
    this.until(hub.stream.subscribe("x/whiteboard/boards/+", again, again));
  }

  private get lesson(): string | null {
    return new URLSearchParams(location.search).get("lesson");
  }

  private async load(): Promise<void> {
    try {
      const found = await hub.api.get<Page<Listed>>("/boards", { lesson: this.lesson });
      this.boards = found.items;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
      return;
    }
    if (!hub.session.may("teacher")) return;
    try {
      const lessons = await hub.api.get<Page<Lesson>>("/lessons", { limit: 100 });
      this.lessons = new Map(lessons.items.map((one) => [one.id, one]));
    } catch {
      this.lessons = new Map(); // The boards have names of their own.
    }
  }

  private async make(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const field = this.renderRoot.querySelector<HTMLInputElement>("#title");
    const lesson = this.lesson ?? hub.session.lesson?.id;
    const title = field?.value.trim() || hub.session.lesson?.title || t("Board");
    this.busy = true;
    try {
      const made = await hub.api.post<Listed>("/boards", { title, ...(lesson ? { lesson } : {}) });
      navigate(`/boards/${made.id}`);
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = false;
  }

  private async deleteBoard(): Promise<void> {
    const { going } = this;
    this.going = null;
    if (!going) return;
    try {
      await hub.api.delete(`/boards/${encodeURIComponent(going.id)}`);
      await this.load();
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    const { boards } = this;
    return html`<div class="page">
      <div class="head"><h1>${t("Boards")}</h1>${this.form()}</div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${boards === null ? nothing : boards.length === 0 ? this.empty() : this.list(boards)}
    </div>
    <hub-dialog .open=${this.going !== null} heading=${t("Delete this board?")} @close=${() => {
      this.going = null;
    }}>
      <p>${t("“{title}” goes with everything that was drawn on it. This cannot be undone.", { title: this.going?.title ?? "" })}</p>
      <div class="row"><button class="primary" @click=${this.deleteBoard}>${t("Delete the board")}</button>
        <button @click=${() => {
          this.going = null;
        }}>${t("Cancel")}</button></div>
    </hub-dialog>`;
  }

  private form(): TemplateResult | typeof nothing {
    if (!hub.session.may("teacher") || !(hub.session.lesson || this.lesson)) return nothing;
    return html`<form @submit=${this.make}>
      <div><label for="title">${t("Name of the new board")}</label>
        <input id="title" maxlength="120" autocomplete="off" placeholder=${hub.session.lesson?.title ?? ""}></div>
      <button class="primary" ?disabled=${this.busy}>${icon("plus")}${t("New board")}</button>
    </form>`;
  }

  private list(boards: Listed[]): TemplateResult {
    return html`<ul>${repeat(
      boards,
      ({ id }) => id,
      (one) => html`<li><a class="card board" href="/boards/${one.id}">
        <span class="sign">${drawing(board)}</span>
        <span class="words"><h2>${one.title || t("Board")}</h2>
          <span class="muted small">${this.about(one)}</span></span></a>
        ${
          hub.session.may("teacher")
            ? html`<button class="quiet icon gone" aria-label=${t("Delete {title}", { title: one.title })} title=${t("Delete the board")}
              @click=${() => {
                this.going = one;
              }}>${icon("erase")}</button>`
            : nothing
        }</li>`,
    )}</ul>`;
  }

  private about(one: Listed): string {
    const lesson = this.lessons.get(one.lesson)?.title;
    const pages = Array.isArray(one.pages) ? one.pages.length : one.pages;
    const made = one.created ? `${day(one.created)}, ${clock(one.created)}` : "";
    return [
      lesson !== one.title ? lesson : "",
      made,
      pages ? tn("{n} page", "{n} pages", pages) : "",
    ]
      .filter(Boolean)
      .join(" · ");
  }

  private empty(): TemplateResult {
    const teacher = hub.session.may("teacher");
    const lesson = hub.session.lesson !== null;
    const words = !teacher
      ? t("When your teacher opens a board for the lesson, it appears here by itself.")
      : lesson
        ? t("Make one: pupils write on it with pens, fingers and their tablets, all at once.")
        : t("A board belongs to a lesson. Start a lesson first; then you can make a board here.");
    return html`<div class="card empty">${drawing(board)}
      <div class="stack"><h2>${t("There is no board yet.")}</h2><p class="muted">${words}</p>
      ${teacher && !lesson ? html`<a class="button primary" href="/">${t("Start a lesson")}</a>` : nothing}</div></div>`;
  }
}
define("hub-boards-page", BoardsPage);
