import { type Asset, hub, type Problem, problemOf } from "@classhub/client";
import {
  clock,
  day,
  define,
  givenName,
  HubElement,
  helpLink,
  icon,
  number,
  optionText,
  personName,
  t,
  unitText,
  withUnit,
} from "@classhub/ui";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { albumOf } from "../album.js";
import { type ScaleBar, scaleBar } from "../scale.js";
import { compareStyles } from "./compare-page.styles.js";

type Way = "beside" | "blink";
const BLINK = 700;
const MOST_ZOOM = 20;
/** The scale bar's greatest width, as a part of its picture's room. */
const LONGEST_BAR = 0.3;
/** Scales that differ by less show the same thing in the same size. */
const SAME_SCALE = 0.01;

/** Two pictures side by side, moved and enlarged as one, or one after the other in one place. */
class ComparePage extends HubElement {
  static immersive = true;
  static override properties = {
    assets: { state: true },
    way: { state: true },
    shown: { state: true },
    problem: { state: true },
    bars: { state: true },
    loaded: { state: true },
  };
  static override styles = compareStyles;
  declare assets: Asset[];
  declare way: Way;
  declare shown: number;
  declare problem: Problem | null;
  /** A scale bar for each picture of which the scale is known. */
  declare bars: (ScaleBar | null)[];
  declare loaded: boolean;
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
    this.bars = [];
    this.loaded = false;
  }

  protected override arrive(): void {
    this.on(window, "resize", () => this.place());
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
    this.loaded = true;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("assets") || changed.has("way")) this.place();
    if (changed.has("bars")) {
      for (const [index, line] of this.renderRoot
        .querySelectorAll<HTMLElement>(".scale i")
        .entries())
        line.style.width = `${this.bars.filter((bar) => bar !== null)[index]?.width ?? 0}px`;
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
    if (room) this.bars = this.assets.map((asset) => this.barOf(asset, room));
  }

  private barOf(asset: Asset, room: DOMRect): ScaleBar | null {
    const scale = scaleOf(asset);
    if (scale === null || !asset.width || !asset.height) return null;
    const fitted = Math.min(room.width / asset.width, room.height / asset.height);
    return scaleBar(scale, fitted * this.zoom, room.width * LONGEST_BAR);
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
    const both = this.assets.length === 2;
    return html`<header>
        <a class="over icon button" href=${albumOf(this.assets[0])} aria-label=${t("Back to the album")}>${icon("arrow-left")}</a>
        <h1>${t("Compare")}</h1>
        ${both ? html`<div class="ways" role="group" aria-label=${t("How to compare")}>${button("beside", t("Side by side"))}${button("blink", t("Blink"))}</div>` : nothing}
        <span class="grow"></span>${helpLink("over")}
      </header>
      ${both ? this.views() : this.loaded ? this.empty() : nothing}`;
  }

  private empty(): TemplateResult {
    return html`<div class="empty"><hub-notice .problem=${this.problem}></hub-notice>
      ${icon("images")}<p>${t("Choose two pictures in an album to compare them.")}</p>
      <a class="button over" href="/albums?show=all">${t("To the albums")}</a></div>`;
  }

  private views(): TemplateResult {
    const [one, other] = this.assets.map(scaleOf);
    const differ = one && other && Math.abs(one / other - 1) > SAME_SCALE;
    return html`<div class="room"><div class="views ${this.way}" @pointerdown=${this.down} @pointermove=${this.drag} @pointerup=${this.up}
        @pointercancel=${this.up} @wheel=${this.wheel}>${this.assets.map((asset, index) =>
          this.picture(asset, index),
        )}</div>
      ${differ ? html`<p class="note">${t("Their scales differ: compare sizes by the scale bars.")}</p>` : nothing}</div>`;
  }

  private picture(asset: Asset, index: number): TemplateResult {
    const bar = this.bars[index];
    const length = bar ? withUnit(number(bar.figure), unitText(bar.unit)) : "";
    const title = asset.note || givenName(asset.title) || t("Picture");
    return html`<figure class=${index === this.shown || this.way === "beside" ? "" : "hidden"}>
      <img src=${asset.links.content} alt=${title} draggable="false">
      <figcaption><b>${title}</b><span>${facts(asset)}</span></figcaption>
      ${bar ? html`<div class="scale" role="img" aria-label=${t("Scale bar: {length}", { length })}><span>${length}</span><i></i></div>` : nothing}
    </figure>`;
  }
}

/** Micrometres to a pixel of the picture, or null where that is not known. */
function scaleOf(asset: Asset): number | null {
  const { scale } = asset.info;
  return typeof scale === "number" && scale > 0 ? scale : null;
}

/** What tells one picture from the other: by whom, when, through which objective, at what scale. */
function facts(asset: Asset): string {
  const { objective } = asset.info;
  const scale = scaleOf(asset);
  return [
    personName(asset.owner?.name ?? ""),
    `${day(asset.created)}, ${clock(asset.created)}`,
    typeof objective === "string" && objective ? optionText(objective) : "",
    scale === null ? t("scale not known") : withUnit(number(scale, 4), unitText("um/px")),
  ]
    .filter(Boolean)
    .join(" · ");
}
define("hub-compare-page", ComparePage);
