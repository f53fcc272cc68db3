import { describe, expect, it } from "vitest";
import { halfWidth, meant } from "../src/ink/brush.js";
import { Ink, type Sample } from "../src/ink/ink.js";
import { outline } from "../src/ink/outline.js";

const PEN = { pen: "pen", width: 10 } as const;

function sample(x: number, y: number, more: Partial<Sample> = {}): Sample {
  return { x, y, pressure: 0.5, tiltX: 0, tiltY: 0, twist: 0, time: 0, ...more };
}

function line(count: number, place: (share: number) => Sample): Ink {
  return Ink.of(Array.from({ length: count }, (_, index) => place(index / (count - 1))));
}

/** How often polygons go around a place; not 0 where they fill it. */
function winding(pieces: Float32Array[], x: number, y: number): number {
  let turns = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += 2) {
      const [ax, ay] = [piece[at] as number, piece[at + 1] as number];
      const [bx, by] = [
        piece[(at + 2) % piece.length] as number,
        piece[(at + 3) % piece.length] as number,
      ];
      const left = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
      if (ay <= y && by > y && left > 0) turns += 1;
      else if (ay > y && by <= y && left < 0) turns -= 1;
    }
  }
  return turns;
}

function thickness(pieces: Float32Array[], x: number): number {
  let count = 0;
  for (let y = -50; y <= 50; y += 0.1) if (winding(pieces, x, y) !== 0) count += 1;
  return count / 10;
}

describe("samples", () => {
  it("are kept as they came, however many", () => {
    const ink = line(1000, (share) => sample(share * 100, 1 - share, { tiltX: 12, time: 5 }));
    expect(ink.length).toBe(1000);
    expect(ink.sample(500).x).toBeCloseTo((500 / 999) * 100, 4);
    expect(ink.slice(990).length).toBe(10);
    expect(ink.slice(990).sample(9)).toMatchObject({ x: 100, tiltX: 12, time: 5 });
  });
});

describe("a pen's line", () => {
  it("is as wide as was chosen at middle pressure, thinner when light, broader when pressed", () => {
    const wide = (pressure: number) =>
      thickness(
        outline(
          line(60, (share) => sample(share * 200, 0, { pressure })),
          PEN,
          { step: 0.4 },
        ),
        100,
      );
    expect(wide(0.5)).toBeCloseTo(10, 0);
    expect(wide(0.05)).toBeLessThan(6);
    expect(wide(1)).toBeGreaterThan(14);
  });

  it("is drawn as the hand means it that presses: measured pressure is shaped by its curve", () => {
    const wide = (pressure: number, curve: readonly [number, number, number] | null) =>
      halfWidth({ ...PEN, curve }, pressure, 0, 0, [1, 0]);
    expect(wide(0.3, null)).toBe(wide(0.3, [0, 1, 0]));
    expect(meant([0.1, 0.8, 0.5], 0.45)).toBeCloseTo(0.5 ** 0.5, 9);
    expect(wide(0.45, [0.1, 0.8, 0.5])).toBeCloseTo(wide(0.5 ** 0.5, null), 9);
    expect(wide(0.05, [0.1, 0.8, 0])).toBe(wide(0, null));
    expect(wide(0.9, [0.1, 0.8, 0])).toBe(wide(1, null));
    expect(wide(0.2, [0, 1, 1])).toBeGreaterThan(wide(0.2, [0, 1, -1]));
  });

  it("swells with the pressure along the way", () => {
    const ink = line(100, (share) => sample(share * 200, 0, { pressure: share }));
    const pieces = outline(ink, PEN, { step: 0.4 });
    const widths = [20, 60, 100, 140, 180].map((x) => thickness(pieces, x));
    expect([...widths].sort((a, b) => a - b)).toEqual(widths);
  });

  it("is broad across the lean of the pen and thin along it", () => {
    const across = halfWidth(PEN, 0.5, 0, 60, [1, 0]);
    const along = halfWidth(PEN, 0.5, 60, 0, [1, 0]);
    const upright = halfWidth(PEN, 0.5, 0, 0, [1, 0]);
    expect(across).toBeGreaterThan(1.5 * upright);
    expect(along).toBeCloseTo(upright, 5);
    // As a hand holds a pen when it writes.
    expect(halfWidth(PEN, 0.5, 20, 20, [1, 0])).toBeCloseTo(upright, 5);
  });

  it("has no hole where it turns sharply, on itself or around a tight bend", () => {
    const zigzag = Ink.of([sample(0, 0), sample(60, 0), sample(5, 8), sample(60, 16)]);
    for (const [x, y] of [
      [60, 0],
      [5, 8],
      [30, 4.4],
      [30, 0],
    ] as const) {
      expect(winding(outline(zigzag, PEN, { step: 0.4 }), x, y)).not.toBe(0);
    }
    const bend = line(40, (share) => {
      const angle = share * Math.PI * 4;
      return sample(3 * Math.cos(angle), 3 * Math.sin(angle));
    });
    const pieces = outline(bend, PEN, { step: 0.2 });
    for (let x = -6; x <= 6; x += 0.5) {
      for (let y = -6; y <= 6; y += 0.5) {
        if (Math.hypot(x, y) < 7) expect(winding(pieces, x, y), `${x} ${y}`).not.toBe(0);
      }
    }
  });

  it("is a dot where the pen only touched", () => {
    const dot = outline(Ink.of([sample(5, 5)]), PEN, { step: 0.4 });
    expect(winding(dot, 5, 5)).not.toBe(0);
    expect(winding(dot, 11, 5)).toBe(0);
    expect(outline(new Ink(), PEN, { step: 0.4 })).toEqual([]);
  });

  it("takes fewer points where it is seen from afar", () => {
    const ink = line(2000, (share) => sample(share * 400, 20 * Math.sin(share * 20)));
    const points = (step: number) =>
      outline(ink, PEN, { step }).reduce((sum, piece) => sum + piece.length, 0);
    expect(points(4)).toBeLessThan(points(0.4) / 3);
  });

  it("ends where the pen left", () => {
    const ink = line(50, (share) => sample(share * 100.03, 0));
    const right = Math.max(
      ...outline(ink, PEN, { step: 3 }).flatMap((piece) =>
        [...piece].filter((_, i) => i % 2 === 0),
      ),
    );
    expect(right).toBeGreaterThan(103.5);
    expect(right).toBeLessThan(106);
  });
});
