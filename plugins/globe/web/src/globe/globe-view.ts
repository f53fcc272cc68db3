import { base, define, HubElement } from "@classhub/ui";
import { geoBounds, geoDistance, geoGraticule10, geoOrthographic, geoPath } from "d3-geo";
import { css, html, type TemplateResult } from "lit";
import { near, type PlaceShort } from "../model.js";
import { coarse, countryAt, fine, type World } from "./world.js";

/** A place of the globe was touched: the country's number where there is one, and where. */
export class TouchEvent extends Event {
  constructor(
    readonly numeric: string,
    readonly at: [number, number],
  ) {
    super("globe-touch", { bubbles: true, composed: true });
  }
}

const FLIGHT = 1100;
const LEAST = 0.9;
const MOST = 8;
const CLICK = 6;

const COLOURS = {
  light: { sea: "#bcdcec", land: "#f7f1df", border: "#8c6f4e", grid: "#9cc3d8", here: "#f4b82e" },
  dark: { sea: "#16343f", land: "#3d4a40", border: "#a08f6f", grid: "#28505d", here: "#f4b82e" },
};

/** A globe that is turned with a finger, and turns to a place by itself. */
class GlobeView extends HubElement {
  static override properties = { place: { attribute: false }, label: {} };
  static override styles = [
    base,
    css`
      :host { position: relative; touch-action: none; min-height: 16rem; }
      canvas { position: absolute; inset: 0; width: 100%; height: 100%; cursor: grab; border-radius: var(--radius-l); }
      canvas:active { cursor: grabbing; }
    `,
  ];
  /** What is shown: the globe turns there. */
  declare place: PlaceShort | null;
  declare label: string;
  private readonly projection = geoOrthographic().clipAngle(90);
  private quick: World | null = null;
  private sharp: World | null = null;
  private zoom = 1;
  private moving = false;
  private frame = 0;
  /** The step of a flight that is due; 0 while it rests. */
  private flight = 0;
  private readonly fingers = new Map<number, { x: number; y: number }>();
  private moved = 0;

  constructor() {
    super();
    this.place = null;
    this.label = "";
    this.projection.rotate([-68, -30]);
  }

  protected override arrive(): void {
    const watch = new ResizeObserver(() => this.later());
    watch.observe(this);
    this.until(() => watch.disconnect());
    this.until(() => {
      cancelAnimationFrame(this.frame);
      this.land();
    });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    this.on(dark, "change", () => this.later());
    void this.load();
  }

  private async load(): Promise<void> {
    this.quick = await coarse();
    this.later();
    this.sharp = await fine();
    this.later();
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has("place") && this.place?.centre) this.fly(this.place.centre);
  }

  private fly(to: [number, number]): void {
    const [fromX, fromY] = this.projection.rotate();
    const [toX, toY] = [near(fromX, -to[0]), -to[1]];
    const zoom = this.zoom;
    // Small places are come nearer to; of large ones one wants to see what is around.
    const wanted = this.reach() < 2 ? Math.max(zoom, 3.2) : this.reach() < 8 ? 2.2 : 1.25;
    const distance = geoDistance([-fromX, -fromY], to);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches || distance < 0.001;
    const began = performance.now();
    cancelAnimationFrame(this.flight);
    const step = (now: number) => {
      const t = still ? 1 : Math.min((now - began) / FLIGHT, 1);
      const eased = t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2;
      this.projection.rotate([fromX + (toX - fromX) * eased, fromY + (toY - fromY) * eased]);
      this.zoom = zoom + (wanted - zoom) * eased;
      this.moving = t < 1;
      this.draw();
      this.flight = t < 1 ? requestAnimationFrame(step) : 0;
      if (t === 1) this.dataset.at = this.place?.id ?? "";
    };
    this.flight = requestAnimationFrame(step);
  }

  /** How wide the shown country is, degrees; small where it is none of the map's. */
  private reach(): number {
    const country = this.country(this.sharp ?? this.quick);
    if (!country) return 1;
    const [[west, south], [east, north]] = geoBounds(country);
    return Math.max(east >= west ? east - west : 360 - west + east, north - south);
  }

  private country(world: World | null) {
    const numeric = this.place?.numeric;
    return numeric ? world?.countries.find((one) => one.id === numeric) : undefined;
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
    const world = this.moving ? this.quick : (this.sharp ?? this.quick);
    if (!canvas || !world) return;
    const box = this.getBoundingClientRect();
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext("2d");
    if (!context || width === 0 || height === 0) return;
    const dark = document.documentElement.dataset.theme === "dark";
    const colour = dark ? COLOURS.dark : COLOURS.light;
    this.projection
      .translate([width / 2, height / 2])
      .scale((Math.min(width, height) / 2.15) * this.zoom);
    const path = geoPath(this.projection, context);
    context.clearRect(0, 0, width, height);
    const shape = (what: Parameters<typeof path>[0]) => {
      context.beginPath();
      path(what);
    };
    shape({ type: "Sphere" });
    context.fillStyle = colour.sea;
    context.fill();
    shape(geoGraticule10());
    context.strokeStyle = colour.grid;
    context.lineWidth = ratio * 0.7;
    context.stroke();
    shape(world.land);
    context.fillStyle = colour.land;
    context.fill();
    const here = this.country(world);
    if (here) {
      shape(here);
      context.fillStyle = colour.here;
      context.fill();
    }
    shape(world.borders);
    context.strokeStyle = colour.border;
    context.lineWidth = ratio;
    context.stroke();
    if (this.place?.centre && (!here || this.reach() < 4)) this.mark(context, ratio, colour.border);
  }

  /** Small places are marked: nobody sees an island of ten kilometres. */
  private mark(context: CanvasRenderingContext2D, ratio: number, edge: string): void {
    const centre = this.place?.centre;
    const [x, y] = this.projection.rotate();
    if (!centre || geoDistance([-x, -y], centre) > Math.PI / 2) return;
    const at = this.projection(centre);
    if (!at) return;
    context.beginPath();
    context.arc(at[0], at[1], 11 * ratio, 0, 2 * Math.PI);
    context.lineWidth = 4 * ratio;
    context.strokeStyle = edge;
    context.stroke();
    context.lineWidth = 2 * ratio;
    context.strokeStyle = COLOURS.light.here;
    context.stroke();
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
      const share = 75 / (this.projection.scale() / (devicePixelRatio || 1));
      const [x, y] = this.projection.rotate();
      const turned = Math.min(Math.max(y - (to.y - from.y) * share, -88), 88);
      this.projection.rotate([x + (to.x - from.x) * share, turned]);
    } else {
      const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const before = Math.hypot(from.x - other.x, from.y - other.y) || 1;
        this.scale(Math.hypot(to.x - other.x, to.y - other.y) / before);
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
    const point: [number, number] = [
      (event.clientX - box.left) * ratio,
      (event.clientY - box.top) * ratio,
    ];
    const at = this.projection.invert?.(point);
    const world = this.sharp ?? this.quick;
    if (!at || !world || Number.isNaN(at[0])) return;
    const away = Math.hypot(
      point[0] - this.projection.translate()[0],
      point[1] - this.projection.translate()[1],
    );
    if (away > this.projection.scale()) return;
    this.dispatchEvent(new TouchEvent(countryAt(world, at), at));
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.scale(event.deltaY < 0 ? 1.15 : 1 / 1.15);
    this.later();
  }

  private scale(by: number): void {
    this.zoom = Math.min(Math.max(this.zoom * by, LEAST), MOST);
  }

  override render(): TemplateResult {
    return html`<canvas role="img" aria-label=${this.label}
      @pointerdown=${this.down} @pointermove=${this.move} @pointerup=${this.up} @pointercancel=${this.up}
      @wheel=${this.wheel}></canvas>`;
  }
}
define("hub-globe-view", GlobeView);
