import { base, HubElement } from "@classhub/ui";
import type { GeoProjection } from "d3-geo";
import { css, html, type TemplateResult } from "lit";
import { near, type PlaceShort } from "../model.js";

export type Point = [number, number];

const CLICK = 6;

/** A picture on a canvas that is turned with a finger, and that flies to a place by itself. */
export abstract class TurningView extends HubElement {
  static override properties = { place: { attribute: false }, label: {} };
  static override styles = [
    base,
    css`
      :host { position: relative; touch-action: none; min-height: 16rem; overflow: hidden; }
      canvas { position: absolute; inset: 0; width: 100%; height: 100%; cursor: grab; border-radius: var(--radius-l); }
      canvas:active { cursor: grabbing; }
    `,
  ];
  /** What is shown: the picture turns there. */
  declare place: PlaceShort | null;
  declare label: string;
  protected abstract readonly projection: GeoProjection;
  /** Milliseconds that a flight takes. */
  protected abstract readonly duration: number;
  /** It is under way, with a finger or by itself. */
  protected moving = false;
  private frame = 0;
  /** The step of a flight that is due; 0 while it rests. */
  private flight = 0;
  private readonly fingers = new Map<number, { x: number; y: number }>();
  private moved = 0;

  constructor() {
    super();
    this.place = null;
    this.label = "";
  }

  /** Paint; nothing where there is nothing yet. */
  protected abstract paint(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
    ratio: number,
  ): void;
  /** A finger touched this, and did not turn it. */
  protected abstract touched(at: Point, point: Point): void;
  /** Where a finger's way turns it to: degrees of right and up for degrees of the finger's way. */
  protected abstract turned(from: Point, way: Point): Point;
  /** Two fingers have spread by this factor. */
  protected spread(_by: number): void {}

  protected override arrive(): void {
    const watch = new ResizeObserver(() => this.later());
    watch.observe(this);
    this.until(() => watch.disconnect());
    this.until(() => {
      cancelAnimationFrame(this.frame);
      this.land();
    });
    this.on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.later());
  }

  /** Fly to a place; `along` is told how far it is, 0..1. */
  protected fly(to: Point, along: (share: number) => void = () => {}): void {
    const [fromX, fromY] = this.projection.rotate();
    const [toX, toY] = [near(fromX, -to[0]), -to[1]];
    const still =
      matchMedia("(prefers-reduced-motion: reduce)").matches ||
      Math.hypot(toX - fromX, toY - fromY) < 0.06;
    const began = performance.now();
    cancelAnimationFrame(this.flight);
    const step = (now: number) => {
      const t = still ? 1 : Math.min((now - began) / this.duration, 1);
      const eased = t * t * (3 - 2 * t);
      this.projection.rotate([fromX + (toX - fromX) * eased, fromY + (toY - fromY) * eased]);
      along(eased);
      this.moving = t < 1;
      this.draw();
      this.flight = t < 1 ? requestAnimationFrame(step) : 0;
      if (t === 1) this.dataset.at = this.place?.id ?? "";
    };
    this.flight = requestAnimationFrame(step);
  }

  /** End a flight where it is. */
  private land(): void {
    cancelAnimationFrame(this.flight);
    this.flight = 0;
  }

  protected later(): void {
    if (this.flight) return; // it draws anyway
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    if (!canvas) return;
    const box = this.getBoundingClientRect();
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext("2d");
    if (context && width > 0 && height > 0) this.paint(context, width, height, ratio);
  }

  // Fingers.

  private down(event: PointerEvent): void {
    (event.target as Element).setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.moved = this.fingers.size === 1 ? 0 : CLICK + 1;
    this.land();
  }

  private move(event: PointerEvent): void {
    const from = this.fingers.get(event.pointerId);
    if (!from) return;
    const to = { x: event.clientX, y: event.clientY };
    if (this.fingers.size === 1) {
      const [x, y] = this.projection.rotate();
      this.projection.rotate(this.turned([x, y], [to.x - from.x, to.y - from.y]));
    } else {
      const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const before = Math.hypot(from.x - other.x, from.y - other.y) || 1;
        this.spread(Math.hypot(to.x - other.x, to.y - other.y) / before);
      }
    }
    this.moved += Math.hypot(to.x - from.x, to.y - from.y);
    this.fingers.set(event.pointerId, to);
    this.moving = true;
    this.later();
  }

  private up(event: PointerEvent): void {
    if (!this.fingers.delete(event.pointerId)) return;
    this.moving = false;
    this.later();
    if (event.type !== "pointerup" || this.moved > CLICK || this.fingers.size > 0) return;
    const box = this.getBoundingClientRect();
    const ratio = devicePixelRatio || 1;
    const point: Point = [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
    const at = this.projection.invert?.(point);
    if (at && !Number.isNaN(at[0])) this.touched(at, point);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.spread(event.deltaY < 0 ? 1.15 : 1 / 1.15);
    this.later();
  }

  override render(): TemplateResult {
    return html`<canvas role="img" aria-label=${this.label}
      @pointerdown=${this.down} @pointermove=${this.move} @pointerup=${this.up} @pointercancel=${this.up}
      @wheel=${this.wheel}></canvas>`;
  }
}
