/**
 * Strokes that are being drawn, above the tiles: each frame paints only what has come since the
 * last, so that a pen that never lifts costs no more after a minute than after a second.
 */
import { type Brush, widest } from "../ink/brush.js";
import { Ink, type Sample } from "../ink/ink.js";
import { MARKER_ALPHA, paintInk } from "../ink/paint.js";
import { inkBox } from "../model/items.js";
import { Patches } from "./patches.js";
import { around, type Box, grown, meets, type Size, type View } from "./view.js";

/** Samples at the end that are painted anew each frame: the curve there is not settled. */
const UNSETTLED = 3;
const OVERLAP = 4;
/** Sides of the canvases for what is settled, and for the ends of strokes, which are small. */
const LOWER = 512;
const UPPER = 256;
/** More in one frame than this is not painted in one go: after a pause there may be thousands. */
const CHUNK = 400;

export interface WetStroke {
  key: string;
  author: string;
  brush: Brush;
  colour: string;
}

interface Drawing extends WetStroke {
  ink: Ink;
  /** Samples that are on the lower canvas. */
  drawn: number;
  expected: Sample[];
  box: Box | null;
  /** What of the upper canvas it took up in the last frame. */
  tip: Box | null;
  changed: boolean;
}

export class Wet {
  private readonly drawings = new Map<string, Drawing>();
  /** Kept strokes that are still to be seen here, over the same ink on the tiles. */
  private readonly left = new Set<string>();
  private view: View = { x: 0, y: 0, zoom: 1 };
  private room: Size = { width: 0, height: 0 };
  private ratio = 1;
  private frame = 0;
  private lower: Patches | null = null;
  private upper: Patches | null = null;
  /** Told after each frame how many samples it has painted for the first time. */
  painted: ((author: string, samples: number) => void) | null = null;

  /** Paint in these two elements, which lie on each other. */
  attach(lower: HTMLElement, upper: HTMLElement): void {
    this.lower = new Patches(lower, LOWER);
    this.upper = new Patches(upper, UPPER);
  }

  show(view: View, room: Size): void {
    this.view = view;
    this.room = room;
    this.ratio = globalThis.devicePixelRatio || 1;
    this.fresh();
    if (this.drawings.size === 0) return;
    for (const drawing of this.drawings.values()) {
      drawing.drawn = 0;
      drawing.tip = null;
      drawing.changed = true;
    }
    this.want();
  }

  private fresh(): void {
    this.left.clear();
    for (const patches of [this.lower, this.upper]) patches?.show(this.view, this.room);
  }

  /** Items were changed or hidden: nothing of them may be left here. */
  renew(): void {
    if (this.left.size > 0) this.show(this.view, this.room);
  }

  get keys(): string[] {
    return [...this.drawings.keys()];
  }

  has(key: string): boolean {
    return this.drawings.has(key);
  }

  inkOf(key: string): Ink | undefined {
    return this.drawings.get(key)?.ink;
  }

  begin(stroke: WetStroke): void {
    this.end(stroke.key);
    if (this.drawings.size === 0) this.fresh();
    this.drawings.set(stroke.key, {
      ...stroke,
      ink: new Ink(),
      drawn: 0,
      expected: [],
      box: null,
      tip: null,
      changed: false,
    });
  }

  extend(key: string, samples: Sample[], expected: Sample[] = []): void {
    const drawing = this.drawings.get(key);
    if (!drawing) return;
    const from = drawing.ink.length;
    for (const sample of samples) drawing.ink.push(sample);
    drawing.expected = expected;
    drawing.changed = true;
    const reach = widest(drawing.brush);
    if (samples.length > 0) {
      drawing.box = around(drawing.box, grown(inkBox(drawing.ink.slice(from)), reach));
    }
    this.want();
  }

  /**
   * It is over: it was kept and is on the tiles now, or it was none.
   *
   * What was kept stays as long as somebody else draws on the same canvas: to take it off there, all
   * others would have to be painted anew, and fifteen pens end a stroke every few frames.
   */
  end(key: string, kept = true): void {
    const drawing = this.drawings.get(key);
    if (!drawing) return;
    this.drawings.delete(key);
    if (this.drawings.size === 0) {
      this.fresh();
      return;
    }
    if (drawing.tip) this.upper?.wipe(key, drawing.tip);
    this.want();
    const { box } = drawing;
    if (!box || drawing.drawn === 0) return;
    if (kept) {
      this.left.add(key);
      return;
    }
    this.lower?.wipe(key, box);
    for (const other of this.drawings.values()) {
      if (!other.box || !meets(other.box, box)) continue;
      other.drawn = 0;
      other.changed = true;
      // Painting over it again changes nothing where it is still there: ink is not translucent.
    }
  }

  clear(): void {
    for (const key of this.keys) this.end(key);
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.drawings.clear();
  }

  private want(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.work());
  }

  private work(): void {
    this.frame = 0;
    const tips = [...this.drawings.values()].filter((drawing) => drawing.changed);
    for (const drawing of tips) {
      if (drawing.tip) this.upper?.wipe(drawing.key, drawing.tip);
      drawing.tip = null;
    }
    for (const drawing of tips) {
      drawing.changed = false;
      const before = drawing.drawn;
      if (drawing.brush.pen === "marker") this.marker(drawing);
      else this.pen(drawing);
      const fresh = drawing.ink.length - before;
      if (fresh > 0) this.painted?.(drawing.author, fresh);
      if (drawing.drawn < drawing.ink.length - UNSETTLED && drawing.brush.pen === "pen") {
        drawing.changed = true;
      }
    }
    this.lower?.tidy(this.drawings);
    this.upper?.tidy(this.drawings);
    for (const key of this.left) if (!this.lower?.holds(key)) this.left.delete(key);
    if (tips.some((drawing) => drawing.changed)) this.want();
  }

  private pen(drawing: Drawing): void {
    const { ink, brush } = drawing;
    const settled = Math.min(ink.length - UNSETTLED, drawing.drawn + CHUNK);
    if (settled > drawing.drawn && this.lower) {
      const part = ink.slice(Math.max(0, drawing.drawn - OVERLAP), settled);
      this.lower.paint(drawing.key, grown(inkBox(part), widest(brush)), (context) =>
        paintInk(context, part, brush, drawing.colour, this.zoom),
      );
      drawing.drawn = settled;
    }
    const end = ink.slice(Math.max(0, drawing.drawn - OVERLAP));
    for (const sample of drawing.expected) end.push(sample);
    this.tip(drawing, end, 1);
  }

  /** What lets through may be painted once only, so it is painted as a whole. */
  private marker(drawing: Drawing): void {
    const all = drawing.ink.slice(0);
    for (const sample of drawing.expected) all.push(sample);
    this.tip(drawing, all, MARKER_ALPHA);
    drawing.drawn = 0;
  }

  private tip(drawing: Drawing, ink: Ink, alpha: number): void {
    if (!this.upper || ink.length === 0) return;
    drawing.tip = grown(inkBox(ink), widest(drawing.brush));
    this.upper.paint(drawing.key, drawing.tip, (context) => {
      context.globalAlpha = alpha;
      paintInk(context, ink, drawing.brush, drawing.colour, this.zoom);
      context.globalAlpha = 1;
    });
  }

  private get zoom(): number {
    return this.view.zoom * this.ratio;
  }
}
