/** Where each picture of a long list stands: arithmetic only, so that thousands cost nothing. */

/** A run of items below one heading. */
export interface Run {
  count: number;
}

/** A heading or a row of tiles; `top` and `height` in CSS pixels. */
export interface Line {
  /** Which section it belongs to. */
  section: number;
  /** The first item of the row; -1 for a heading. */
  first: number;
  count: number;
  top: number;
  height: number;
}

export interface Measures {
  width: number;
  columns: number;
  tileHeight: number;
  headingHeight: number;
  gap: number;
}

/** How many columns of at least `least` pixels fit, and how wide they are. */
export function columnsIn(width: number, least: number, gap: number): number {
  return Math.max(2, Math.floor((width + gap) / (least + gap)));
}

/** Headings and rows from top to bottom. */
export class Layout {
  readonly lines: Line[] = [];
  readonly height: number;

  constructor(
    runs: Run[],
    readonly measures: Measures,
  ) {
    const { columns, tileHeight, headingHeight, gap } = measures;
    let top = 0;
    let item = 0;
    for (const [section, run] of runs.entries()) {
      if (headingHeight > 0) {
        this.lines.push({ section, first: -1, count: 0, top, height: headingHeight });
        top += headingHeight;
      }
      for (let begun = 0; begun < run.count; begun += columns) {
        const count = Math.min(columns, run.count - begun);
        this.lines.push({ section, first: item + begun, count, top, height: tileHeight });
        top += tileHeight + gap;
      }
      item += run.count;
    }
    this.height = Math.max(0, top - gap);
  }

  /** The index of the line at `y`: the last that begins above it. */
  lineAt(y: number): number {
    let low = 0;
    let high = this.lines.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.lines[middle]?.top ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The row that holds an item. */
  rowOf(item: number): Line | undefined {
    let low = 0;
    let high = this.lines.length - 1;
    let found: Line | undefined;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const line = this.lines[middle];
      if (!line) break;
      // A heading stands before the first item of the row that follows it.
      const first = line.first >= 0 ? line.first : (this.lines[middle + 1]?.first ?? 0);
      if (first <= item) {
        if (line.first >= 0) found = line;
        low = middle + 1;
      } else high = middle - 1;
    }
    return found;
  }

  /** The item that an arrow key leads to; the same one where there is none. */
  step(item: number, key: string, total: number): number {
    const row = this.rowOf(item);
    if (!row) return item;
    const at = this.lines.indexOf(row);
    const across = item - row.first;
    if (key === "ArrowRight") return Math.min(item + 1, total - 1);
    if (key === "ArrowLeft") return Math.max(item - 1, 0);
    if (key === "Home") return 0;
    if (key === "End") return Math.max(0, total - 1);
    const by = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    if (by === 0) return item;
    let next = at + by;
    while (this.lines[next] && (this.lines[next]?.first ?? 0) < 0) next += by;
    const line = this.lines[next];
    return line ? line.first + Math.min(across, line.count - 1) : item;
  }
}

/** Heights of the window a second from which nobody sees what flies past. */
const FLING = 6;
/** Milliseconds after which a movement has ended. */
const REST = 250;

/** Tells from where a list stands, frame by frame, whether somebody flings through it. */
export class Fling {
  private y = 0;
  private at = Number.NEGATIVE_INFINITY;
  private fast = 0;

  /** The list stands at `y` pixels `now`, in milliseconds; a single leap is no fling. */
  moved(y: number, now: number, windowHeight: number): boolean {
    const passed = now - this.at;
    const far = Math.abs(y - this.y);
    const fast = passed < REST && far > (windowHeight * FLING * passed) / 1000;
    this.fast = fast ? this.fast + 1 : 0;
    this.y = y;
    this.at = now;
    return this.fast > 1;
  }
}
