/** Lengths, angles and areas of what is drawn, while it is drawn; the hub measures the same anew. */
import type { Kind, Point, Shape } from "./shapes.js";

/** What a shape measures. Units are UCUM's, and px; null where nothing sure is measured. */
export interface Measured {
  value: number | null;
  unit: string;
  perimeter: number | null;
  crossing: boolean;
}

export interface Statistics {
  kind: Kind;
  unit: string;
  n: number;
  mean: number;
  /** The sample's standard deviation; null for a single value. */
  deviation: number | null;
  least: number;
  most: number;
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

export function length(points: Point[]): number {
  let sum = 0;
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    if (before) sum += distance(before, point);
  }
  return sum;
}

export function perimeter(points: Point[]): number {
  return points[0] ? length([...points, points[0]]) : 0;
}

/** The angle at the second point in degrees, 0 to 180; null where an arm has no length. */
export function angle([first, vertex, second]: Point[]): number | null {
  if (!first || !vertex || !second) return null;
  const [ax, ay] = [first[0] - vertex[0], first[1] - vertex[1]];
  const [bx, by] = [second[0] - vertex[0], second[1] - vertex[1]];
  if ((ax === 0 && ay === 0) || (bx === 0 && by === 0)) return null;
  return (Math.atan2(Math.abs(ax * by - ay * bx), ax * bx + ay * by) * 180) / Math.PI;
}

/** The area within an outline that does not cross itself, by the shoelace formula. */
export function area(points: Point[]): number {
  const [x0, y0] = points[0] ?? [0, 0];
  let twice = 0;
  for (const [index, [bx, by]] of points.entries()) {
    const [ax, ay] = points[index - 1] ?? [x0, y0];
    twice += (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
  }
  return Math.abs(twice) / 2;
}

function side(a: Point, b: Point, p: Point): number {
  return Math.sign((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]));
}

function meet(a: Point, b: Point, c: Point, d: Point): boolean {
  for (const axis of [0, 1] as const) {
    if (Math.max(a[axis], b[axis]) < Math.min(c[axis], d[axis])) return false;
    if (Math.max(c[axis], d[axis]) < Math.min(a[axis], b[axis])) return false;
  }
  return side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0;
}

/** Tell whether the closed outline crosses or touches itself. */
export function crosses(points: Point[]): boolean {
  const same = (a: Point | undefined, b: Point) => a?.[0] === b[0] && a?.[1] === b[1];
  const corners = points.filter((point, index) => !same(points.at(index - 1), point));
  const edges = corners.map((point, index): [Point, Point] => [
    point,
    corners[(index + 1) % corners.length] ?? point,
  ]);
  return edges.some((one, i) =>
    edges.some((other, j) => {
      const apart = j - i;
      return apart > 1 && apart < edges.length - 1 && meet(...one, ...other);
    }),
  );
}

/** Measure a shape; `scale` is micrometres to a pixel, null where it is not known. */
export function measure(shape: Pick<Shape, "kind" | "points">, scale: number | null): Measured {
  const { kind, points } = shape;
  const [unit, per] = scale === null ? ["px", 1] : ["um", scale];
  const found = { value: null, unit, perimeter: null, crossing: false };
  switch (kind) {
    case "length":
    case "polyline":
      return { ...found, value: length(points) * per };
    case "angle":
      return { ...found, value: angle(points), unit: "deg" };
    case "count":
      return { ...found, value: points.length, unit: "1" };
    case "area": {
      const crossing = crosses(points);
      const value = crossing ? null : area(points) * per * per;
      return { value, unit: `${unit}2`, perimeter: perimeter(points) * per, crossing };
    }
    default:
      return { ...found, unit: "" };
  }
}

/** What the values of one kind have in common; null where there are none. */
export function statistics(kind: Kind, shapes: Shape[], scale: number | null): Statistics | null {
  const found = shapes.filter((shape) => shape.kind === kind).map((s) => measure(s, scale));
  const values = found.flatMap(({ value }) => (value === null ? [] : [value]));
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    kind,
    unit: found[0]?.unit ?? "",
    n,
    mean,
    deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : null,
    least: Math.min(...values),
    most: Math.max(...values),
  };
}

const LARGER: Record<string, [string, number]> = { um: ["mm", 1e3], um2: ["mm2", 1e6] };

/** A value in millimetres from 1000 micrometres on, and anything else as it is. */
export function forPeople(value: number, unit: string): [number, string] {
  const [larger, many] = LARGER[unit] ?? ["", Number.POSITIVE_INFINITY];
  return value >= many ? [value / many, larger] : [value, unit];
}

/** How many decimals make four digits that count, at most three. */
export function decimals(value: number): number {
  if (value === 0) return 0;
  const before = Math.floor(Math.log10(Math.abs(value))) + 1;
  return Math.max(0, Math.min(3, 4 - before));
}
