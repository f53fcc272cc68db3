/** The points of a stroke as bytes: docs/boards.md, "Points". */
import { Ink, type Sample } from "../ink/ink.js";

const VERSION = 1;
const HEADER = 8;
const PRESSURE = 1;
const TILT = 2;
const TWIST = 4;
const MOST = 100_000;
const HARDEST = 65_535;
const HUNDREDTHS = 100;
/** What a device that does not feel pressure is taken to press. */
const USUAL = 0.5;
/** Page units: the sum of how far points may lie to each side. */
const FARTHEST = 1e7;

/** What a device knows besides the place. */
export interface Channels {
  pressure: boolean;
  tilt: boolean;
  twist: boolean;
}

export const BARE: Channels = { pressure: false, tilt: false, twist: false };
export const FULL: Channels = { pressure: true, tilt: true, twist: true };

/** Samples as bytes; `x`, `y` is the item's place. At most 100 000 samples. */
export function encodePoints(
  samples: readonly Sample[],
  x: number,
  y: number,
  has: Channels,
): Uint8Array<ArrayBuffer> {
  const n = Math.min(samples.length, MOST);
  const flags = (has.pressure ? PRESSURE : 0) | (has.tilt ? TILT : 0) | (has.twist ? TWIST : 0);
  const view = new DataView(new ArrayBuffer(lengthOf(n, flags)));
  view.setUint8(0, VERSION);
  view.setUint8(1, flags);
  view.setUint32(4, n, true);
  let at = HEADER;
  const column = (size: number, put: (place: number, sample: Sample) => void) => {
    for (let index = 0; index < n; index += 1) put(at + index * size, samples[index] as Sample);
    at += n * size;
  };
  let last = 0;
  column(4, (place, sample) => {
    last = Math.max(last, Math.min(0xffff_ffff, Math.round(sample.time * 1000)));
    view.setUint32(place, last, true);
  });
  column(4, (place, sample) => view.setFloat32(place, sample.x - x, true));
  column(4, (place, sample) => view.setFloat32(place, sample.y - y, true));
  if (has.pressure) {
    column(2, (place, { pressure }) =>
      view.setUint16(place, Math.round(Math.min(1, Math.max(0, pressure)) * HARDEST), true),
    );
  }
  if (has.tilt) {
    column(2, (place, { tiltX }) => view.setInt16(place, degrees(tiltX), true));
    column(2, (place, { tiltY }) => view.setInt16(place, degrees(tiltY), true));
  }
  if (has.twist) {
    column(2, (place, { twist }) =>
      view.setUint16(place, Math.round((((twist % 360) + 360) % 360) * HUNDREDTHS) % 36_000, true),
    );
  }
  return new Uint8Array(view.buffer);
}

function degrees(value: number): number {
  return Math.round(Math.min(90, Math.max(-90, value)) * HUNDREDTHS);
}

function lengthOf(n: number, flags: number): number {
  const more = (flags & PRESSURE ? 2 : 0) + (flags & TILT ? 4 : 0) + (flags & TWIST ? 2 : 0);
  return HEADER + n * (12 + more);
}

/** Whether bytes are points, as far as can be told without reading them all. */
function headerOf(bytes: Uint8Array): { n: number; flags: number; view: DataView } | null {
  if (bytes.byteLength < HEADER) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [flags, n] = [view.getUint8(1), view.getUint32(4, true)];
  const known = view.getUint8(0) === VERSION && flags < 8 && view.getUint16(2, true) === 0;
  if (!known || n < 1 || n > MOST || bytes.byteLength !== lengthOf(n, flags)) return null;
  return { n, flags, view };
}

/** Read points; null where they are none. */
export function decodePoints(bytes: Uint8Array, x: number, y: number): Ink | null {
  const header = headerOf(bytes);
  if (!header) return null;
  const { n, flags, view } = header;
  const ink = new Ink(n);
  let at = HEADER + 12 * n;
  const columns = (count: number, wanted: number) => {
    const start = at;
    if (flags & wanted) at += 2 * n * count;
    return start;
  };
  const pressure = columns(1, PRESSURE);
  const tilt = columns(2, TILT);
  const twist = columns(1, TWIST);
  for (let index = 0; index < n; index += 1) {
    ink.add(
      x + view.getFloat32(HEADER + 4 * n + 4 * index, true),
      y + view.getFloat32(HEADER + 8 * n + 4 * index, true),
      flags & PRESSURE ? view.getUint16(pressure + 2 * index, true) / HARDEST : USUAL,
      flags & TILT ? view.getInt16(tilt + 2 * index, true) / HUNDREDTHS : 0,
      flags & TILT ? view.getInt16(tilt + 2 * n + 2 * index, true) / HUNDREDTHS : 0,
      flags & TWIST ? view.getUint16(twist + 2 * index, true) / HUNDREDTHS : 0,
      view.getUint32(HEADER + 4 * index, true) / 1000,
    );
  }
  return ink;
}

/** The box around points, without the width of the line; null where the bytes are no points. */
export function boxOfPoints(
  bytes: Uint8Array,
  x: number,
  y: number,
): { x: number; y: number; width: number; height: number } | null {
  const header = headerOf(bytes);
  if (!header) return null;
  const { n, view } = header;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let index = 0; index < n; index += 1) {
    const dx = view.getFloat32(HEADER + 4 * n + 4 * index, true);
    const dy = view.getFloat32(HEADER + 8 * n + 4 * index, true);
    if (!Number.isFinite(dx + dy)) return null;
    if (dx < left) left = dx;
    if (dx > right) right = dx;
    if (dy < top) top = dy;
    if (dy > bottom) bottom = dy;
  }
  if (Math.abs(left) + Math.abs(right) + Math.abs(top) + Math.abs(bottom) > FARTHEST) return null;
  return { x: x + left, y: y + top, width: right - left, height: bottom - top };
}
