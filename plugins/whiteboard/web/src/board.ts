import { hub, hubFor, N_, type Problem } from "@classhub/client";
import { define, HubElement, i18n, personName, sayProblem, t } from "@classhub/ui";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { boardStyles } from "./board.styles.js";
import { listen } from "./input/listen.js";
import { Pointers } from "./input/pointers.js";
import { Board } from "./model/board.js";
import type { Note } from "./model/items.js";
import type { TeacherView } from "./sync/link.js";
import { dock } from "./tools/dock.js";
import { Hand } from "./tools/hand.js";
import { keys } from "./tools/keys.js";
import { COLOURS, type Kit, keepKit, rememberedKit, type Tool } from "./tools/kit.js";
import { NoteEditor } from "./tools/note-editor.js";
import { Others } from "./tools/others.js";
import { Selection } from "./tools/selection.js";
import { Strokes } from "./tools/strokes.js";
import { backdrop, paper } from "./view/backdrop.js";
import { edge, overlay } from "./view/overlay.js";
import { SHEET, Stage } from "./view/stage.js";
import { Tips } from "./view/tips.js";
import { fitted } from "./view/view.js";

/** At most twenty views a second are told. */
const TELLS_VIEW = 60;
const TIDIES = 2_000;

/** Dispatched when anything of the board changes that is said beside it. */
export class BoardChanged extends Event {
  constructor() {
    super("board-changed");
  }
}

/**
 * The shared board: pages to draw on together. Attributes: `board`, its id; `page`, one page of it;
 * `plain`: no tools. It fills the room that it is given.
 */
export class HubBoard extends HubElement {
  static override properties = {
    board: {},
    page: {},
    plain: { type: Boolean, reflect: true },
    kit: { attribute: false },
    tick: { state: true },
  };
  static override styles = boardStyles;
  declare board: string;
  declare page: string;
  declare plain: boolean;
  declare kit: Kit;
  declare tick: number;
  /** The board behind it, once it is there. */
  session: Board | null = null;
  stage: Stage | null = null;
  selection: Selection | null = null;
  /** The teacher's view is followed until one moves the page oneself. */
  following = true;
  /** The page was chosen here, not by the teacher. */
  private chosen = false;
  private strokes: Strokes | null = null;
  private others: Others | null = null;
  private tips: Tips | null = null;
  private hand: Hand | null = null;
  private pointers: Pointers | null = null;
  private readonly notes = new NoteEditor(() => this.refresh());
  private end: AbortController | null = null;
  private toldView = 0;
  private lastView: TeacherView | null = null;
  private said = 0;

  constructor() {
    super();
    this.board = "";
    this.page = "";
    this.plain = false;
    this.kit = rememberedKit();
    this.tick = 0;
  }

  protected override leave(): void {
    this.shut();
  }

  protected override arrive(): void {
    if (this.hasUpdated) this.begin();
    this.every(TIDIES, () => {
      this.others?.tidy();
      this.tips?.want();
    });
    this.on(window, "beforeunload", (event) => {
      if (this.session?.unsent) event.preventDefault();
    });
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("board")) this.begin();
    this.notes.place(this.renderRoot, this.stage);
  }

  private shut(): void {
    this.end?.abort();
    this.end = null;
    this.strokes?.close();
    this.tips?.close();
    this.tips = null;
    this.stage?.close();
    this.session?.close();
    this.session = null;
    this.stage = null;
    this.hand = null;
  }

  /** The parts of the page are there: open the board. */
  private begin(): void {
    this.shut();
    if (!this.board) return;
    const find = <T extends Element>(selector: string) =>
      this.renderRoot.querySelector(selector) as T;
    const from = this.getRootNode() instanceof ShadowRoot ? hub : hubFor(this);
    from.speak(i18n.language);
    const session = new Board(from, this.board, {
      changed: () => this.changed(),
      items: (change) => {
        for (const { id } of change.added) this.others?.end(id);
        stage.changed(change);
        this.refresh();
      },
      live: (entries) => {
        this.others?.hear(entries, stage.page);
        this.tips?.want();
      },
      view: (view) => this.follow(view),
      problem: (problem) => sayProblem(problem),
    });
    const host = find<HTMLElement>(".stage");
    const stage = new Stage(
      session,
      {
        sheets: find(".sheets"),
        lower: find(".lower"),
        upper: find(".upper"),
      },
      { moved: () => this.moved(), whole: () => host.setAttribute("data-state", "whole") },
      (asset) => session.hub.api.url(`/boards/${this.board}/assets/${encodeURIComponent(asset)}`),
    );
    this.session = session;
    this.stage = stage;
    this.strokes = new Strokes(session, stage.wet);
    const others = new Others(stage.wet, (author) => !stage.unseen.has(author));
    const nameOf = (author: string) => personName(session.author(author)?.title ?? "");
    this.others = others;
    this.tips = new Tips(find(".tips"), others.tips, () => stage.view, nameOf);
    this.selection = new Selection(session, stage, host, () => this.refresh());
    this.hand = new Hand(session, stage, this.strokes, this.selection, {
      kit: () => this.kit,
      colour: () => this.colour,
      changed: () => this.refresh(),
      refused: () => this.refused(),
      writeNote: (x, y) => this.notes.write(session, stage.page, x, y, this.kit.note),
      editNote: (note) => this.notes.edit(session, note),
    });
    this.listen(host, stage);
  }

  private listen(host: HTMLElement, stage: Stage): void {
    const { hand } = this;
    if (!hand) return;
    this.end = new AbortController();
    const { signal } = this.end;
    this.pointers = new Pointers({
      start: (press, at) => {
        this.notes.finish();
        hand.start(press, at);
      },
      go: (press, samples, expected) => hand.go(press, samples, expected),
      end: (press) => hand.end(press),
      cancel: (press) => hand.cancel(press),
      look: (...by) => {
        this.following = false;
        hand.look(...by);
      },
      hover: (at) => hand.hover(at),
    });
    this.pointers.hand = this.kit.tool === "hand";
    listen(host, this.pointers, { ...handlersOf(hand), look: (...by) => this.look(...by) }, signal);
    keys(this, signal);
    const watch = new ResizeObserver(() => {
      stage.resize({ width: host.clientWidth, height: host.clientHeight });
    });
    watch.observe(host);
    signal.addEventListener("abort", () => watch.disconnect());
  }

  private look(factor: number, x: number, y: number, byX: number, byY: number): void {
    this.following = false;
    this.hand?.look(factor, x, y, byX, byY);
  }

  // What others do

  private changed(): void {
    const { session, stage } = this;
    if (!session || !stage) return;
    const wanted = this.page || (this.chosen ? stage.page : session.shared.page);
    const there = session.seenPages.some(({ id }) => id === wanted);
    const page = there ? wanted : (session.seenPages[0]?.id ?? "");
    if (page && page !== stage.page) stage.open(page);
    const hidden = JSON.stringify(session.shared.layers);
    if (hidden !== this.hiddenBefore) {
      this.hiddenBefore = hidden;
      stage.repaint();
    }
    this.dispatchEvent(new BoardChanged());
    this.refresh();
  }

  private hiddenBefore = "";

  private follow(view: TeacherView): void {
    this.lastView = view;
    const { session, stage } = this;
    if (!session || !stage || session.teacher || !this.following) return;
    if (!session.shared.follow || view.page === null) return;
    if (!session.seenPages.some(({ id }) => id === view.page)) return;
    this.chosen = true;
    stage.open(view.page);
    stage.look(fitted(view, stage.room));
  }

  /** Follow the teacher again. */
  followAgain(): void {
    this.following = true;
    if (this.lastView) this.follow(this.lastView);
    this.refresh();
  }

  private moved(): void {
    const { session, stage } = this;
    this.selection?.placeGhost();
    this.tips?.want();
    this.tick += 1;
    if (!session?.teacher || !session.shared.follow || !stage || this.toldView) return;
    this.toldView = window.setTimeout(() => {
      this.toldView = 0;
      session.sendView({ page: stage.page, ...stage.sight });
    }, TELLS_VIEW);
  }

  /** Tell where the teacher looks, at once. */
  tellView(): void {
    if (this.stage) this.session?.sendView({ page: this.stage.page, ...this.stage.sight });
  }

  private refused(): void {
    if (performance.now() - this.said < 3_000) return;
    this.said = performance.now();
    const { session } = this;
    if (!session || session.own === null) return;
    sayProblem(session.state?.board.running === false ? OVER : LOCKED);
  }

  // What the tools do

  /** Render again with the next frame; more often nobody sees it. */
  refresh(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.tick += 1;
    });
  }

  private frame = 0;

  get colour(): string {
    const own = this.session?.own;
    return (
      this.kit.colour ||
      (own && this.session?.author(own)?.colour) ||
      COLOURS[0]?.colour ||
      "#14221f"
    );
  }

  take(tool: Tool): void {
    this.notes.finish();
    this.selection?.clear();
    this.kit = { ...this.kit, tool };
    if (this.pointers) this.pointers.hand = tool === "hand";
  }

  /** While a key is held, the page is moved instead. */
  hold(hand: boolean): void {
    if (this.pointers) this.pointers.hand = hand || this.kit.tool === "hand";
    this.renderRoot.querySelector(".stage")?.classList.toggle("hand", hand);
  }

  setKit(change: Partial<Kit>): void {
    this.kit = { ...this.kit, ...change };
    keepKit(this.kit);
  }

  go(page: string): void {
    this.chosen = true;
    this.following = false;
    this.selection?.clear();
    this.notes.finish();
    this.stage?.open(page);
    this.changed();
  }

  /** Show or hide an author's layer for oneself. */
  see(author: string, seen: boolean): void {
    if (seen) this.stage?.unseen.delete(author);
    else this.stage?.unseen.add(author);
    this.stage?.repaint();
    this.refresh();
    this.dispatchEvent(new BoardChanged());
  }

  editNote(note: Note): void {
    if (this.session) this.notes.edit(this.session, note);
  }

  override render(): TemplateResult {
    const { session, stage, kit } = this;
    const page = session?.page(stage?.page ?? "");
    const draws = session !== null && stage !== null && session.mayDraw(stage.page);
    const mode = kit.tool === "select" || kit.tool === "hand" ? kit.tool : "draws";
    return html`<div class="stage ${draws || mode === "hand" ? mode : "looks"}" tabindex="0" role="application"
      aria-label=${t("Board")} .style=${paper(page?.background ?? null, stage?.view)}>
      ${backdrop(page?.background ?? null, stage?.view, (asset) => session?.hub.api.url(`/boards/${this.board}/assets/${encodeURIComponent(asset)}`) ?? "")}
      <div class="sheets"></div>
      <div class="lower"></div><div class="upper"></div>
      ${edge(stage, SHEET)}${overlay(stage, this.selection, this.hand, draws)}
      <div class="tips" aria-hidden="true"></div>
      ${this.notes.render()}
    </div>
    ${this.plain || !session?.own ? nothing : dock(this, draws)}
    ${this.pill()}`;
  }

  private pill(): TemplateResult | typeof nothing {
    const { session } = this;
    if (!session || this.plain) return nothing;
    if (session.shared.follow && !session.teacher && !this.following && this.lastView?.page) {
      return html`<button class="pill sun" @click=${this.followAgain}>${t("Follow the teacher")}</button>`;
    }
    return nothing;
  }
}
define("hub-board", HubBoard);

function handlersOf(hand: Hand) {
  return {
    start: hand.start.bind(hand),
    go: hand.go.bind(hand),
    end: hand.end.bind(hand),
    cancel: hand.cancel.bind(hand),
    look: hand.look.bind(hand),
    hover: hand.hover.bind(hand),
  };
}

const LOCKED: Problem = {
  code: "board-locked",
  severity: "warning",
  title: N_("The teacher has locked the board."),
  hint: N_("You can look at it and move around. Drawing goes on when the teacher unlocks it."),
};
const OVER: Problem = {
  code: "board-over",
  severity: "warning",
  title: N_("The lesson is over: the board is only for looking now."),
  hint: "",
};
