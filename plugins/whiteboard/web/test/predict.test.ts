import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Ink, type Sample } from "../src/ink/ink.js";
import { AHEAD, predicted } from "../src/ink/predict.js";
import { encodePoints, FULL } from "../src/model/points.js";
import { BEGINS, ENDS, type LiveEntry } from "../src/sync/messages.js";
import { Others } from "../src/tools/others.js";
import type { Wet } from "../src/view/wet.js";

function at(time: number, x: number, y: number): Sample {
  return { x, y, pressure: 0.5, tiltX: 10, tiltY: 0, twist: 0, time };
}

/** What a pen that reports 200 times a second gives on a way. */
function way(milliseconds: number, where: (time: number) => [number, number]): Sample[] {
  return Array.from({ length: milliseconds / 5 + 1 }, (_, step) =>
    at(step * 5, ...where(step * 5)),
  );
}

describe("what a pen is expected to do", () => {
  it("goes on as fast as it went", () => {
    const [next] = predicted(Ink.of(way(60, (time) => [time * 0.5, -time * 0.25])));
    expect(next?.x).toBeCloseTo((60 + AHEAD) * 0.5, 3);
    expect(next?.y).toBeCloseTo(-(60 + AHEAD) * 0.25, 3);
    expect(next?.time).toBe(60 + AHEAD);
    expect(next?.pressure).toBe(0.5);
  });

  it("is nothing where it rests, has just begun, turns back, or its clock stands still", () => {
    expect(predicted(Ink.of(way(60, () => [7, 7])))).toEqual([]);
    expect(predicted(Ink.of(way(5, (time) => [time, 0])))).toEqual([]);
    expect(predicted(Ink.of(way(60, (time) => [time < 48 ? time : 96 - time, 0])))).toEqual([]);
    expect(
      predicted(Ink.of(way(60, (time) => [time, 0]).map((one) => ({ ...one, time: 3 })))),
    ).toEqual([]);
    expect(predicted(new Ink())).toEqual([]);
  });

  it("is nearer than doing nothing on curves, and never far off at corners and stops", () => {
    const ways: Array<(time: number) => [number, number]> = [
      (time) => [100 * Math.cos(time / 120), 100 * Math.sin(time / 120)],
      (time) => [time, 30 * Math.sin(time / 60)],
      (time) => [Math.sqrt(time) * 20, time / 3],
    ];
    for (const where of ways) {
      const all = way(600, where);
      let [foreseen, late] = [0, 0];
      for (let end = 8; end < all.length - 4; end += 1) {
        const [truly, last] = [where(end * 5 + AHEAD), where(end * 5)];
        const [next] = predicted(Ink.of(all.slice(0, end + 1)));
        foreseen += Math.hypot((next?.x ?? last[0]) - truly[0], (next?.y ?? last[1]) - truly[1]);
        late += Math.hypot(last[0] - truly[0], last[1] - truly[1]);
      }
      expect(foreseen).toBeLessThan(late / 2);
    }
    // Full speed, then still: what was drawn too far is less than one picture of the way.
    const stop = way(100, (time) => [Math.min(time, 60), 0]);
    for (let end = 4; end < stop.length; end += 1) {
      const [next] = predicted(Ink.of(stop.slice(0, end + 1)));
      expect((next?.x ?? 0) - (stop[end]?.x ?? 0)).toBeLessThanOrEqual(AHEAD + 0.001);
    }
  });
});

describe("strokes of others", () => {
  const extended: Array<[number, number]> = [];
  const inks = new Map<string, Ink>();
  const wet = {
    has: (key: string) => inks.has(key),
    inkOf: (key: string) => inks.get(key),
    begin: ({ key }: { key: string }) => inks.set(key, new Ink()),
    extend: (key: string, samples: Sample[], expected: Sample[] = []) => {
      for (const sample of samples) inks.get(key)?.push(sample);
      extended.push([samples.length, expected.length]);
    },
    end: (key: string) => inks.delete(key),
  } as unknown as Wet;

  function entry(device: string, samples: Sample[], flags: number): LiveEntry {
    const item = {
      kind: "stroke",
      page: "p",
      time: 0,
      colour: "#000000",
      pen: "pen",
      width: 3,
      x: 0,
      y: 0,
      device,
    };
    const begins = (flags & BEGINS) !== 0;
    const points = encodePoints(samples, 0, 0, FULL);
    return {
      document: "d",
      stroke: device || "own",
      flags,
      first: 0,
      item: begins ? item : null,
      points,
    };
  }

  beforeEach(() => {
    vi.useFakeTimers();
    extended.length = 0;
    inks.clear();
  });
  afterEach(() => vi.useRealTimers());

  it("are drawn ahead for pens of the room, until these rest or lift", () => {
    const others = new Others(wet, () => true);
    const line = way(60, (time) => [time, 0]);
    others.hear([entry("pen-1", line.slice(0, 10), BEGINS)], "p");
    expect(extended).toEqual([
      [10, 0],
      [0, 1],
    ]);
    vi.advanceTimersByTime(200);
    expect(extended.at(-1)).toEqual([0, 0]);
    const before = extended.length;
    vi.advanceTimersByTime(1000);
    expect(extended.length).toBe(before);
    others.hear([entry("pen-1", line.slice(10), ENDS)], "p");
    expect(extended.slice(before)).toEqual([[3, 0]]);
    others.clear();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are drawn as they came where another page draws them", () => {
    const others = new Others(wet, () => true);
    others.hear(
      [
        entry(
          "",
          way(60, (time) => [time, 0]),
          BEGINS,
        ),
      ],
      "p",
    );
    expect(extended).toEqual([[13, 0]]);
  });
});
