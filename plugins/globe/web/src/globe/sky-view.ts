import { base, define, HubElement } from "@classhub/ui";
import { geoDistance, geoGraticule10, geoPath, geoStereographic } from "d3-geo";
import { css, html, type TemplateResult } from "lit";
import { near, type PlaceShort } from "../model.js";
import { type Point, type Sky, sizeOf, sky } from "./sky.js";

/** A constellation was touched. */
export class StarsEvent extends Event {
  constructor(readonly place: string) {
    super("sky-touch", { bubbles: true, composed: true });
  }
}

const FLIGHT = 1000;
const CLICK = 6;
const REACH = 0.35;
const DEGREES = 180 / Math.PI;

/** The sky as one sees it: east is to the left. It turns with a finger, and to a constellation. */
class SkyView extends HubElement {
  static override properties = {
    place: { attribute: false },
    places: { attribute: false },
    label: {},
  };
  static override styles = [
    base,
    css`
      :host { position: relative; touch-action: none; min-height: 16rem; overflow: hidden; }
      canvas { position: absolute; inset: 0; width: 100%; height: 100%; cursor: grab; border-radius: var(--radius-l); }
    `,
  ];
  declare place: PlaceShort | null;
  declare places: PlaceShort[];
  declare label: string;
  private readonly projection = geoStereographic().reflectX(true).clipAngle(100);
  private known: Sky | null = null;
  private frame = 0;
  /** The step of a flight that is due; 0 while it rests. */
  private flight = 0;
  private finger: { id: number; x: number; y: number } | null = null;
  private moved = 0;

  constructor() {
    super();
    this.place = null;
    this.places = [];
    this.label = "";
  }

  protected override arrive(): void {
    const watch = new ResizeObserver(() => this.later());
    watch.observe(this);
    this.until(() => watch.disconnect());
    this.until(() => {
      cancelAnimationFrame(this.frame);
      this.land();
    });
    void sky().then((known) => {
      this.known = known;
      this.later();
    });
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has("place") && this.place?.centre) this.fly(this.place.centre);
    else if (changed.has("places")) this.later();
  }

  private fly(to: Point): void {
    const [fromX, fromY] = this.projection.rotate();
    const [toX, toY] = [near(fromX, -to[0]), -to[1]];
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const began = performance.now();
    cancelAnimationFrame(this.flight);
    const step = (now: number) => {
      const t = still ? 1 : Math.min((now - began) / FLIGHT, 1);
      const eased = t * t * (3 - 2 * t);
      this.projection.rotate([fromX + (toX - fromX) * eased, fromY + (toY - fromY) * eased]);
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

  private later(): void {
    if (this.flight) return; // it draws anyway
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    const known = this.known;
    if (!canvas || !known) return;
    const box = this.getBoundingClientRect();
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext("2d");
    if (!context || width === 0 || height === 0) return;
    this.projection.translate([width / 2, height / 2]).scale(Math.min(width, height) * 0.95);
    const [x, y] = this.projection.rotate();
    const middle: Point = [-x, -y];
    context.fillStyle = "#0b1a2b";
    context.fillRect(0, 0, width, height);
    const path = geoPath(this.projection, context);
    const line = (coordinates: Point[][], colour: string, thick: number) => {
      context.beginPath();
      path({ type: "MultiLineString", coordinates });
      context.strokeStyle = colour;
      context.lineWidth = thick * ratio;
      context.stroke();
    };
    context.beginPath();
    path(geoGraticule10());
    context.strokeStyle = "#1c3047";
    context.lineWidth = ratio * 0.6;
    context.stroke();
    for (const [id, one] of Object.entries(known.places)) {
      if (id !== this.place?.id && one.lines) line(one.lines, "#3d5f80", 1);
    }
    const here = this.place && known.places[this.place.id];
    if (here?.lines) line(here.lines, "#f4b82e", 2.2);
    context.fillStyle = "#ffffff";
    for (const [ascension, declination, magnitude] of known.stars.all) {
      if (geoDistance([ascension, declination], middle) > 1.6) continue;
      const at = this.projection([ascension, declination]);
      if (!at) continue;
      context.beginPath();
      context.arc(at[0], at[1], sizeOf(magnitude) * ratio, 0, 2 * Math.PI);
      context.fill();
    }
    this.names(context, middle, ratio, height);
  }

  private names(
    context: CanvasRenderingContext2D,
    middle: Point,
    ratio: number,
    height: number,
  ): void {
    const size = Math.max(13 * ratio, height / 45);
    context.textAlign = "center";
    for (const one of this.places) {
      if (one.kind !== "constellation" || !one.centre) continue;
      if (geoDistance(one.centre, middle) > 1.1) continue;
      const at = this.projection(one.centre);
      if (!at) continue;
      const shown = one.id === this.place?.id;
      context.font = `${shown ? 700 : 400} ${shown ? size * 1.25 : size}px system-ui, sans-serif`;
      context.fillStyle = shown ? "#f9d47a" : "#8fb0cc";
      context.fillText(one.name, at[0], at[1]);
    }
  }

  private down(event: PointerEvent): void {
    (event.target as Element).setPointerCapture(event.pointerId);
    this.finger = { id: event.pointerId, x: event.clientX, y: event.clientY };
    this.moved = 0;
    this.land();
  }

  private move(event: PointerEvent): void {
    const from = this.finger;
    if (from?.id !== event.pointerId) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    const share = (DEGREES * (devicePixelRatio || 1)) / this.projection.scale();
    const [x, y] = this.projection.rotate();
    this.projection.rotate([x - dx * share, Math.min(Math.max(y - dy * share, -89), 89)]);
    this.moved += Math.hypot(dx, dy);
    this.finger = { ...from, x: event.clientX, y: event.clientY };
    this.later();
  }

  private up(event: PointerEvent): void {
    if (this.finger?.id !== event.pointerId) return;
    this.finger = null;
    if (event.type !== "pointerup" || this.moved > CLICK) return;
    const box = this.getBoundingClientRect();
    const ratio = devicePixelRatio || 1;
    const at = this.projection.invert?.([
      (event.clientX - box.left) * ratio,
      (event.clientY - box.top) * ratio,
    ]);
    if (!at || !this.known) return;
    const nearest = Object.entries(this.known.places)
      .map(([id, one]) => ({ id, away: distanceTo(at, one) }))
      .sort((a, b) => a.away - b.away)[0];
    if (nearest && nearest.away < REACH) this.dispatchEvent(new StarsEvent(nearest.id));
  }

  override render(): TemplateResult {
    return html`<canvas role="img" aria-label=${this.label} @pointerdown=${this.down} @pointermove=${this.move}
      @pointerup=${this.up} @pointercancel=${this.up}></canvas>`;
  }
}
define("hub-sky-view", SkyView);

/** How far a place of the sky is from a constellation: from its centre, or from its nearest star. */
function distanceTo(at: Point, one: { centre: Point; lines?: Point[][] }): number {
  const points = [one.centre, ...(one.lines ?? []).flat()];
  return Math.min(...points.map((point) => geoDistance(at, point)));
}
