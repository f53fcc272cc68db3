/** How bright and how sharp a picture is, reckoned in the browser from a small copy of it. */

export type Levels = Record<"red" | "green" | "blue" | "grey", number[]>;

export interface Look {
  levels: Levels;
  /** Comparable between pictures of the same place only; as the hub's own focus score. */
  score: number;
  /** Parts of all pixels, 0..1, of which a channel is at its end. */
  dark: number;
  bright: number;
}

export type Hint = "over" | "dark" | "right";

/** A level that a camera's JPEG makes of white. */
const WHITE = 253;
/** So much of a picture may be white: a bubble, a speck. */
const MOST_WHITE = 0.01;
/** In a well lit picture the brightest twentieth is brighter than this. */
const LEAST_LIGHT = 110;
const BRIGHTEST = 0.05;

/** Look at RGBA pixels. */
export function look(pixels: Uint8ClampedArray, width: number, height: number): Look {
  const counts = () => new Array<number>(256).fill(0);
  const levels: Levels = { red: counts(), green: counts(), blue: counts(), grey: counts() };
  const grey = new Float32Array(width * height);
  let dark = 0;
  let bright = 0;
  let sum = 0;
  for (let at = 0; at < grey.length; at += 1) {
    const r = pixels[at * 4] ?? 0;
    const g = pixels[at * 4 + 1] ?? 0;
    const b = pixels[at * 4 + 2] ?? 0;
    const value = 0.299 * r + 0.587 * g + 0.114 * b;
    grey[at] = value;
    sum += value;
    add(levels.red, r);
    add(levels.green, g);
    add(levels.blue, b);
    add(levels.grey, Math.round(value));
    if (Math.min(r, g, b) === 0) dark += 1;
    if (Math.max(r, g, b) >= WHITE) bright += 1;
  }
  const count = Math.max(1, grey.length);
  return {
    levels,
    score: sharpness(grey, width, height, sum / count),
    dark: dark / count,
    bright: bright / count,
  };
}

function add(counts: number[], level: number): void {
  counts[level] = (counts[level] ?? 0) + 1;
}

/** The mean squared Laplacian of the smoothed picture over its squared mean (Nayar 1994). */
function sharpness(grey: Float32Array, width: number, height: number, mean: number): number {
  if (width < 5 || height < 5) return 0;
  const smooth = smoothed(grey, width, height);
  let total = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const fine =
        (smooth[at - 1] ?? 0) +
        (smooth[at + 1] ?? 0) +
        (smooth[at - width] ?? 0) +
        (smooth[at + width] ?? 0) -
        4 * (smooth[at] ?? 0);
      total += fine * fine;
    }
  }
  return (total / ((width - 2) * (height - 2)) / Math.max(mean, 1) ** 2) * 1e4;
}

/** Smoothed by 1 4 6 4 1, a Gaussian of one pixel: the camera's noise is no detail. */
function smoothed(grey: Float32Array, width: number, height: number): Float32Array {
  const across = pass(grey, width, height, 1, width);
  return pass(across, width, height, width, height);
}

function pass(from: Float32Array, width: number, height: number, step: number, side: number) {
  const to = new Float32Array(from.length);
  for (let at = 0; at < width * height; at += 1) {
    const place = step === 1 ? at % width : Math.floor(at / width);
    const value = (by: number) =>
      from[at + Math.max(-place, Math.min(side - 1 - place, by)) * step] ?? 0;
    to[at] = (value(-2) + value(2) + 4 * (value(-1) + value(1)) + 6 * value(0)) / 16;
  }
  return to;
}

/** What to do about the light. */
export function hintOf({ levels, bright }: Pick<Look, "levels" | "bright">): Hint {
  if (bright > MOST_WHITE) return "over";
  const all = levels.grey.reduce((sum, one) => sum + one, 0);
  let left = all * BRIGHTEST;
  for (let level = 255; level >= 0; level -= 1) {
    left -= levels.grey[level] ?? 0;
    if (left < 0) return level < LEAST_LIGHT ? "dark" : "right";
  }
  return "dark";
}

/** The outline of a histogram as an SVG path in a box of 256 by 100. */
export function outline(counts: number[], top: number): string {
  const points = counts.map((count, level) => {
    // The square root lets small peaks be seen beside the background's.
    const height = top > 0 ? Math.min(1, Math.sqrt(count / top)) * 100 : 0;
    return `${level} ${(100 - height).toFixed(1)}`;
  });
  return `M0 100 L${points.join(" L")} L255 100 Z`;
}
