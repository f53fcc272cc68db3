import type { PenSample } from "./pen.js";

export type Place = [number, number];

/** Where the marks are, in fractions of the screen: near the corners, then the middle. */
export const MARKS: readonly Place[] = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.9, 0.9],
  [0.1, 0.9],
  [0.5, 0.5],
];

/** Gathers, mark by mark, where the device says it was touched: the middle of what a tip told. */
export class Marks {
  readonly seen: Place[] = [];
  private now: Place[] = [];

  /** Take samples; true where a mark has just been touched. */
  take(samples: PenSample[]): boolean {
    const before = this.seen.length;
    for (const sample of samples) {
      if (sample.contact) this.now.push([sample.x, sample.y]);
      else if (this.now.length > 0) {
        if (this.seen.length < MARKS.length) this.seen.push(middle(this.now));
        this.now = [];
      }
    }
    return this.seen.length > before;
  }

  get done(): boolean {
    return this.seen.length >= MARKS.length;
  }
}

/** The median of each coordinate: a tip that slips as it is lifted does not move it. */
export function middle(places: Place[]): Place {
  const of = (axis: 0 | 1) => {
    const sorted = places.map((place) => place[axis]).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  return [of(0), of(1)];
}
