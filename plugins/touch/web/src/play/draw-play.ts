import { type Asset, hub, problemOf } from "@classhub/client";
import { define, icon, say, sayProblem, t } from "@classhub/ui";
import { css, html, type TemplateResult, unsafeCSS } from "lit";
import { Activity, type Finger } from "./activity.js";
import { COLOURS, playStyles } from "./play.styles.js";

const INKS = [...COLOURS, "#111111"];
const WIDTH = 6;

/** A sheet on which every finger draws; each side has its colours. */
class DrawPlay extends Activity {
  static override properties = { inks: { state: true } };
  static override styles = [
    ...playStyles,
    css`
      :host { background: #fff; }
      canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: crosshair; }
      .bar { position: absolute; left: 50%; translate: -50% 0; bottom: var(--space-3); display: flex; gap: var(--space-2); background: var(--surface); padding: var(--space-2); border-radius: 99px; box-shadow: var(--shadow); }
      .bar.far { bottom: auto; top: var(--space-3); rotate: 180deg; }
      .bar button { border-radius: 50%; padding: 0; width: var(--touch); }
      .ink { border: 4px solid var(--surface); }
      .ink[aria-pressed="true"] { outline: 4px solid var(--focus); outline-offset: 0; }
    `,
    unsafeCSS(
      INKS.map((ink, at) => `.ink${at}, .ink${at}:hover { background: ${ink}; }`).join("\n"),
    ),
  ];
  /** The colour of each half: the near one, the far one. */
  declare inks: [string, string];
  private readonly colours = new Map<number, string>();
  private keeping = false;

  constructor() {
    super();
    this.inks = [INKS[0] ?? "", INKS[1] ?? ""];
  }

  protected override arrive(): void {
    super.arrive();
    this.on(window, "resize", () => this.fit());
    void this.updateComplete.then(() => this.fit());
  }

  /** Give the sheet the size of the table, with what is on it. */
  private fit(): void {
    const canvas = this.canvas;
    const box = this.getBoundingClientRect();
    if (!canvas || (canvas.width === box.width && canvas.height === box.height)) return;
    const before = document.createElement("canvas");
    before.width = canvas.width;
    before.height = canvas.height;
    if (before.width && before.height) before.getContext("2d")?.drawImage(canvas, 0, 0);
    canvas.width = box.width;
    canvas.height = box.height;
    if (before.width && before.height) canvas.getContext("2d")?.drawImage(before, 0, 0);
  }

  private get canvas(): HTMLCanvasElement | null {
    return this.renderRoot.querySelector("canvas");
  }

  protected override tapped(element: HTMLElement): void {
    const side = Number(element.dataset.side);
    const ink = element.dataset.ink;
    if (ink) this.inks = side === 0 ? [ink, this.inks[1]] : [this.inks[0], ink];
    else if (element.dataset.tap === "keep") void this.keep();
    else {
      const canvas = this.canvas;
      canvas?.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
    }
  }

  /** Put the sheet into the lesson's album. */
  private async keep(): Promise<void> {
    const canvas = this.canvas;
    if (!canvas || this.keeping) return;
    this.keeping = true;
    try {
      const sheet = new OffscreenCanvas(canvas.width, canvas.height);
      const context = sheet.getContext("2d");
      if (!context) return;
      context.fillStyle = "#fff";
      context.fillRect(0, 0, sheet.width, sheet.height);
      context.drawImage(canvas, 0, 0);
      const form = new FormData();
      form.set("file", await sheet.convertToBlob({ type: "image/png" }), "drawing.png");
      form.set("title", t("Drawn at the table"));
      if (hub.session.lesson) form.set("lesson", hub.session.lesson.id);
      await hub.api.form<Asset>("/assets", form);
      say(t("The drawing is in the album."));
    } catch (error) {
      sayProblem(problemOf(error));
    } finally {
      this.keeping = false;
    }
  }

  protected override fingerDown(finger: Finger): void {
    if (finger.target.tagName !== "CANVAS") return;
    const half = finger.y < this.getBoundingClientRect().height / 2 ? 1 : 0;
    this.colours.set(finger.id, this.inks[half]);
    this.line(finger, finger);
  }

  protected override fingerMoved(finger: Finger, from: { x: number; y: number }): void {
    this.line(finger, from);
  }

  protected override fingerUp(finger: Finger): void {
    this.colours.delete(finger.id);
  }

  private line(finger: Finger, from: { x: number; y: number }): void {
    const colour = this.colours.get(finger.id);
    const context = this.canvas?.getContext("2d");
    if (!colour || !context) return;
    const box = this.getBoundingClientRect();
    context.strokeStyle = colour;
    context.lineWidth = WIDTH;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(from.x - box.left, from.y - box.top);
    context.lineTo(finger.x - box.left, finger.y - box.top + 0.01);
    context.stroke();
  }

  override render(): TemplateResult {
    const bar = (side: 0 | 1) =>
      html`<div class="bar ${side ? "far" : ""}" role="group" aria-label=${t("Colours")}>${INKS.map(
        (ink, at) =>
          html`<button class="ink ink${at}" data-tap="ink" data-side=${side} data-ink=${ink} aria-pressed=${this.inks[side] === ink ? "true" : "false"} aria-label=${t("Colour {number}", { number: at + 1 })}></button>`,
      )}<button data-tap="clear" data-side=${side} aria-label=${t("Wipe the sheet")}>${icon("erase")}</button><button data-tap="keep" aria-label=${t("Keep in the album")}>${icon("images")}</button></div>`;
    return html`<canvas aria-label=${t("Sheet for drawing")}></canvas>${bar(0)}${bar(1)}`;
  }
}
define("hub-draw-play", DrawPlay);
