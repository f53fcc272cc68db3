/** What can be drawn on a picture, as the hub keeps it. */
import { N_ } from "@classhub/client";

/** In pixels of the picture's full size, from its upper left corner. */
export type Point = [number, number];
export const KINDS = ["length", "polyline", "angle", "area", "count", "label", "arrow"] as const;
export type Kind = (typeof KINDS)[number];
export const COLOURS = ["yellow", "orange", "red", "green", "blue", "white"] as const;
export type Colour = (typeof COLOURS)[number];

export interface Shape {
  id: string;
  kind: Kind;
  points: Point[];
  text: string;
  colour: Colour;
}

export interface Layer {
  author: { id: string; name: string };
  revision: number;
  editable: boolean;
  shared: boolean;
  items: Shape[];
}

export interface Annotations {
  asset: string;
  width: number;
  height: number;
  scale: number | null;
  items: Layer[];
}

/** How a kind is called, its picture, and how many points it takes. */
export const OF_KIND: Record<Kind, { title: string; icon: string; least: number; most: number }> = {
  length: { title: N_("Length"), icon: "ruler", least: 2, most: 2 },
  polyline: { title: N_("Curve"), icon: "curve", least: 2, most: 1000 },
  angle: { title: N_("Angle"), icon: "angle", least: 3, most: 3 },
  area: { title: N_("Area"), icon: "area", least: 3, most: 300 },
  count: { title: N_("Count"), icon: "count", least: 1, most: 2000 },
  label: { title: N_("Label"), icon: "label", least: 1, most: 1 },
  arrow: { title: N_("Arrow"), icon: "arrow", least: 2, most: 2 },
};

export const COLOUR_NAMES: Record<Colour, string> = {
  yellow: N_("Yellow"),
  orange: N_("Orange"),
  red: N_("Red"),
  green: N_("Green"),
  blue: N_("Blue"),
  white: N_("White"),
};

/** A new id; `crypto.randomUUID` is missing over plain http. */
export function newId(): string {
  const random = crypto.getRandomValues(new Uint8Array(10));
  return Array.from(random, (byte) => (byte % 36).toString(36)).join("");
}

/** Only what the hub takes: what it measured itself is left out. */
export function bare({ id, kind, points, text, colour }: Shape): Shape {
  return { id, kind, points, text, colour };
}

function equal(a: Shape | undefined, b: Shape | undefined): boolean {
  return JSON.stringify(a && bare(a)) === JSON.stringify(b && bare(b));
}

/**
 * Put together what two people made of the same shapes: each one's changes, ours where both have
 * changed the same shape.
 */
export function merge(base: Shape[], ours: Shape[], theirs: Shape[]): Shape[] {
  const find = (shapes: Shape[], id: string) => shapes.find((shape) => shape.id === id);
  const merged = theirs.flatMap((shape) => {
    const before = find(base, shape.id);
    const mine = find(ours, shape.id);
    return equal(mine, before) ? [shape] : mine ? [mine] : [];
  });
  const added = ours.filter(
    (shape) => !find(theirs, shape.id) && !equal(shape, find(base, shape.id)),
  );
  return [...merged, ...added];
}
