import { describe, expect, it } from "vitest";
import { ghostAt, SHARED, type Side } from "../src/guided/ghost.js";
import { hintOf, look, outline } from "../src/light/levels.js";

const LIVE = { left: 40, top: 10, width: 900, height: 600 };

/** Where a point of the picture before (0..1) is shown over the live one (0..1). */
function shown(side: Side, x: number, y: number): [number, number] {
  const { window, picture } = ghostAt(side, LIVE);
  return [
    (window.left + picture.left + x * picture.width - LIVE.left) / LIVE.width,
    (window.top + picture.top + y * picture.height - LIVE.top) / LIVE.height,
  ];
}

describe("the ghost of the picture before", () => {
  it("lies so that a slide that fits it shares a third with the next picture", () => {
    const far = 1 - SHARED;
    // The next picture lies to the right: what was at the right edge is seen a third from the left.
    expect(shown("right", 1, 0.5)[0]).toBeCloseTo(SHARED);
    expect(shown("left", 0, 0.5)[0]).toBeCloseTo(far);
    expect(shown("down", 0.5, 1)[1]).toBeCloseTo(SHARED);
    expect(shown("up", 0.5, 0)[1]).toBeCloseTo(far);
  });

  it("covers only what both show", () => {
    for (const side of ["left", "right", "up", "down"] as const) {
      const { window } = ghostAt(side, LIVE);
      expect(window.left).toBeGreaterThanOrEqual(LIVE.left);
      expect(window.left + window.width).toBeLessThanOrEqual(LIVE.left + LIVE.width + 1e-9);
      expect(window.width * window.height).toBeCloseTo(LIVE.width * LIVE.height * SHARED);
    }
  });
});

function picture(width: number, height: number, level: (x: number, y: number) => number) {
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1)
      pixels
        .fill(level(x, y), (y * width + x) * 4)
        .fill(255, (y * width + x) * 4 + 3, (y * width + x) * 4 + 4);
  }
  return look(pixels, width, height);
}

describe("the look at the live picture", () => {
  const stripes = (soft: number) =>
    picture(64, 48, (x) => 128 + 60 * Math.tanh(Math.sin(x / 3) / soft));

  it("counts every pixel once in each channel", () => {
    const { levels } = picture(10, 8, (x) => x * 20);
    for (const counts of Object.values(levels)) {
      expect(counts.reduce((sum, one) => sum + one, 0)).toBe(80);
    }
    expect(levels.red[40]).toBe(8);
    expect(levels.grey[40]).toBe(8);
  });

  it("scores a sharp picture above a soft one, and light changes nothing", () => {
    expect(stripes(0.1).score).toBeGreaterThan(1.5 * stripes(2).score);
    const half = picture(64, 48, (x) => 64 + 30 * Math.tanh(Math.sin(x / 3) / 0.1));
    expect(half.score / stripes(0.1).score).toBeCloseTo(1, 1);
    expect(picture(64, 48, () => 128).score).toBeCloseTo(0);
    expect(picture(2, 2, () => 128).score).toBe(0);
  });

  it("says what to do about the light", () => {
    expect(hintOf(picture(20, 20, () => 180))).toBe("right");
    expect(hintOf(picture(20, 20, () => 60))).toBe("dark");
    expect(hintOf(picture(20, 20, (x) => (x < 2 ? 255 : 180)))).toBe("over");
    expect(hintOf(picture(0, 0, () => 0))).toBe("dark");
  });

  it("draws a histogram that stays in its box", () => {
    const path = outline([0, 4, 400, 16], 16);
    expect(path).toBe("M0 100 L0 100.0 L1 50.0 L2 0.0 L3 0.0 L255 100 Z");
  });
});
