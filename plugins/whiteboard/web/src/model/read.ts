/** From what stands in a document to what is drawn; what does not fit is not drawn. */
import type { Curve } from "../ink/brush.js";
import { bare, FARTHEST, FORMS, type Form, type Item, type Move, moved, STILL } from "./items.js";
import { boxOfPoints } from "./points.js";

type Fields = Record<string, unknown>;

const COLOUR = /^#[0-9a-f]{6}$/i;
export const ID = /^[A-Za-z0-9_-]{8,32}$/;
const WIDEST = 400;
const LONGEST_TEXT = 2000;
const LARGEST_SCALE = 1000;

export interface Edit extends Move {
  text?: string;
}

export function keyOf(author: string, id: string): string {
  return `${author}/${id}`;
}

/** Read an item of an author's document, with what was done to it since. */
export function readItem(author: string, id: string, value: unknown, edit: unknown): Item | null {
  const said = fields(value);
  if (!said || !ID.test(id)) return null;
  const { page, time, colour } = said;
  if (typeof page !== "string" || !isNumber(time)) return null;
  if (typeof colour !== "string" || !COLOUR.test(colour)) return null;
  const done = readEdit(edit);
  const box = { x: 0, y: 0, width: 0, height: 0 };
  const common = { key: keyOf(author, id), id, author, page, time, colour, move: done, box };
  const item = readKind(said, common, done.text);
  if (item) item.box = moved(bare(item), item.move);
  return item;
}

type Common = Pick<Item, "key" | "id" | "author" | "page" | "time" | "colour" | "move" | "box">;

function readKind(said: Fields, common: Common, text: string | undefined): Item | null {
  if (said.kind === "stroke") return readStroke(said, common);
  if (said.kind === "shape") return readShape(said, common);
  if (said.kind === "note") {
    const place = readPlace(said);
    const words = text ?? said.text;
    if (!place || typeof words !== "string") return null;
    return { ...common, ...place, kind: "note", text: words.slice(0, LONGEST_TEXT) };
  }
  if (said.kind === "picture") {
    const place = readPlace(said);
    if (!place || typeof said.asset !== "string") return null;
    return { ...common, ...place, kind: "picture", asset: said.asset };
  }
  return null;
}

function readStroke(said: Fields, common: Common): Item | null {
  const { pen, width, x, y, points } = said;
  if (pen !== "pen" && pen !== "marker") return null;
  if (!isWidth(width) || !isPlace(x) || !isPlace(y)) return null;
  if (!(points instanceof Uint8Array) || !boxOfPoints(points, x, y)) return null;
  const curve = readCurve(said.curve);
  if (curve === undefined) return null;
  return { ...common, kind: "stroke", pen, width, curve, x, y, points };
}

/** How the hand pressed that drew a stroke: null where nothing is said of it, undefined: nonsense. */
export function readCurve(value: unknown): Curve | null | undefined {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || value.length !== 3 || !value.every(isNumber)) return undefined;
  const [lightest, hardest, softness] = value as [number, number, number];
  const fits = lightest >= 0 && hardest <= 1 && hardest - lightest >= 0.1 - 1e-9;
  return fits && Math.abs(softness) <= 1 ? [lightest, hardest, softness] : undefined;
}

function readShape(said: Fields, common: Common): Item | null {
  const { form, width, from, to } = said;
  if (!FORMS.includes(form as Form) || !isWidth(width)) return null;
  if (!isPoint(from) || !isPoint(to)) return null;
  return { ...common, kind: "shape", form: form as Form, width, from, to };
}

function readPlace(said: Fields): { x: number; y: number; width: number; height: number } | null {
  const { x, y, width, height } = said;
  if (!isPlace(x) || !isPlace(y) || !isPlace(width) || !isPlace(height)) return null;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

export function readEdit(edit: unknown): Edit {
  const said = fields(edit);
  if (!said) return STILL;
  const { x, y, scale, text } = said;
  const fits = isPlace(x) && isPlace(y) && isNumber(scale) && scale > 0 && scale <= LARGEST_SCALE;
  const move = fits ? { x, y, scale } : STILL;
  return typeof text === "string" ? { ...move, text } : move;
}

export function fields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : null;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isPlace(value: unknown): value is number {
  return isNumber(value) && Math.abs(value) <= FARTHEST;
}

function isWidth(value: unknown): value is number {
  return isNumber(value) && value > 0 && value <= WIDEST;
}

function isPoint(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && isPlace(value[0]) && isPlace(value[1]);
}
