/** What a pen, an eraser or a loop touches. */

import { halfWidth } from "../ink/brush.js";
import { type Box, grown, holds, meets } from "../view/view.js";
import { before, brushOf, type Item, inkOf, type Shape, type Stroke } from "./items.js";

type Point = readonly [number, number];

/** How far a place is from the line between two others. */
export function fromLine([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const long = dx * dx + dy * dy;
  const along = long === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / long));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function apart(a: Point, b: Point, c: Point, d: Point): number {
  if (cross(a, b, c) * cross(a, b, d) < 0 && cross(c, d, a) * cross(c, d, b) < 0) return 0;
  return Math.min(fromLine(a, c, d), fromLine(b, c, d), fromLine(c, a, b), fromLine(d, a, b));
}

function cross([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

/** Whether a tip of so many page units' radius that goes from one place to another touches it. */
export function touches(item: Item, from: Point, to: Point, radius: number): boolean {
  const way = {
    x: Math.min(from[0], to[0]),
    y: Math.min(from[1], to[1]),
    width: Math.abs(from[0] - to[0]),
    height: Math.abs(from[1] - to[1]),
  };
  if (!meets(item.box, grown(way, radius))) return false;
  // In the item's own measure, as if it had never been moved.
  const [a, b] = [before(item.move, ...pair(from)), before(item.move, ...pair(to))];
  const reach = radius / item.move.scale;
  if (item.kind === "note" || item.kind === "picture") return true;
  if (item.kind === "shape") return shapeTouches(item, a, b, reach);
  return strokeTouches(item, a, b, reach);
}

function pair(point: Point): [number, number] {
  return [point[0], point[1]];
}

function strokeTouches(stroke: Stroke, a: Point, b: Point, reach: number): boolean {
  const ink = inkOf(stroke);
  const wide = halfWidth(brushOf(stroke), 0.5, 0, 0, [1, 0]);
  const first: Point = [ink.x(0), ink.y(0)];
  if (ink.length === 1) return fromLine(first, a, b) <= reach + wide;
  let last = first;
  for (let index = 1; index < ink.length; index += 1) {
    const next: Point = [ink.x(index), ink.y(index)];
    if (apart(a, b, last, next) <= reach + wide) return true;
    last = next;
  }
  return false;
}

function shapeTouches(shape: Shape, a: Point, b: Point, reach: number): boolean {
  const sides = sidesOf(shape);
  return sides.some(([c, d]) => apart(a, b, c, d) <= reach + shape.width / 2);
}

const ROUND = 24;

function sidesOf({ form, from, to }: Shape): [Point, Point][] {
  if (form === "line" || form === "arrow") return [[from, to]];
  const corners: Point[] = [];
  if (form === "rectangle") {
    corners.push(from, [to[0], from[1]], to, [from[0], to[1]]);
  } else {
    const [mx, my] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    const [rx, ry] = [Math.abs(to[0] - from[0]) / 2, Math.abs(to[1] - from[1]) / 2];
    for (let part = 0; part < ROUND; part += 1) {
      const angle = (2 * Math.PI * part) / ROUND;
      corners.push([mx + rx * Math.cos(angle), my + ry * Math.sin(angle)]);
    }
  }
  return corners.map((corner, index) => [corner, corners[(index + 1) % corners.length] as Point]);
}

/** What a frame drawn around things picks: what lies in it, or, seen as a tap, what is touched. */
export function picked(items: Item[], frame: Box): Item[] {
  return items.filter((item) => holds(frame, item.box));
}
