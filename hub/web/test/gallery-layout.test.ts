import { describe, expect, it } from "vitest";
import { columnsIn, Fling, Layout } from "../src/shell/gallery-layout.js";
import { isOf } from "../src/shell/gallery-list.js";

const measures = { width: 1000, columns: 4, tileHeight: 200, headingHeight: 50, gap: 10 };

describe("the layout of a gallery", () => {
  it("gives every item one place, in order", () => {
    for (const counts of [[1], [4], [5, 3, 9], [1, 1, 1], [5000], [100, 0, 7]]) {
      const layout = new Layout(
        counts.map((count) => ({ count })),
        measures,
      );
      const items = layout.lines.flatMap((line) =>
        Array.from({ length: line.count }, (_, index) => line.first + index),
      );
      const total = counts.reduce((sum, count) => sum + count, 0);
      expect(items).toEqual(Array.from({ length: total }, (_, index) => index));
      for (const [index, line] of layout.lines.slice(1).entries()) {
        const before = layout.lines[index];
        expect(line.top).toBeGreaterThanOrEqual((before?.top ?? 0) + (before?.height ?? 0));
      }
      const last = layout.lines.at(-1);
      expect(layout.height).toBeLessThanOrEqual((last?.top ?? 0) + (last?.height ?? 0));
    }
  });

  it("finds the line at a height and the row of an item", () => {
    const layout = new Layout([{ count: 5 }, { count: 9 }], measures);
    for (const [index, line] of layout.lines.entries()) {
      expect(layout.lineAt(line.top)).toBe(index);
      expect(layout.lineAt(line.top + line.height - 1)).toBe(index);
    }
    expect(layout.lineAt(-5)).toBe(0);
    expect(layout.lineAt(1e9)).toBe(layout.lines.length - 1);
    for (let item = 0; item < 14; item += 1) {
      const row = layout.rowOf(item);
      expect(item).toBeGreaterThanOrEqual(row?.first ?? 99);
      expect(item).toBeLessThan((row?.first ?? 0) + (row?.count ?? 0));
    }
  });

  it("steps with the arrow keys over headings and short rows", () => {
    const layout = new Layout([{ count: 5 }, { count: 9 }], measures);
    expect(layout.step(3, "ArrowDown", 14)).toBe(4);
    expect(layout.step(4, "ArrowDown", 14)).toBe(5);
    expect(layout.step(8, "ArrowUp", 14)).toBe(4);
    expect(layout.step(0, "ArrowUp", 14)).toBe(0);
    expect(layout.step(13, "ArrowRight", 14)).toBe(13);
    expect(layout.step(7, "Home", 14)).toBe(0);
    expect(layout.step(0, "End", 14)).toBe(13);
  });

  it("has two columns at least", () => {
    expect(columnsIn(300, 220, 16)).toBe(2);
    expect(columnsIn(1200, 220, 16)).toBe(5);
  });
});

describe("a fling through a gallery", () => {
  const through = (pixelsPerSecond: number, frame: number) => {
    const fling = new Fling();
    return Array.from({ length: 6 }, (_, n) =>
      fling.moved((n * frame * pixelsPerSecond) / 1000, n * frame, 800),
    );
  };

  it("is told once it has gone on for a moment, whatever the frame rate", () => {
    for (const frame of [8, 16, 40]) {
      expect(through(12_000, frame).at(-1)).toBe(true);
      expect(through(2_000, frame)).not.toContain(true);
    }
  });

  it("is no single leap, and is over with the first calm frame", () => {
    const fling = new Fling();
    fling.moved(0, 0, 800);
    expect(fling.moved(90_000, 16, 800)).toBe(false);
    expect(fling.moved(90_400, 32, 800)).toBe(true);
    expect(fling.moved(90_410, 48, 800)).toBe(false);
  });
});

describe("media types of a list", () => {
  it("are a kind, one of them, or several", () => {
    expect(isOf("image/png", "image/*,video/*")).toBe(true);
    expect(isOf("video/mp4", "video/mp4")).toBe(true);
    expect(isOf("application/json", "image/*,video/*")).toBe(false);
    expect(isOf("imagery/png", "image/*")).toBe(false);
  });
});
