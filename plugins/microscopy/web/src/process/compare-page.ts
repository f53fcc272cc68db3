import { type Asset, hub, type Problem, problemOf } from "@classhub/client";
import { base, clock, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";

type Way = "beside" | "blink";
const BLINK = 700;
const MOST_ZOOM = 20;

/** Two pictures side by side, moved and enlarged as one, or one after the other in one place. */
class ComparePage extends HubElement {
  static immersive = true;
  static override properties = {
    assets: { state: true },
    way: { state: true },
    shown: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; grid-template-rows: auto minmax(0, 1fr); height: 100vh; height: 100dvh; background: #0a0f0e; color: #eaf1ee; }
      header { display: flex; align-items: center; gap: var(--space-3); padding: var(--space-3) var(--space-4); }
      h1 { font: var(--type-heading); flex: 1; }
      .over, .over:hover { background: rgb(255 255 255 / 10%); color: #fff; border-color: rgb(255 255 255 / 28%); }
      .over[aria-pressed="true"] { background: var(--accent); color: var(--on-accent); }
      .views { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); gap: 4px; min-height: 0; touch-action: none; cursor: grab; }
      @media (orientation: portrait) { .views { grid-auto-flow: row; grid-auto-rows: minmax(0, 1fr); } }
      figure { position: relative; overflow: hidden; min-height: 0; }
      .views.blink { grid-auto-flow: row; grid-template: minmax(0, 1fr) / minmax(0, 1fr); }
      .views.blink figure { grid-area: 1 / 1; }
      .views.blink figure.hidden { visibility: hidden; }
      img { width: 100%; height: 100%; object-fit: contain; transform-origin: 0 0; user-select: none; -webkit-user-drag: none; }
      figcaption { position: absolute; left: 0.6rem; bottom: 0.6rem; background: rgb(8 14 13 / 72%); padding: 0.2em 0.7em; border-radius: 99px; font: var(--type-small); }
    `,
  ];
  declare assets: Asset[];
  declare way: Way;
  declare shown: number;
  declare problem: Problem | null;
  private zoom = 1;
  private left = 0;
  private top = 0;
  private readonly fingers = new Map<number, { x: number; y: number }>();

  constructor() {
    super();
    this.assets = [];
    this.way = "beside";
    this.shown = 0;
    this.problem = null;
  }

  protected override arrive(): void {
    this.on(document, "keydown", (event) => this.key(event as KeyboardEvent));
    this.every(BLINK, () => {
      if (this.way === "blink") this.shown = 1 - this.shown;
    });
    void this.load();
  }

  private async load(): Promise<void> {
    const ids = (new URLSearchParams(location.search).get("assets") ?? "").split(",");
    try {
      const wanted = ids.filter(Boolean).slice(0, 2);
      this.assets = await Promise.all(
        wanted.map((id) => hub.api.get<Asset>(`/assets/${encodeURIComponent(id)}`)),
      );
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private key(event: KeyboardEvent): void {
    const step = {
      ArrowLeft: [60, 0],
      ArrowRight: [-60, 0],
      ArrowUp: [0, 60],
      ArrowDown: [0, -60],
    }[event.key];
    if (step) this.move(step[0] ?? 0, step[1] ?? 0);
    else if (event.key === "+" || event.key === "=") this.scale(1.25, null);
    else if (event.key === "-") this.scale(0.8, null);
    else if (event.key === "0") this.reset();
    else return;
    event.preventDefault();
  }

  private reset(): void {
    this.zoom = 1;
    this.left = 0;
    this.top = 0;
    this.place();
  }

  private move(x: number, y: number): void {
    this.left += x;
    this.top += y;
    this.place();
  }

  private scale(factor: number, at: { x: number; y: number } | null): void {
    const room = this.renderRoot.querySelector("figure")?.getBoundingClientRect();
    const point = at ?? { x: (room?.width ?? 0) / 2, y: (room?.height ?? 0) / 2 };
    const zoom = Math.min(Math.max(this.zoom * factor, 1), MOST_ZOOM);
    const real = zoom / this.zoom;
    this.left = point.x - (point.x - this.left) * real;
    this.top = point.y - (point.y - this.top) * real;
    this.zoom = zoom;
    this.place();
  }

  /** Lay both pictures alike; part of them always stays in sight. */
  private place(): void {
    const room = this.renderRoot.querySelector("figure")?.getBoundingClientRect();
    if (room) {
      this.left = Math.min(0, Math.max(this.left, room.width * (1 - this.zoom)));
      this.top = Math.min(0, Math.max(this.top, room.height * (1 - this.zoom)));
    }
    for (const image of this.renderRoot.querySelectorAll<HTMLElement>("img")) {
      image.style.transform = `translate(${this.left}px, ${this.top}px) scale(${this.zoom})`;
    }
  }

  private within(event: PointerEvent | WheelEvent): { x: number; y: number } {
    const figure = (event.target as Element).closest("figure")?.getBoundingClientRect();
    return { x: event.clientX - (figure?.left ?? 0), y: event.clientY - (figure?.top ?? 0) };
  }

  private down(event: PointerEvent): void {
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  private drag(event: PointerEvent): void {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    const now = { x: event.clientX, y: event.clientY };
    if (other) {
      const apart = (at: { x: number; y: number }) => Math.hypot(at.x - other.x, at.y - other.y);
      this.scale(apart(now) / Math.max(apart(before), 1), null);
    } else this.move(now.x - before.x, now.y - before.y);
    this.fingers.set(event.pointerId, now);
  }

  private up(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.scale(event.deltaY < 0 ? 1.2 : 1 / 1.2, this.within(event));
  }

  private choose(way: Way): void {
    this.way = way;
    this.reset();
  }

  override render(): TemplateResult {
    const button = (way: Way, words: string) =>
      html`<button class="over" aria-pressed=${this.way === way ? "true" : "false"} @click=${() => this.choose(way)}>${words}</button>`;
    return html`<header>
        <button class="over icon" @click=${() => history.back()} aria-label=${t("Back")}>${icon("arrow-left")}</button>
        <h1>${t("Compare")}</h1>
        ${button("beside", t("Side by side"))}${button("blink", t("Blink"))}
      </header>
      ${
        this.problem || this.assets.length < 2
          ? html`<div class="page"><hub-notice .problem=${this.problem}></hub-notice>
            <p>${t("Choose two pictures in an album to compare them.")}</p></div>`
          : html`<div class="views ${this.way}" @pointerdown=${this.down} @pointermove=${this.drag} @pointerup=${this.up}
              @pointercancel=${this.up} @wheel=${this.wheel}>${this.assets.map(
                (asset, index) =>
                  html`<figure class=${index === this.shown || this.way === "beside" ? "" : "hidden"}>
                    <img src=${asset.links.content} alt=${asset.note || asset.title} draggable="false">
                    <figcaption>${asset.title} · ${clock(asset.created)}</figcaption></figure>`,
              )}</div>`
      }`;
  }
}
define("hub-compare-page", ComparePage);
