import { define } from "@classhub/ui";
import { geoBounds, geoDistance, geoGraticule10, geoOrthographic, geoPath } from "d3-geo";
import { type Point, TurningView } from "./turning-view.js";
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

const COLOURS = {
  light: { sea: "#bcdcec", land: "#f7f1df", border: "#8c6f4e", grid: "#9cc3d8", here: "#f4b82e" },
  dark: { sea: "#16343f", land: "#3d4a40", border: "#a08f6f", grid: "#28505d", here: "#f4b82e" },
};

/** A globe that is turned with a finger, and turns to a place by itself. */
class GlobeView extends TurningView {
  protected readonly projection = geoOrthographic().clipAngle(90);
  protected readonly duration = FLIGHT;
  private quick: World | null = null;
  private sharp: World | null = null;
  private zoom = 1;

  constructor() {
    super();
    this.projection.rotate([-68, -30]);
  }

  protected override arrive(): void {
    super.arrive();
    void this.load();
  }

  private async load(): Promise<void> {
    this.quick = await coarse();
    this.later();
    this.sharp = await fine();
    this.later();
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has("place") && this.place?.centre) this.goTo(this.place.centre);
  }

  private goTo(to: Point): void {
    const zoom = this.zoom;
    // Small places are come nearer to; of large ones one wants to see what is around.
    const wanted = this.reach() < 2 ? Math.max(zoom, 3.2) : this.reach() < 8 ? 2.2 : 1.25;
    this.fly(to, (share) => {
      this.zoom = zoom + (wanted - zoom) * share;
    });
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

  protected override paint(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
    ratio: number,
  ): void {
    const world = this.moving ? this.quick : (this.sharp ?? this.quick);
    if (!world) return;
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

  protected override turned([x, y]: Point, [dx, dy]: Point): Point {
    const share = 75 / (this.projection.scale() / (devicePixelRatio || 1));
    return [x + dx * share, Math.min(Math.max(y - dy * share, -88), 88)];
  }

  protected override touched(at: Point, point: Point): void {
    const world = this.sharp ?? this.quick;
    if (!world) return;
    const [x, y] = this.projection.translate();
    if (Math.hypot(point[0] - x, point[1] - y) > this.projection.scale()) return;
    this.dispatchEvent(new TouchEvent(countryAt(world, at), at));
  }

  protected override spread(by: number): void {
    this.zoom = Math.min(Math.max(this.zoom * by, LEAST), MOST);
  }
}
define("hub-globe-view", GlobeView);
