import { define } from "@classhub/ui";
import { geoCircle, geoDistance, geoGraticule10, geoPath, geoStereographic } from "d3-geo";
import type { PlaceShort } from "../model.js";
import { Room } from "./room.js";
import { type Sky, sizeOf, sky } from "./sky.js";
import { type Point, TurningView } from "./turning-view.js";

/** A constellation or a star was touched. */
export class StarsEvent extends Event {
  constructor(readonly place: string) {
    super("sky-touch", { bubbles: true, composed: true });
  }
}

const FLIGHT = 1000;
const REACH = 0.35;
const STAR_REACH = 0.035;
const DEGREES = 180 / Math.PI;

/** The sky as one sees it: east is to the left. It turns with a finger, and to a constellation. */
class SkyView extends TurningView {
  static override properties = {
    ...TurningView.properties,
    places: { attribute: false },
    zenith: { attribute: false },
  };
  declare places: PlaceShort[];
  /** What is overhead; with it the horizon is drawn. */
  declare zenith: Point | null;
  protected readonly projection = geoStereographic().reflectX(true).clipAngle(100);
  protected readonly duration = FLIGHT;
  private known: Sky | null = null;

  constructor() {
    super();
    this.places = [];
    this.zenith = null;
  }

  protected override arrive(): void {
    super.arrive();
    void sky().then((known) => {
      this.known = known;
      this.later();
    });
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has("place") && this.place?.centre) this.fly(this.place.centre);
    else if (changed.has("zenith") && this.zenith) this.fly(this.zenith);
    else if (changed.has("places")) this.later();
  }

  protected override paint(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
    ratio: number,
  ): void {
    const known = this.known;
    if (!known) return;
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
    if (this.zenith) {
      // What is below the horizon: the ground, and behind it the sky that is not seen.
      const below: Point = [this.zenith[0] + 180, -this.zenith[1]];
      context.beginPath();
      path(geoCircle().center(below).radius(90).precision(2)());
      context.fillStyle = "#20261d";
      context.fill();
      context.strokeStyle = "#7d8f5a";
      context.lineWidth = ratio * 2;
      context.stroke();
    }
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
    const room = new Room();
    context.textAlign = "center";
    // What is shown has its name; of the others as many as have room, the larger things first.
    const order = (one: PlaceShort) =>
      one.id === this.place?.id ? 0 : one.kind === "constellation" ? 1 : 2;
    for (const one of [...this.places].sort((a, b) => order(a) - order(b))) {
      const star = one.kind === "star";
      if (!(star || one.kind === "constellation") || !one.centre) continue;
      if (geoDistance(one.centre, middle) > 1.1) continue;
      const at = this.projection(one.centre);
      if (!at) continue;
      const shown = one.id === this.place?.id;
      const tall = shown ? size * 1.25 : star ? size * 0.8 : size;
      context.font = `${shown ? 700 : 400} ${tall}px system-ui, sans-serif`;
      context.fillStyle = shown ? "#f9d47a" : star ? "#dfe8f2" : "#8fb0cc";
      const wide = context.measureText(one.name).width;
      const high = star ? at[1] - tall * 0.6 : at[1];
      if (!room.take(at[0] - wide / 2, high - tall * 0.8, wide, tall) && !shown) continue;
      context.fillText(one.name, at[0], high);
      if (!(star && shown)) continue;
      context.beginPath();
      context.arc(at[0], at[1], 9 * ratio, 0, 2 * Math.PI);
      context.strokeStyle = "#f4b82e";
      context.lineWidth = 2 * ratio;
      context.stroke();
    }
  }

  protected override turned([x, y]: Point, [dx, dy]: Point): Point {
    const share = (DEGREES * (devicePixelRatio || 1)) / this.projection.scale();
    return [x - dx * share, Math.min(Math.max(y - dy * share, -89), 89)];
  }

  protected override touched(at: Point): void {
    if (!this.known) return;
    const stars = this.places.flatMap((one) =>
      one.kind === "star" && one.centre ? [{ id: one.id, away: geoDistance(at, one.centre) }] : [],
    );
    const star = nearest(stars);
    const places = Object.entries(this.known.places);
    const found = nearest(places.map(([id, one]) => ({ id, away: distanceTo(at, one) })));
    if (star && star.away < STAR_REACH) this.dispatchEvent(new StarsEvent(star.id));
    else if (found && found.away < REACH) this.dispatchEvent(new StarsEvent(found.id));
  }
}
define("hub-sky-view", SkyView);

function nearest<T extends { away: number }>(all: readonly T[]): T | undefined {
  return [...all].sort((a, b) => a.away - b.away)[0];
}

/** How far a place of the sky is from a constellation: from its centre, or from its nearest star. */
function distanceTo(at: Point, one: { centre: Point; lines?: Point[][] }): number {
  const points = [one.centre, ...(one.lines ?? []).flat()];
  return Math.min(...points.map((point) => geoDistance(at, point)));
}
