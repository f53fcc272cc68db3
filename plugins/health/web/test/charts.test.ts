import { describe, expect, it } from "vitest";
import type { Plot } from "../src/api.js";
import { lastOf, spanOf } from "../src/charts.js";

function plot(values: number[], sums = false): Plot {
  const series = { id: 1, subject: "scope", name: "answer", title: "", unit: "s", sums };
  const times = values.map((_, at) => at * 10);
  return {
    series,
    step: 10,
    times,
    values,
    least: values.map((value) => value - 1),
    most: values.map((value) => value + 1),
  };
}

describe("curves on one scale", () => {
  it("have room for the least and the most of all of them", () => {
    expect(spanOf([plot([5, 9]), plot([2])])).toEqual({ low: 0, high: 10 });
    expect(spanOf([plot([-4])]).low).toBe(-5);
    expect(spanOf([plot([5, 9], true)])).toEqual({ low: 0, high: 9 });
  });

  it("are told by their last value, what is counted by all of it", () => {
    expect(lastOf(plot([5, 9]))).toBe(9);
    expect(lastOf(plot([5, 9], true))).toBe(14);
    expect(lastOf(plot([]))).toBe(0);
  });
});
