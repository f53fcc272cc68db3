import { define, HubElement } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";
import { EVEN, type PenSample, type PressureCurve, shape } from "./pen.js";

/** A sheet to scribble on: the line is as wide as the pen is pressed. What is drawn is kept nowhere. */
class PenSheet extends HubElement {
  static override properties = { curve: { attribute: false }, ratio: { type: Number } };
  static override styles = css`
    :host { display: block; }
    canvas { display: block; width: 100%; background: #fff; border-radius: var(--radius-m); border: 1px solid var(--line-strong); }
  `;
  declare curve: PressureCurve;
  /** Width by height of what the pen can reach. */
  declare ratio: number;
  private last: { x: number; y: number } | null = null;
  private context: CanvasRenderingContext2D | null = null;

  constructor() {
    super();
    this.curve = EVEN;
    this.ratio = 1.6;
  }

  /** Draw what a pen did. */
  draw(samples: PenSample[]): void {
    const context = this.context;
    if (!context) return;
    const { width, height } = context.canvas;
    for (const sample of samples) {
      const now = { x: sample.x * width, y: sample.y * height };
      if (sample.contact && this.last) {
        const pressed = shape(this.curve, sample.pressure);
        const lean = Math.min(Math.hypot(sample.tilt_x ?? 0, sample.tilt_y ?? 0) / 60, 1);
        context.lineWidth =
          (width / 700) * (1 + 9 * pressed + (sample.eraser ? 16 : 5 * lean * pressed));
        context.strokeStyle = sample.eraser ? "#fff" : "#17324d";
        context.beginPath();
        context.moveTo(this.last.x, this.last.y);
        context.lineTo(now.x, now.y);
        context.stroke();
      }
      this.last = sample.contact ? now : null;
    }
  }

  clear(): void {
    this.context?.clearRect(0, 0, this.context.canvas.width, this.context.canvas.height);
  }

  protected override updated(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    if (!canvas) return;
    canvas.style.aspectRatio = String(this.ratio);
    const width = Math.round((canvas.clientWidth || 600) * Math.min(devicePixelRatio, 2));
    const height = Math.round(width / this.ratio);
    if (canvas.width === width && canvas.height === height) return;
    canvas.width = width;
    canvas.height = height;
    this.context = canvas.getContext("2d");
    if (this.context) this.context.lineCap = "round";
  }

  override render(): TemplateResult {
    return html`<canvas></canvas>`;
  }
}
define("hub-pen-sheet", PenSheet);

export type { PenSheet };
