/** Drawing with pen and marker: what is shown at once, told to the others, and kept at the end. */
import type { Sample } from "../ink/ink.js";
import type { Board } from "../model/board.js";
import { newId } from "../model/board.js";
import { BARE, type Channels, encodePoints, FULL } from "../model/points.js";
import { BEGINS, ENDS, GIVEN_UP, type LiveEntry } from "../sync/messages.js";
import type { Wet } from "../view/wet.js";

/** Not more often than a screen shows it; the hub takes sixty messages a second. */
const EVERY = 17;

export interface Begun {
  page: string;
  pen: "pen" | "marker";
  colour: string;
  width: number;
  /** A device that feels pressure. */
  feels: boolean;
}

interface Drawn extends Begun {
  document: string;
  id: string;
  time: number;
  samples: Sample[];
  channels: Channels;
  /** Samples that have been told. */
  told: number;
}

export class Strokes {
  private readonly drawn = new Map<string, Drawn>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly board: Board,
    private readonly wet: Wet,
  ) {}

  begin(stroke: Begun, first: Sample): string {
    const document = this.board.documentFor(stroke.page);
    if (!document) return "";
    const id = newId();
    const channels = stroke.feels ? FULL : BARE;
    const time = this.board.now();
    this.drawn.set(id, { ...stroke, document, id, time, samples: [], channels, told: -1 });
    const { pen, width, colour } = stroke;
    this.wet.begin({ key: id, author: document, brush: { pen, width }, colour });
    this.extend(id, [first], []);
    return id;
  }

  extend(id: string, samples: Sample[], expected: Sample[]): void {
    const stroke = this.drawn.get(id);
    if (!stroke) return;
    stroke.samples.push(...samples);
    this.wet.extend(id, samples, expected);
    this.timer ??= setTimeout(() => this.tell(), EVERY);
  }

  /** Keep it: the item takes the place of what was shown while it was drawn. */
  end(id: string): void {
    const stroke = this.drawn.get(id);
    if (!stroke) return;
    this.board.sendLive([this.entry(stroke, ENDS)]);
    this.drawn.delete(id);
    const { x, y } = stroke.samples[0] as Sample;
    this.board.put(id, {
      ...header(stroke),
      points: encodePoints(stroke.samples, x, y, stroke.channels),
    });
    this.wet.end(id);
  }

  cancel(id: string): void {
    const stroke = this.drawn.get(id);
    if (!stroke) return;
    if (stroke.told >= 0) this.board.sendLive([this.entry(stroke, GIVEN_UP)]);
    this.drawn.delete(id);
    this.wet.end(id, false);
  }

  /** Whether this stroke is being drawn here. */
  has(id: string): boolean {
    return this.drawn.has(id);
  }

  close(): void {
    clearTimeout(this.timer);
    for (const id of [...this.drawn.keys()]) this.end(id);
  }

  private tell(): void {
    this.timer = undefined;
    const news = [...this.drawn.values()].filter(({ told, samples }) => told < samples.length);
    this.board.sendLive(news.map((stroke) => this.entry(stroke, 0)));
  }

  private entry(stroke: Drawn, flags: number): LiveEntry {
    const first = Math.max(0, stroke.told);
    const begins = stroke.told < 0 ? BEGINS : 0;
    const origin = stroke.samples[0] as Sample;
    const fresh = stroke.samples.slice(first);
    stroke.told = stroke.samples.length;
    return {
      document: stroke.document,
      stroke: stroke.id,
      flags: flags | begins,
      first,
      item: begins ? header(stroke) : null,
      points:
        fresh.length > 0
          ? encodePoints(fresh, origin.x, origin.y, stroke.channels)
          : new Uint8Array(0),
    };
  }
}

function header(stroke: Drawn): Record<string, unknown> {
  const { page, time, colour, pen, width, samples } = stroke;
  const { x, y } = samples[0] as Sample;
  return { kind: "stroke", page, time, colour, pen, width, x, y, device: "" };
}
