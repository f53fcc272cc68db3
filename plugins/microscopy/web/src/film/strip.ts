import type { Asset } from "@classhub/client";
import { base, define, HubElement, icon, number, t, unitText, withUnit } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { isVideo } from "./media.js";
import { type Item, type Language, lasting, wordsOf } from "./model.js";

/** Pixels that a mouse moves before a press becomes a drag. */
const SLACK = 6;

/** Dispatched when a part is to stand elsewhere. */
export class MoveEvent extends Event {
  constructor(
    readonly from: number,
    readonly to: number,
  ) {
    super("move");
  }
}

/** Dispatched when a part is chosen, to change it. */
export class ChooseEvent extends Event {
  constructor(readonly index: number) {
    super("choose");
  }
}

interface Drag {
  pointer: number;
  index: number;
  x: number;
  y: number;
  moving: boolean;
}

/**
 * The parts of a film in their order. They are dragged by their handles (by mouse also by the
 * picture), or moved with Alt and the arrow keys.
 */
export class FilmStrip extends HubElement {
  static override properties = {
    items: { attribute: false },
    assets: { attribute: false },
    lengths: { attribute: false },
    language: {},
    chosen: { type: Number },
    fixed: { type: Boolean },
    dragged: { state: true },
  };
  static override styles = [
    base,
    css`
      ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: var(--space-3); user-select: none; -webkit-user-select: none; }
      li { display: grid; border-radius: var(--radius-m); background: var(--surface); box-shadow: var(--shadow); overflow: hidden; }
      li.dragged { opacity: 0.55; outline: 3px dashed var(--accent); outline-offset: -3px; }
      li.chosen { outline: 3px solid var(--accent); outline-offset: 1px; }
      .face { position: relative; padding: 0; border: 0; border-radius: 0; aspect-ratio: 16 / 9; background: #101614; color: #fff; overflow: hidden; }
      .face:hover { background: #101614; }
      .face:focus-visible { outline-offset: -4px; }
      .face img { width: 100%; height: 100%; object-fit: contain; pointer-events: none; }
      .face .card-words { font: var(--type-small); padding: 0.5rem 2rem; overflow: hidden; max-height: 100%; }
      .face b { position: absolute; left: 0.4rem; top: 0.4rem; background: rgb(8 14 13 / 78%); border-radius: 99px; padding: 0.05em 0.6em; font: var(--type-small); font-weight: 700; }
      .face .clip { position: absolute; right: 0.4rem; top: 0.4rem; background: rgb(8 14 13 / 78%); border-radius: 99px; padding: 0.25em 0.4em; }
      .clip svg { width: 1.1em; height: 1.1em; }
      .foot { display: flex; align-items: center; min-height: var(--touch); padding-inline-start: var(--space-3); font: var(--type-small); font-variant-numeric: tabular-nums; }
      .handle { width: var(--touch); height: var(--touch); display: grid; place-items: center; color: var(--muted); cursor: grab; touch-action: none; margin-inline-start: auto; flex: none; }
      .dragging .handle { cursor: grabbing; }
    `,
  ];
  declare items: Item[];
  declare assets: ReadonlyMap<string, Asset>;
  declare lengths: ReadonlyMap<string, number>;
  declare language: Language;
  declare chosen: number;
  /** The order cannot be changed by this person. */
  declare fixed: boolean;
  declare dragged: number;
  private drag: Drag | null = null;

  constructor() {
    super();
    this.items = [];
    this.assets = new Map();
    this.lengths = new Map();
    this.language = "kk";
    this.chosen = -1;
    this.fixed = false;
    this.dragged = -1;
  }

  private press(event: PointerEvent, index: number, byHandle: boolean): void {
    if (this.fixed || event.button !== 0 || (!byHandle && event.pointerType !== "mouse")) return;
    this.drag = {
      pointer: event.pointerId,
      index,
      x: event.clientX,
      y: event.clientY,
      moving: byHandle,
    };
    if (byHandle) this.hold(event.pointerId, index);
  }

  /** The list keeps the pointer, so that it is heard wherever it goes. */
  private hold(pointer: number, index: number): void {
    this.renderRoot.querySelector("ol")?.setPointerCapture(pointer);
    this.dragged = index;
  }

  private move(event: PointerEvent): void {
    const { drag } = this;
    if (!drag || drag.pointer !== event.pointerId) return;
    if (!drag.moving) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < SLACK) return;
      drag.moving = true;
      this.hold(drag.pointer, drag.index);
    }
    const to = this.at(event.clientX, event.clientY);
    if (to < 0 || to === drag.index) return;
    this.dispatchEvent(new MoveEvent(drag.index, to));
    drag.index = to;
    this.dragged = to;
  }

  private release(event: PointerEvent): void {
    if (this.drag?.pointer !== event.pointerId) return;
    this.drag = null;
    this.dragged = -1;
  }

  private at(x: number, y: number): number {
    return [...this.renderRoot.querySelectorAll("li")].findIndex((one) => {
      const box = one.getBoundingClientRect();
      return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
    });
  }

  private key(event: KeyboardEvent, index: number): void {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    const to = index + step;
    if (to < 0 || to >= this.items.length) return;
    event.preventDefault();
    if (event.altKey && !this.fixed) this.dispatchEvent(new MoveEvent(index, to));
    else if (event.altKey) return;
    this.dispatchEvent(new ChooseEvent(to));
    this.renderRoot.querySelectorAll<HTMLElement>(".face")[to]?.focus();
  }

  override render(): TemplateResult {
    return html`<ol class=${this.dragged >= 0 ? "dragging" : ""} aria-label=${t("Parts of the film")}
      @pointermove=${this.move} @pointerup=${this.release} @pointercancel=${this.release}>${this.items.map(
        (item, index) => this.one(item, index),
      )}</ol>`;
  }

  private one(item: Item, index: number): TemplateResult {
    const asset = item.asset === null ? undefined : this.assets.get(item.asset);
    const words = wordsOf(item.title, this.language) || wordsOf(item.caption, this.language);
    const what = item.asset === null ? t("Title card") : asset?.note || asset?.title || "";
    const state = `${index === this.dragged ? "dragged" : ""} ${index === this.chosen ? "chosen" : ""}`;
    return html`<li class=${state}>
      <button class="face" aria-label="${index + 1}. ${words || what}" aria-pressed=${index === this.chosen ? "true" : "false"}
        aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight" @click=${() => this.dispatchEvent(new ChooseEvent(index))}
        @pointerdown=${(event: PointerEvent) => this.press(event, index, false)}
        @keydown=${(event: KeyboardEvent) => this.key(event, index)}>
        ${this.face(item, asset, words)}
        <b>${index + 1}</b>${asset && isVideo(asset) ? html`<span class="clip">${icon("video")}</span>` : nothing}
      </button>
      <div class="foot"><span>${withUnit(number(lasting(item, this.lengths), 1), unitText("s"))}</span>
        ${
          this.fixed
            ? nothing
            : html`<span class="handle" title=${t("Drag to another place")} @pointerdown=${(event: PointerEvent) => this.press(event, index, true)}>${icon("grip")}</span>`
        }</div>
    </li>`;
  }

  private face(item: Item, asset: Asset | undefined, words: string): TemplateResult {
    if (item.asset === null) return html`<span class="card-words">${words}</span>`;
    if (!asset) return html`<span class="card-words">${t("No longer there")}</span>`;
    return asset.links.thumbnail
      ? html`<img src=${asset.links.thumbnail} alt="" draggable="false">`
      : icon("video");
  }
}
define("hub-film-strip", FilmStrip);
