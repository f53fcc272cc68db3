/** Where a pen will be by the time that what it has just done is seen. */
import type { Ink, Sample } from "./ink.js";

/** Milliseconds that are foreseen: one picture of a screen. More is seen to be wrong. */
export const AHEAD = 16;
/** Milliseconds of the way that speed is taken from, in two halves. */
const SPAN = 24;

/**
 * The sample that is to be expected after the last of these; none where the pen rests or turns.
 *
 * It goes on as fast as in the last few milliseconds, less far where it was slowing down or turning
 * meanwhile: a line that falls behind by a hair is not seen, one that jumps back is.
 */
export function predicted(ink: Ink): Sample[] {
  const last = ink.length - 1;
  if (last < 2) return [];
  const end = ink.sample(last);
  const middle = ink.sample(before(ink, last - 1, end.time - SPAN / 2));
  const start = ink.sample(before(ink, last - 2, middle.time - SPAN / 2));
  const now = speed(middle, end);
  const then = speed(start, middle);
  if (!now || !then) return [];
  const [fast, faster] = [Math.hypot(now.x, now.y), Math.hypot(then.x, then.y)];
  if (fast === 0 || faster === 0) return [];
  const straight = (now.x * then.x + now.y * then.y) / (fast * faster);
  const far = AHEAD * Math.max(0, straight) * Math.min(1, fast / faster);
  if (far < 1) return [];
  return [{ ...end, x: end.x + now.x * far, y: end.y + now.y * far, time: end.time + AHEAD }];
}

/** The last sample up to `index` that is not later than `time`, or the first. */
function before(ink: Ink, index: number, time: number): number {
  let at = Math.max(0, index);
  while (at > 0 && ink.time(at) > time) at -= 1;
  return at;
}

/** Page units a millisecond; none where the clock stands still or runs back. */
function speed(from: Sample, to: Sample): { x: number; y: number } | null {
  const took = to.time - from.time;
  if (!(took > 0) || took > 4 * SPAN) return null;
  return { x: (to.x - from.x) / took, y: (to.y - from.y) / took };
}
