import { define } from "@classhub/ui";
import {
  type GeoPath,
  geoBounds,
  geoCentroid,
  geoDistance,
  geoGraticule10,
  geoInterpolate,
  geoOrthographic,
  geoPath,
} from "d3-geo";
import type { PlaceShort } from "../model.js";
import { Room } from "./room.js";
import { type Point, TurningView } from "./turning-view.js";
import { coarse, countryAt, fine, type World } from "./world.js";

/** A place of the globe was touched: the country's number where there is one, and where. */
export class TouchEvent extends Event {
  constructor(
    readonly numeric: string,
    readonly at: [number, number],
    /** The spot's place where one was touched, else empty. */
    readonly spot = "",
  ) {
    super("globe-touch", { bubbles: true, composed: true });
  }
}

const FLIGHT = 1100;
const LEAST = 0.9;
const MOST = 8;
/** How near one comes where spots are to be told apart: Kazakhstan fills a square picture. */
const SPOTTED = 3.4;
/** Pixels around a spot that belong to it: as wide as a finger. */
const SPOT_REACH = 22;

const COLOURS = {
  light: {
    sea: "#bcdcec",
    land: "#f7f1df",
    border: "#8c6f4e",
    grid: "#9cc3d8",
    here: "#f4b82e",
    ink: "#1d2b33",
    around: "#fbe6b4",
  },
  dark: {
    sea: "#16343f",
    land: "#3d4a40",
    border: "#a08f6f",
    grid: "#28505d",
    here: "#b9851b",
    ink: "#f6f2e6",
    around: "#5d5331",
  },
};

/** A globe that is turned with a finger, and turns to a place by itself. */
class GlobeView extends TurningView {
  static override properties = {
    ...TurningView.properties,
    other: { attribute: false },
    spots: { attribute: false },
  };
  /** A second place: the way between the two is shown. */
  declare other: PlaceShort | null;
  /** Places that the map has no outlines of: shown as spots that can be touched. */
  declare spots: PlaceShort[];
  protected readonly projection = geoOrthographic().clipAngle(90);
  protected readonly duration = FLIGHT;
  private quick: World | null = null;
  private sharp: World | null = null;
  private zoom = 1;

  constructor() {
    super();
    this.other = null;
    this.spots = [];
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
    const { place, other } = this;
    const before = changed.get("place") as PlaceShort | null | undefined;
    const moved = changed.has("place") && before?.id !== place?.id;
    if (place?.centre && other?.centre) {
      if (moved || changed.has("other")) this.goBetween(other.centre, place.centre);
    } else if (place?.centre && (moved || (changed.has("other") && changed.get("other")))) {
      this.goTo(place.centre);
    } else if (changed.has("spots") || changed.has("place")) this.later();
  }

  /** Show two places and the way between them. */
  private goBetween(from: Point, to: Point): void {
    const [zoom, far] = [this.zoom, geoDistance(from, to)];
    const wanted = Math.min(Math.max(0.85 / Math.sin(Math.min(far, Math.PI) / 2), LEAST), 3.2);
    this.fly(geoInterpolate(from, to)(0.5), (share) => {
      this.zoom = zoom + (wanted - zoom) * share;
    });
  }

  private goTo(to: Point): void {
    const zoom = this.zoom;
    // Small places are come nearer to; of large ones one wants to see what is around.
    const near = this.reach() < 2 ? Math.max(zoom, 3.2) : this.reach() < 8 ? 2.2 : 1.25;
    const middle = geoCentroid({
      type: "MultiPoint",
      coordinates: this.spots.flatMap((one) => (one.centre ? [one.centre] : [])),
    });
    const box = this.getBoundingClientRect();
    const wide = Math.min(SPOTTED * (box.width / (Math.min(box.width, box.height) || 1)), MOST);
    const wanted = this.spots.length ? wide : near;
    this.fly(this.spots.length ? middle : to, (share) => {
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

  /** The country whose regions are shown as spots, where one of them is shown. */
  private around(world: World) {
    const centre = this.spots[0]?.centre;
    const numeric = centre ? countryAt(world, centre) : "";
    return numeric ? world.countries.find((one) => one.id === numeric) : undefined;
  }

  private country(world: World | null, place: PlaceShort | null = this.place) {
    const numeric = place?.numeric;
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
    const around = here ? undefined : this.around(world);
    for (const country of [around, here, this.country(world, this.other)]) {
      if (!country) continue;
      shape(country);
      context.fillStyle = country === around ? colour.around : colour.here;
      context.fill();
    }
    shape(world.borders);
    context.strokeStyle = colour.border;
    context.lineWidth = ratio;
    context.stroke();
    this.way(context, path, ratio, colour.ink);
    this.markSpots(context, ratio, colour.ink);
    if (this.place?.centre && (!here || this.reach() < 4)) this.mark(context, ratio, colour.border);
  }

  /** The shortest way between two places. */
  private way(context: CanvasRenderingContext2D, path: GeoPath, ratio: number, ink: string): void {
    const [from, to] = [this.other?.centre, this.place?.centre];
    if (!from || !to) return;
    context.beginPath();
    path({ type: "LineString", coordinates: [from, to] });
    context.setLineDash([9 * ratio, 6 * ratio]);
    context.strokeStyle = ink;
    context.lineWidth = 2.5 * ratio;
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = ink;
    const [x, y] = this.projection.rotate();
    for (const end of [from, to]) {
      const at = this.projection(end);
      if (!at || geoDistance([-x, -y], end) > Math.PI / 2) continue;
      context.beginPath();
      context.arc(at[0], at[1], 5 * ratio, 0, 2 * Math.PI);
      context.fill();
    }
  }

  /** Spots, and as many of their names as have room. */
  private markSpots(context: CanvasRenderingContext2D, ratio: number, ink: string): void {
    const size = 12.5 * ratio;
    const room = new Room();
    context.textAlign = "left";
    context.fillStyle = ink;
    for (const { place, at } of this.spotted()) {
      const shown = place.id === this.place?.id;
      context.beginPath();
      context.arc(at[0], at[1], (shown ? 6 : 4) * ratio, 0, 2 * Math.PI);
      context.fill();
      context.font = `${shown ? 700 : 500} ${size}px system-ui, sans-serif`;
      const [left, wide] = [at[0] + 8 * ratio, context.measureText(place.name).width];
      if (!room.take(left, at[1] - size / 2, wide, size * 1.15)) continue;
      context.fillText(place.name, left, at[1] + size * 0.35);
    }
  }

  /** The spots that are in sight, the one that is shown first. */
  private spotted(): { place: PlaceShort; at: Point }[] {
    const [x, y] = this.projection.rotate();
    const first = (one: PlaceShort) => (one.id === this.place?.id ? 0 : 1);
    return [...this.spots]
      .sort((a, b) => first(a) - first(b))
      .flatMap((place) => {
        if (!place.centre || geoDistance([-x, -y], place.centre) > 1.4) return [];
        const at = this.projection(place.centre);
        return at ? [{ place, at }] : [];
      });
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
    const reach = SPOT_REACH * (devicePixelRatio || 1);
    const spots = this.spotted().map((one) => ({
      id: one.place.id,
      away: Math.hypot(one.at[0] - point[0], one.at[1] - point[1]),
    }));
    const [spot] = spots.sort((a, b) => a.away - b.away);
    const id = spot && spot.away < reach ? spot.id : "";
    this.dispatchEvent(new TouchEvent(countryAt(world, at), at, id));
  }

  protected override spread(by: number): void {
    this.zoom = Math.min(Math.max(this.zoom * by, LEAST), MOST);
  }
}
define("hub-globe-view", GlobeView);
