import { expect, test } from "vitest";
import { type ScaleNews, scaleOf } from "../src/live-scale.js";

const news: ScaleNews = {
  objective: "10x",
  tells_objective: true,
  scale: null,
  calibrations: [
    { width: 1920, height: 1080, scale: 0.4 },
    { width: 640, height: 480, scale: 1.1 },
  ],
};

test("a picture has the scale of its very size", () => {
  expect(scaleOf(news, 1920, 1080)).toBe(0.4);
  expect(scaleOf(news, 640, 480)).toBe(1.1);
});

test("a picture of the same shape shows the same field with other pixels", () => {
  expect(scaleOf(news, 1280, 720)).toBeCloseTo(0.6);
});

test("a picture of another shape has none, nor one without a size", () => {
  expect(scaleOf(news, 1000, 1000)).toBeNull();
  expect(scaleOf(news, 0, 0)).toBeNull();
});

test("an objective that is not calibrated has none, whatever others have", () => {
  expect(scaleOf({ ...news, objective: "40x", calibrations: [] }, 1920, 1080)).toBeNull();
});

test("what the microscope itself tells comes first", () => {
  expect(scaleOf({ ...news, scale: 0.5 }, 1920, 1080)).toBe(0.5);
});
