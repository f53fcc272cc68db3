import { expect, test } from "vitest";
import { at, type CountedObject, corrections, summary, tapped } from "../src/process/objects.js";

const size = { width: 400, height: 300 };
const one = (number: number, x: number, y: number, diameter = 20): CountedObject => ({
  number,
  x,
  y,
  diameter,
  outline: [],
  removed: false,
  added: false,
});

test("a tap takes the nearest object away, and takes it back", () => {
  const objects = [one(1, 50, 50), one(2, 75, 50)];
  expect(at(objects, 66, 50, 3)).toEqual(1);
  const less = tapped(objects, 66, 50, 3, size);
  expect(corrections(less)).toEqual({ removed: [2], added: [] });
  expect(tapped(less, 75, 50, 3, size)).toEqual(objects);
});

test("a tap on an empty place adds one of the usual size, a tap on it takes it away", () => {
  const objects = [one(1, 50, 50, 10), one(2, 100, 50, 30), one(3, 150, 50, 20)];
  const more = tapped(objects, 300, 200, 3, size);
  expect(corrections(more)).toEqual({ removed: [], added: [{ x: 300, y: 200, diameter: 20 }] });
  expect(more.at(-1)?.number).toEqual(4);
  expect(tapped(more, 300, 200, 3, size)).toEqual(objects);
  expect(tapped(objects, -5, 200, 3, size)).toEqual(objects);
});

test("mean and deviation leave out what was taken away", () => {
  const objects = [one(1, 0, 0, 10), one(2, 0, 0, 14), { ...one(3, 0, 0, 99), removed: true }];
  const { count, mean, deviation } = summary(objects);
  expect([count, mean]).toEqual([2, 12]);
  expect(deviation).toBeCloseTo(Math.sqrt(8), 9);
  expect(summary([])).toEqual({ count: 0, mean: 0, deviation: 0 });
});
