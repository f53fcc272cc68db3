/** Strokes that others are drawing now. */
import type { Sample } from "../ink/ink.js";
import { predicted } from "../ink/predict.js";
import { decodePoints } from "../model/points.js";
import { fields, readCurve } from "../model/read.js";
import { BEGINS, ENDS, GIVEN_UP, type LiveEntry } from "../sync/messages.js";
import type { Wet } from "../view/wet.js";

/** A stroke of which nothing more is heard is taken off after so many milliseconds. */
const LASTS = 10_000;
/** What a pen was expected to do is taken back when it has done nothing for so many milliseconds. */
const RESTS = 50;

export interface Tip {
  author: string;
  x: number;
  y: number;
  colour: string;
}

interface Heard {
  author: string;
  page: string;
  x: number;
  y: number;
  colour: string;
  /** Of a pen of the room: its pupil looks at this very screen, and sees how late it is. */
  pen: boolean;
  /** When it was last heard of. */
  last: number;
}

export class Others {
  private readonly heard = new Map<string, Heard>();
  /** Where each author's pen is. */
  readonly tips = new Map<string, Tip>();
  /** Strokes that are drawn further than was heard. */
  private readonly foreseen = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly wet: Wet,
    /** Whether an author is seen. */
    private readonly shown: (author: string) => boolean,
  ) {}

  hear(entries: LiveEntry[], page: string): void {
    for (const entry of entries) this.take(entry, page);
  }

  private take(entry: LiveEntry, page: string): void {
    const key = entry.stroke;
    const stroke = entry.flags & BEGINS ? this.begin(entry, page) : this.heard.get(key);
    // What began before this page was opened is drawn when it is kept.
    if (!stroke || stroke.author !== entry.document) return;
    stroke.last = performance.now();
    if (entry.flags & GIVEN_UP) {
      this.end(key, false);
      return;
    }
    const ink = entry.points.length > 0 && decodePoints(entry.points, stroke.x, stroke.y);
    if (ink && this.wet.has(key)) {
      const samples: Sample[] = Array.from({ length: ink.length }, (_, at) => ink.sample(at));
      this.extend(key, stroke, samples, !(entry.flags & ENDS));
      const end = samples.at(-1) as Sample;
      this.tips.set(stroke.author, { ...stroke, x: end.x, y: end.y });
    }
    if (entry.flags & ENDS) this.tips.delete(stroke.author);
  }

  private extend(key: string, { pen }: Heard, samples: Sample[], goesOn: boolean): void {
    this.wet.extend(key, samples);
    this.foreseen.delete(key);
    const ink = pen && goesOn && this.wet.inkOf(key);
    const expected = ink ? predicted(ink) : [];
    if (expected.length === 0) return;
    this.wet.extend(key, [], expected);
    this.foreseen.add(key);
    this.timer ??= setTimeout(() => this.settle(), RESTS);
  }

  /** Take back what was expected of pens that rest. */
  private settle(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const key of this.foreseen) {
      const stroke = this.heard.get(key);
      if (stroke && now - stroke.last < RESTS) continue;
      this.foreseen.delete(key);
      if (stroke) this.wet.extend(key, []);
    }
    if (this.foreseen.size > 0) this.timer = setTimeout(() => this.settle(), RESTS);
  }

  private begin(entry: LiveEntry, page: string): Heard | undefined {
    const said = fields(entry.item);
    const { x, y, width, colour } = said ?? {};
    if (!said || typeof x !== "number" || typeof y !== "number") return undefined;
    if (typeof width !== "number" || !(width > 0 && width <= 400)) return undefined;
    if (typeof colour !== "string" || !/^#[0-9a-f]{6}$/i.test(colour)) return undefined;
    const stroke = {
      author: entry.document,
      page: String(said.page),
      x,
      y,
      colour,
      pen: typeof said.device === "string" && said.device !== "",
      last: performance.now(),
    };
    this.heard.set(entry.stroke, stroke);
    if (stroke.page !== page || !this.shown(stroke.author)) return stroke;
    const pen = said.pen === "marker" ? "marker" : "pen";
    const curve = readCurve(said.curve) ?? null;
    const brush = { pen, width, curve } as const;
    this.wet.begin({ key: entry.stroke, author: stroke.author, brush, colour });
    return stroke;
  }

  /** Its item has come (`kept`), or it has been given up. */
  end(key: string, kept = true): void {
    const stroke = this.heard.get(key);
    if (!stroke) return;
    this.heard.delete(key);
    this.foreseen.delete(key);
    this.wet.end(key, kept);
  }

  /** Forget what has been silent for too long. */
  tidy(): void {
    const now = performance.now();
    for (const [key, { last, author }] of this.heard) {
      if (now - last < LASTS) continue;
      this.end(key, false);
      this.tips.delete(author);
    }
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const key of [...this.heard.keys()]) this.end(key, false);
    this.tips.clear();
  }
}
