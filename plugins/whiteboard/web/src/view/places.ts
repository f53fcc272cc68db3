/** Which items lie where: cells of the page, so that a tile asks only for what it shows. */
import { type Box, meets } from "./view.js";

const CELL = 256;
/** What covers more cells than this is kept apart: it is nearly everywhere. */
const MOST = 400;

export interface Placed {
  key: string;
  box: Box;
}

export class Places<T extends Placed> {
  private readonly cells = new Map<string, Set<T>>();
  private readonly large = new Set<T>();
  private readonly where = new Map<string, { item: T; keys: string[] | null }>();

  get size(): number {
    return this.where.size;
  }

  get(key: string): T | undefined {
    return this.where.get(key)?.item;
  }

  all(): T[] {
    return [...this.where.values()].map(({ item }) => item);
  }

  put(item: T): void {
    this.remove(item.key);
    const keys = keysOf(item.box);
    this.where.set(item.key, { item, keys });
    if (keys === null) {
      this.large.add(item);
      return;
    }
    for (const key of keys) {
      const cell = this.cells.get(key);
      if (cell) cell.add(item);
      else this.cells.set(key, new Set([item]));
    }
  }

  remove(key: string): T | undefined {
    const found = this.where.get(key);
    if (!found) return undefined;
    this.where.delete(key);
    if (found.keys === null) this.large.delete(found.item);
    for (const at of found.keys ?? []) {
      const cell = this.cells.get(at);
      cell?.delete(found.item);
      if (cell?.size === 0) this.cells.delete(at);
    }
    return found.item;
  }

  clear(): void {
    this.cells.clear();
    this.large.clear();
    this.where.clear();
  }

  /** The items whose boxes meet a box, each once, in no order. */
  within(box: Box): T[] {
    const keys = keysOf(box);
    if (keys === null) return this.all().filter((item) => meets(item.box, box));
    const found = new Set<T>();
    for (const item of this.large) if (meets(item.box, box)) found.add(item);
    for (const key of keys) {
      for (const item of this.cells.get(key) ?? []) if (meets(item.box, box)) found.add(item);
    }
    return [...found];
  }
}

function keysOf(box: Box): string[] | null {
  const [left, right] = [Math.floor(box.x / CELL), Math.floor((box.x + box.width) / CELL)];
  const [top, bottom] = [Math.floor(box.y / CELL), Math.floor((box.y + box.height) / CELL)];
  // Not `>`: a box that is no number is kept apart, too.
  if (!((right - left + 1) * (bottom - top + 1) <= MOST)) return null;
  const keys: string[] = [];
  for (let column = left; column <= right; column += 1) {
    for (let row = top; row <= bottom; row += 1) keys.push(`${column}:${row}`);
  }
  return keys;
}
