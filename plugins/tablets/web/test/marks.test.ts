import { describe, expect, it } from "vitest";
import { MARKS, Marks, middle } from "../src/marks.js";
import { EVEN, type PenSample, shape } from "../src/pen.js";

const sample = (x: number, y: number, contact: boolean): PenSample => ({
  time: 0,
  x,
  y,
  pressure: contact ? 0.5 : 0,
  tilt_x: null,
  tilt_y: null,
  twist: null,
  distance: null,
  contact,
  near: true,
  eraser: false,
  buttons: [],
});

describe("marks that are touched one after the other", () => {
  it("takes the middle of what the tip told, also where it slips as it is lifted", () => {
    const marks = new Marks();
    expect(marks.take([sample(0.5, 0.5, false)])).toBe(false);
    expect(marks.take([sample(0.1, 0.2, true), sample(0.1, 0.2, true)])).toBe(false);
    expect(marks.take([sample(0.3, 0.3, true), sample(0.3, 0.3, false)])).toBe(true);
    expect(marks.seen).toEqual([[0.1, 0.2]]);
    expect(middle([[1, 0]])).toEqual([1, 0]);
  });

  it("is done after the last one and takes no more", () => {
    const marks = new Marks();
    for (const [x, y] of [...MARKS, [0, 0] as const]) {
      marks.take([sample(x, y, true), sample(x, y, false)]);
    }
    expect(marks.done).toBe(true);
    expect(marks.seen).toEqual(MARKS);
  });
});

describe("how hard somebody presses", () => {
  it("is as measured until they say otherwise", () => {
    expect([0, 0.25, 1].map((pressure) => shape(EVEN, pressure))).toEqual([0, 0.25, 1]);
    expect(shape({ lightest: 0, hardest: 1, softness: -1 }, 0.5)).toBeCloseTo(0.0625);
    expect(shape({ lightest: 0.2, hardest: 0.6, softness: 0 }, 0.9)).toBe(1);
  });
});
