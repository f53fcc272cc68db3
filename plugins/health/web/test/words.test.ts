import { describe, expect, it } from "vitest";
import { type Plot, shareTone } from "../src/api.js";
import { columns } from "../src/chart.js";
import {
  changeText,
  durationText,
  ruleText,
  shareText,
  shown,
  sizeText,
  valueText,
} from "../src/words.js";

const share = (value: number | null) => shareText({ share: value, known: 1, downs: 0 });

describe("figures", () => {
  it("never round what was wrong to nothing", () => {
    expect(share(1)).toBe("100%");
    expect(share(0.9996)).toBe("99.9%");
    expect(share(0.994)).toBe("99.4%");
    expect(share(0.5)).toBe("50%");
    expect(share(null)).toBe("–");
  });

  it("are shares where a curve is of yes or no", () => {
    expect(shown({ name: "reachable", unit: "1" }, 0.5)).toBe("50%");
    expect(shown({ name: "losses", unit: "1" }, 0.5)).toBe("0.5");
    expect(shown({ name: "heat", unit: "Cel" }, 50)).toBe(valueText({ unit: "Cel" }, 50));
  });

  it("have colours by how much of the school's hours was lost", () => {
    expect([null, 1, 0.99, 0.95, 0.5].map(shareTone)).toEqual([
      "idle",
      "good",
      "good",
      "warn",
      "bad",
    ]);
  });

  it("have sizes and units as people read them", () => {
    expect(sizeText(999)).toBe("999\u00a0B");
    expect(sizeText(36_400_000)).toBe("36\u00a0MB");
    expect(sizeText(1_500_000_000)).toBe("1.5\u00a0GB");
    expect(valueText({ unit: "s" }, 0.0421)).toBe("42\u00a0ms");
    expect(valueText({ unit: "1" }, 3)).toBe("3");
    expect(valueText({ unit: "%" }, 47)).toBe("47%");
  });
});

describe("changes", () => {
  const change = { time: "", device: "d", up: false, presence: "present", process: "running" };
  it("say what is known, and something where nothing is", () => {
    expect(changeText({ ...change, code: "hot", said: "Too hot" })).toBe("Too hot");
    expect(changeText({ ...change, code: null, said: "" })).toBe("Does not answer");
    expect(changeText({ ...change, presence: "absent", code: null, said: "" })).toBe("Unplugged");
    expect(changeText({ ...change, up: true, code: null, said: "" })).toBe("Works");
  });
});

describe("rules of alerts", () => {
  it("say what they are about, in their own words or in ours", () => {
    expect(ruleText({ title: "Too hot.", watch: "series", when: "" })).toBe("Too hot.");
    expect(ruleText({ title: "", watch: "device", when: "unreachable" })).toBe(
      "A device does not answer",
    );
    expect(ruleText({ title: "", watch: "hub", when: "" })).toBe("Something is wrong with the hub");
  });

  it("have delays that are read at a glance", () => {
    expect([10, 900, 43_200].map(durationText)).toEqual(["10\u00a0s", "15\u00a0min", "12\u00a0h"]);
  });
});

describe("curves", () => {
  const series = { id: 1, subject: "d", name: "n", title: "N", unit: "1", sums: false };
  const plot = (times: number[], sums = false): Plot => ({
    series: { ...series, sums },
    step: 10,
    times,
    values: times,
    least: times,
    most: times,
  });

  it("have a gap where nothing was measured", () => {
    expect(columns(plot([0, 10, 200]))[1]).toEqual([0, 10, null, 200]);
    expect(columns(plot([0, 10, 200]))[0]).toEqual([0, 10, 20, 200]);
  });

  it("have none between increments, which are seldom", () => {
    expect(columns(plot([0, 10, 200], true))[1]).toEqual([0, 10, 200]);
  });
});
