/** The board itself: pages, layers, locks, as its `shared` document says. */
import type * as Y from "yjs";
import { fields } from "./read.js";

export type Background =
  | { kind: "lines" | "squares" | "dots" }
  | { kind: "picture"; asset: string; x: number; y: number; width: number; height: number };

export interface Page {
  id: string;
  order: number;
  title: string;
  hidden: boolean;
  locked: boolean;
  background: Background | null;
}

export interface Layer {
  hidden: boolean;
  locked: boolean;
}

export interface Shared {
  locked: boolean;
  /** Documents that draw while it is locked. */
  pen: string[];
  follow: boolean;
  /** Fingers on the touch table draw. */
  table: boolean;
  /** The page that pens write on. */
  page: string;
  pages: Page[];
  layers: Record<string, Layer>;
}

export const NO_LAYER: Layer = { hidden: false, locked: false };

export function readShared(doc: Y.Doc): Shared {
  const board = doc.getMap("board");
  const pages: Page[] = [];
  for (const [id, value] of doc.getMap("pages")) {
    const page = readPage(id, value);
    if (page) pages.push(page);
  }
  pages.sort((one, other) => one.order - other.order || (one.id < other.id ? -1 : 1));
  const layers: Record<string, Layer> = {};
  for (const [name, value] of doc.getMap("layers")) {
    const said = fields(value);
    layers[name] = { hidden: said?.hidden === true, locked: said?.locked === true };
  }
  const pen = board.get("pen");
  const page = board.get("page");
  return {
    locked: board.get("locked") === true,
    pen: Array.isArray(pen) ? pen.filter((name) => typeof name === "string") : [],
    follow: board.get("follow") === true,
    table: board.get("table") === true,
    page: pages.find(({ id }) => id === page)?.id ?? pages[0]?.id ?? "",
    pages,
    layers,
  };
}

function readPage(id: string, value: unknown): Page | null {
  const said = fields(value);
  if (!said) return null;
  return {
    id,
    order: typeof said.order === "number" && Number.isFinite(said.order) ? said.order : 0,
    title: typeof said.title === "string" ? said.title : "",
    hidden: said.hidden === true,
    locked: said.locked === true,
    background: readBackground(said.background),
  };
}

function readBackground(value: unknown): Background | null {
  const said = fields(value);
  const kind = said?.kind;
  if (kind === "lines" || kind === "squares" || kind === "dots") return { kind };
  if (!said || kind !== "picture" || typeof said.asset !== "string") return null;
  const [x, y, width, height] = [said.x, said.y, said.width, said.height].map(Number);
  if (![x, y, width, height].every(Number.isFinite) || !(width as number) || !(height as number)) {
    return null;
  }
  return { kind, asset: said.asset, x, y, width, height } as Background;
}

/** A number of order between two pages, or at an end. */
export function orderBetween(before: number | undefined, next: number | undefined): number {
  if (before === undefined) return next === undefined ? 1 : next - 1;
  return next === undefined ? before + 1 : (before + next) / 2;
}
