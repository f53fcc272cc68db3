import { type Asset, hub, type Problem, problemOf } from "@classhub/client";
import { define, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { Activity, type Finger } from "./activity.js";
import { after, bounded, fitting, type Move, STILL, scaleOf } from "./matrix.js";
import { playStyles } from "./play.styles.js";

const MOST_SCALE = 40;

/** What is drawn: in its own units, `width` x `height`. */
export interface Sheet {
  width: number;
  height: number;
  draw(context: CanvasRenderingContext2D, scale: number): void;
}

/** A map, or a picture of the lesson, that many fingers shift, spread and turn. */
class MapPlay extends Activity {
  static override properties = { asset: {}, problem: { state: true } };
  static override styles = [
    ...playStyles,
    css`
      canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: grab; }
      .whole { position: absolute; left: 50%; translate: -50% 0; bottom: var(--space-3); }
      .whole.far { bottom: auto; top: var(--space-3); rotate: 180deg; }
      .alone { position: absolute; inset: 0; display: grid; place-content: center; padding: var(--space-5); }
    `,
  ];
  /** The id of a picture; empty for the world. */
  declare asset: string;
  declare problem: Problem | null;
  private sheet: Sheet | null = null;
  private view: Move = STILL;
  private least = 1;
  private frame = 0;

  constructor() {
    super();
    this.asset = "";
    this.problem = null;
  }

  protected override arrive(): void {
    super.arrive();
    this.on(window, "resize", () => this.whole());
    this.on(this, "wheel", (event) => this.wheel(event as WheelEvent));
    this.until(() => cancelAnimationFrame(this.frame));
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.sheet = this.asset ? await pictureOf(this.asset) : (await import("./world.js")).world();
      await this.updateComplete;
      this.whole();
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  /** Show all of it. */
  private whole(): void {
    const sheet = this.sheet;
    if (!sheet) return;
    const box = this.getBoundingClientRect();
    this.least = Math.min(box.width / sheet.width, box.height / sheet.height) || 1;
    this.view = {
      a: this.least,
      b: 0,
      e: (box.width - sheet.width * this.least) / 2,
      f: (box.height - sheet.height * this.least) / 2,
    };
    this.later();
  }

  protected override tapped(): void {
    this.whole();
  }

  protected override fingerMoved(finger: Finger, from: { x: number; y: number }): void {
    // From report to report: what one finger did while the others rested.
    const all = [...this.fingers.values()].filter((one) => !one.target.closest("[data-tap]"));
    if (!all.includes(finger)) return;
    const before = all.map((one) => (one === finger ? from : { x: one.x, y: one.y }));
    this.shift(fitting(before, all), finger);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const factor = Math.exp(-event.deltaY / 400);
    const [x, y] = [event.clientX, event.clientY];
    this.shift({ a: factor, b: 0, e: x * (1 - factor), f: y * (1 - factor) }, { x, y });
  }

  private shift(step: Move, about: { x: number; y: number }): void {
    this.view = bounded(after(this.view, step), this.least * 0.8, this.least * MOST_SCALE, about);
    this.later();
  }

  private later(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  }

  private paint(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    const context = canvas?.getContext("2d");
    if (!canvas || !context || !this.sheet) return;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    const box = this.getBoundingClientRect();
    const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const { a, b, e, f } = this.view;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(a * ratio, b * ratio, -b * ratio, a * ratio, e * ratio, f * ratio);
    this.sheet.draw(context, scaleOf(this.view));
    this.dataset.scale = (scaleOf(this.view) / this.least).toFixed(2);
  }

  override render(): TemplateResult {
    if (this.problem) {
      return html`<div class="alone"><hub-notice .problem=${this.problem}></hub-notice></div>`;
    }
    const button = (far: boolean) =>
      html`<button class="whole ${far ? "far" : ""}" data-tap="whole">${t("Show all of it")}</button>`;
    return html`<canvas aria-label=${this.asset ? t("Picture") : t("Map of the world")}></canvas>${button(false)}${button(true)}${nothing}`;
  }
}
define("hub-map-play", MapPlay);

async function pictureOf(id: string): Promise<Sheet> {
  const asset = await hub.api.get<Asset>(`/assets/${encodeURIComponent(id)}`);
  const image = new Image();
  image.src = asset.links.content;
  await image.decode();
  return {
    width: image.naturalWidth,
    height: image.naturalHeight,
    draw: (context) => context.drawImage(image, 0, 0),
  };
}
