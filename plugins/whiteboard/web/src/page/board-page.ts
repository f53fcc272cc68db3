import more from "icon:ellipsis";
import history from "icon:history";
import lock from "icon:lock";
import unlock from "icon:lock-open";
import follow from "icon:radio";
import layersIcon from "icon:users";
import { hub, N_, type Problem, problemOf } from "@classhub/client";
import { define, drawing, HubElement, helpLink, icon, say, sayProblem, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import type { HubBoard } from "../board.js";
import "../board.js";
import type { Board } from "../model/board.js";
import { authorsPanel } from "./authors.js";
import { boardPageStyles } from "./board-page.styles.js";
import { menu } from "./menu.js";
import { PagesPanel } from "./pages-panel.js";
import { Replay, replayBar } from "./replay.js";
import { Saving } from "./saving.js";

export type Side = "authors" | "pages" | "menu" | null;

/** A board on a page of its own: its name, its pages, who draws, what the teacher can do. */
export class BoardPage extends HubElement {
  static immersive = true;
  static override properties = {
    params: { attribute: false },
    side: { state: true },
    confirming: { state: true },
    tick: { state: true },
  };
  static override styles = boardPageStyles;
  declare params: { id: string };
  declare side: Side;
  declare confirming: boolean;
  declare tick: number;
  replay: Replay | null = null;
  readonly pages = new PagesPanel(this);
  readonly saving = new Saving(this);
  private watched: HubBoard | null = null;

  constructor() {
    super();
    this.params = { id: "" };
    this.side = null;
    this.confirming = false;
    this.tick = 0;
  }

  protected override arrive(): void {
    this.on(hub.session, "change", () => this.again());
    this.on(document, "fullscreenchange", () => this.again());
  }

  protected override leave(): void {
    this.replay?.close();
    this.replay = null;
  }

  protected override updated(): void {
    const board = this.element;
    if (!board || board === this.watched) return;
    this.watched = board;
    board.addEventListener("board-changed", () => this.again());
  }

  again(): void {
    this.tick += 1;
  }

  get element(): HubBoard | null {
    return this.renderRoot.querySelector<HubBoard>("hub-board");
  }

  get session(): Board | null {
    return this.watched?.session ?? null;
  }

  open(side: Side): void {
    this.side = this.side === side ? null : side;
  }

  startReplay(): void {
    const { element, session } = this;
    if (!element?.stage || !session) return;
    this.side = null;
    this.replay?.close();
    this.replay = Replay.of(session, element.stage, () => this.again());
    if (!this.replay) say(t("Nothing has been drawn on this page yet."));
    this.again();
  }

  endReplay(): void {
    this.replay?.close();
    this.replay = null;
    this.again();
  }

  async show(): Promise<void> {
    try {
      await hub.api.post(`/boards/${encodeURIComponent(this.params.id)}/show`);
      say(t("The class's screen shows it."));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    const { session } = this;
    return html`<div class="frame">
      ${this.header()}
      <div class="main">
        <hub-board board=${this.params.id}></hub-board>
        ${this.aside()}
        ${this.replay ? replayBar(this.replay, () => this.endReplay()) : nothing}
        ${this.state(session)}
      </div>
    </div>
    <hub-dialog .open=${this.confirming} heading=${t("Clear this page?")} @close=${() => this.sure(false)}>
      <p>${t("All that was drawn on this page goes, by everybody. “Undo” brings it back.")}</p>
      <div class="row">
        <button class="primary" @click=${() => this.sure(true)}>${t("Clear the page")}</button>
        <button @click=${() => this.sure(false)}>${t("Cancel")}</button>
      </div>
    </hub-dialog>`;
  }

  private sure(clear: boolean): void {
    this.confirming = false;
    const { element, session } = this;
    if (!clear || !element?.stage || !session) return;
    const items = session.items(element.stage.page).all();
    if (items.length > 0) session.erase(items);
  }

  private header(): TemplateResult {
    const { session } = this;
    const lesson = session?.state?.board.lesson;
    const title = session?.state?.board.title || t("Board");
    const authors = session?.documents.length ?? "";
    return html`<header>
      <a class="button quiet icon" href=${lesson ? `/boards?lesson=${encodeURIComponent(lesson)}` : "/boards"}
        aria-label=${t("All boards")} title=${t("All boards")}>${icon("arrow-left")}</a>
      <h1>${title}</h1>
      ${this.pageSwitch()}
      <span class="grow"></span>
      ${this.kept()}
      ${session?.teacher ? this.teacher(session) : this.locked(session)}
      <button class="quiet ${this.side === "authors" ? "on" : ""}" aria-expanded=${this.side === "authors" ? "true" : "false"}
        aria-label=${`${t("Who draws")} ${authors}`} title=${t("Who draws")} @click=${() => this.open("authors")}>${drawing(layersIcon)}<span class="count">${authors}</span></button>
      <button class="quiet icon" aria-label=${t("How it came to be")} title=${t("How it came to be")}
        @click=${this.startReplay}>${drawing(history)}</button>
      ${helpLink()}
      <button class="quiet icon ${this.side === "menu" ? "on" : ""}" aria-expanded=${this.side === "menu" ? "true" : "false"}
        aria-label=${t("More")} title=${t("More")} @click=${() => this.open("menu")}>${drawing(more)}</button>
    </header>`;
  }

  private pageSwitch(): TemplateResult | typeof nothing {
    const { session, element } = this;
    const pages = session?.seenPages ?? [];
    if (pages.length === 0) return nothing;
    const at = pages.findIndex(({ id }) => id === element?.stage?.page);
    const to = (index: number) => {
      const page = pages[index];
      if (page) element?.go(page.id);
    };
    return html`<div class="pages" role="group" aria-label=${t("Pages")}>
      <button class="quiet icon" ?disabled=${at <= 0} aria-label=${t("Previous page")} title=${t("Previous page")}
        @click=${() => to(at - 1)}>${icon("left")}</button>
      <button class="quiet number" aria-expanded=${this.side === "pages" ? "true" : "false"} title=${t("Pages")}
        @click=${() => this.open("pages")}>${t("{n} of {all}", { n: at + 1, all: pages.length })}</button>
      <button class="quiet icon" ?disabled=${at >= pages.length - 1} aria-label=${t("Next page")} title=${t("Next page")}
        @click=${() => to(at + 1)}>${icon("right")}</button>
      ${
        session?.teacher
          ? html`<button class="quiet icon" aria-label=${t("Add a page")} title=${t("Add a page")} @click=${() => this.pages.add(null)}>${icon("plus")}</button>`
          : nothing
      }
    </div>`;
  }

  private kept(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session) return nothing;
    if (session.status !== "open") {
      return html`<span class="chip off" role="status"><span class="dot warn"></span>${t("No connection – what you draw is kept here")}</span>`;
    }
    return html`<span class="visually-hidden" role="status">${session.unsent ? t("Saving…") : t("Saved")}</span>
      <span class="kept ${session.unsent ? "waits" : ""}" title=${session.unsent ? t("Saving…") : t("Saved")}>${icon("check")}</span>`;
  }

  private locked(session: Board | null): TemplateResult | typeof nothing {
    if (!session?.own || session.mayDraw(this.element?.stage?.page ?? "")) return nothing;
    return html`<span class="chip">${drawing(lock)}${t("Only look")}</span>`;
  }

  private teacher(session: Board): TemplateResult {
    const { locked, follow: follows } = session.shared;
    const lockWords = locked ? t("Let all draw") : t("Lock the board");
    const followWords = follows ? t("Let pupils look around") : t("All follow me");
    return html`<button class="quiet icon ${locked ? "on" : ""}" aria-pressed=${locked ? "true" : "false"} aria-label=${lockWords}
        title=${lockWords} @click=${() => session.set("locked", !locked)}>${drawing(locked ? lock : unlock)}</button>
      <button class="quiet icon ${follows ? "on" : ""}" aria-pressed=${follows ? "true" : "false"} aria-label=${followWords}
        title=${followWords} @click=${() => {
          session.set("follow", !follows);
          if (!follows) this.element?.tellView();
        }}>${drawing(follow)}</button>
      <button class="quiet icon" aria-label=${t("Show on the class's screen")} title=${t("Show on the class's screen")}
        @click=${this.show}>${icon("present")}</button>`;
  }

  private aside(): TemplateResult | typeof nothing {
    const { side, session, element } = this;
    if (!side || !session || !element) return nothing;
    const close = html`<button class="quiet icon" aria-label=${t("Close")} @click=${() => this.open(null)}>${icon("close")}</button>`;
    const titles = { authors: t("Who draws"), pages: t("Pages"), menu: t("This board") };
    return html`<aside class="card"><div class="aside-head"><h2>${titles[side]}</h2>${close}</div>
      ${side === "authors" ? authorsPanel(session, element) : side === "pages" ? this.pages.render() : menu(this, session, element)}
    </aside>`;
  }

  private state(session: Board | null): TemplateResult | typeof nothing {
    const ended = session?.status === "ended";
    const problem = ended ? (session.state ? GONE : AWAY) : (session?.problem ?? null);
    if (problem)
      return html`<div class="trouble"><hub-notice .problem=${problem}></hub-notice></div>`;
    if (!session?.ready)
      return html`<div class="wait" role="status"><span class="visually-hidden">${t("Loading")}</span></div>`;
    return nothing;
  }
}
define("hub-board-page", BoardPage);

const AWAY: Problem = {
  code: "board-missing",
  title: N_("This board is not there, or it is not of your lesson."),
  hint: N_("Go back to the list of boards and choose one there."),
};
const GONE: Problem = {
  code: "board-gone",
  title: N_("You are no longer at this board."),
  hint: N_("The lesson may be over, or the board was deleted. Go back to the list of boards."),
};
