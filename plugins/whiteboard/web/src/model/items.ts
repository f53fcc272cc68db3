/** What lies on a page: strokes, shapes, sticky notes. */
import type { Brush, Curve, Pen } from "../ink/brush.js";
import { widest } from "../ink/brush.js";
import { Ink } from "../ink/ink.js";
import { type Box, grown } from "../view/view.js";
import { boxOfPoints, decodePoints } from "./points.js";

/** What was done to an item since it was made: it is scaled by `scale`, then moved by `x`, `y`. */
export interface Move {
  x: number;
  y: number;
  scale: number;
}

export const STILL: Move = { x: 0, y: 0, scale: 1 };

interface Common {
  /** Of its author's document and its id: ids of two authors may be the same. */
  key: string;
  id: string;
  page: string;
  author: string;
  /** When it was begun, in milliseconds since the epoch: what is later lies on top. */
  time: number;
  colour: string;
  move: Move;
  /** Where it lies on the page, its width and its move included. */
  box: Box;
}

export interface Stroke extends Common {
  kind: "stroke";
  pen: Pen;
  width: number;
  curve: Curve | null;
  /** The place of the first sample, which the points are counted from. */
  x: number;
  y: number;
  points: Uint8Array;
  /** The points, read when they are first painted. */
  read?: Ink;
}

export const FORMS = ["line", "arrow", "rectangle", "ellipse"] as const;
export type Form = (typeof FORMS)[number];

export interface Shape extends Common {
  kind: "shape";
  form: Form;
  width: number;
  from: [number, number];
  to: [number, number];
}

export interface Note extends Common {
  kind: "note";
  text: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Picture extends Common {
  kind: "picture";
  asset: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Item = Stroke | Shape | Note | Picture;

/** The samples of a stroke. */
export function inkOf(stroke: Stroke): Ink {
  stroke.read ??= decodePoints(stroke.points, stroke.x, stroke.y) ?? new Ink(1);
  return stroke.read;
}

/** Nothing larger and nothing farther away than this is drawn: no mistake makes a page useless. */
export const FARTHEST = 1e6;

export function brushOf({ pen, width, curve }: Pick<Stroke, "pen" | "width" | "curve">): Brush {
  return { pen, width, curve };
}

/** How far the shadow of a sticky note reaches. */
const SHADOW = 12;

/** In the order in which items are painted. */
export function inOrder(one: Item, other: Item): number {
  return one.time - other.time || compared(one.id, other.id) || compared(one.author, other.author);
}

function compared(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Where an item lies before it was moved. */
export function bare(item: Item): Box {
  if (item.kind === "note" || item.kind === "picture") {
    const { x, y, width, height } = item;
    return item.kind === "note" ? grown({ x, y, width, height }, SHADOW) : { x, y, width, height };
  }
  if (item.kind === "shape") {
    const [[ax, ay], [bx, by]] = [item.from, item.to];
    const box = {
      x: Math.min(ax, bx),
      y: Math.min(ay, by),
      width: Math.abs(ax - bx),
      height: Math.abs(ay - by),
    };
    return grown(box, item.form === "arrow" ? headOf(item) : item.width / 2);
  }
  const box = boxOfPoints(item.points, item.x, item.y);
  return grown(box ?? { x: item.x, y: item.y, width: 0, height: 0 }, widest(brushOf(item)) / 2);
}

export function inkBox(ink: Ink): Box {
  if (ink.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let index = 0; index < ink.length; index += 1) {
    const [x, y] = [ink.x(index), ink.y(index)];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export function moved(box: Box, move: Move): Box {
  return {
    x: box.x * move.scale + move.x,
    y: box.y * move.scale + move.y,
    width: box.width * move.scale,
    height: box.height * move.scale,
  };
}

/** One move after another, as one. */
export function after(first: Move, then: Move): Move {
  return {
    scale: first.scale * then.scale,
    x: first.x * then.scale + then.x,
    y: first.y * then.scale + then.y,
  };
}

/** The move that scales around a place. */
export function scaledAround(scale: number, x: number, y: number): Move {
  return { scale, x: x - x * scale, y: y - y * scale };
}

/** The place of an item, before it was moved, that lies at a place of the page. */
export function before(move: Move, x: number, y: number): [number, number] {
  return [(x - move.x) / move.scale, (y - move.y) / move.scale];
}

/** How far an arrow's head reaches to the sides of its line. */
export function headOf(shape: Pick<Shape, "width" | "from" | "to">): number {
  const long = Math.hypot(shape.to[0] - shape.from[0], shape.to[1] - shape.from[1]);
  return Math.min(shape.width * 3 + 8, Math.max(long * 0.6, shape.width));
}
