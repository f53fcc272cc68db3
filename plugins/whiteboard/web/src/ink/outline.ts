/** From samples to the outline of a line whose width changes. */
import { type Brush, halfWidth } from "./brush.js";
import type { Ink } from "./ink.js";

/** Closed polygons as x, y, x, y …; all turn the same way, so that they can be filled as one. */
export type Outline = Float32Array[];

export interface Fineness {
  /** How far two points must be apart to be told apart, in page units. */
  step: number;
}

/** The middle line that is drawn: x, y and half the width at each place. */
interface Spine {
  x: number[];
  y: number[];
  half: number[];
}

/** The outline of a stroke, fine enough for one that is seen at `1 / step` pixels a unit. */
export function outline(ink: Ink, brush: Brush, { step }: Fineness): Outline {
  const spine = smooth(spineOf(ink, brush, step), step);
  if (spine.x.length === 0) return [];
  const pieces: Outline = [];
  let from = 0;
  for (let index = 1; index < spine.x.length - 1; index += 1) {
    if (!turnsTooTightly(spine, index)) continue;
    pieces.push(ribbon(spine, from, index));
    from = index;
  }
  pieces.push(ribbon(spine, from, spine.x.length - 1));
  return pieces;
}

/** Leave out what lies closer together than can be seen; widths change gently along the way. */
function spineOf(ink: Ink, brush: Brush, step: number): Spine {
  const spine: Spine = { x: [], y: [], half: [] };
  const last = ink.length - 1;
  let half = 0;
  let [lastX, lastY] = [0, 0];
  let along: [number, number] = direction(ink, 0);
  for (let index = 0; index <= last; index += 1) {
    const [x, y] = [ink.x(index), ink.y(index)];
    const [byX, byY] = [x - lastX, y - lastY];
    const far = Math.hypot(byX, byY);
    if (index > 0 && far < step && index < last) continue;
    if (index > 0 && far > 0) along = [byX / far, byY / far];
    const pressed = halfWidth(
      brush,
      ink.pressure(index),
      ink.tiltX(index),
      ink.tiltY(index),
      along,
    );
    half = index === 0 ? pressed : half + (pressed - half) * 0.55;
    if (index === last && index > 0 && far < step * 0.5 && spine.x.length > 1) {
      // The end belongs to where the pen left, not to a knot beside it.
      spine.x.pop();
      spine.y.pop();
      spine.half.pop();
    }
    spine.x.push(x);
    spine.y.push(y);
    spine.half.push(half);
    [lastX, lastY] = [x, y];
  }
  return spine;
}

function direction(ink: Ink, index: number): [number, number] {
  const far = Math.min(index + 2, ink.length - 1);
  const [x, y] = [ink.x(far) - ink.x(index), ink.y(far) - ink.y(index)];
  const length = Math.hypot(x, y) || 1;
  return [x / length, y / length];
}

/** How many steps may lie between two places before the curve between them is drawn as one. */
const COARSE = 5;
const MOST_STEPS = 12;
/** Radians: a turn like this is a corner, not a bend. */
const SHARP = 1.2;

/** A curve through the middles of the ways between places: slow mice and fast hands draw corners. */
function smooth(spine: Spine, step: number): Spine {
  const count = spine.x.length;
  if (count < 3) return spine;
  const { x, y, half } = spine;
  const out: Spine = { x: [], y: [], half: [] };
  const put = (px: number, py: number, ph: number) => {
    out.x.push(px);
    out.y.push(py);
    out.half.push(ph);
  };
  put(at(x, 0), at(y, 0), at(half, 0));
  for (let index = 1; index < count - 1; index += 1) {
    const [ax, ay] = index === 1 ? [at(x, 0), at(y, 0)] : middle(x, y, index - 1);
    const [bx, by] =
      index === count - 2 ? [at(x, count - 1), at(y, count - 1)] : middle(x, y, index);
    const ah = index === 1 ? at(half, 0) : (at(half, index - 1) + at(half, index)) / 2;
    const bh =
      index === count - 2 ? at(half, count - 1) : (at(half, index) + at(half, index + 1)) / 2;
    const [cx, cy, ch] = [at(x, index), at(y, index), at(half, index)];
    if (turn(spine, index) > SHARP) {
      // Meant as a corner.
      put(cx, cy, ch);
      put(bx, by, bh);
      continue;
    }
    const long = Math.hypot(cx - ax, cy - ay) + Math.hypot(bx - cx, by - cy);
    const steps = Math.min(MOST_STEPS, Math.max(1, Math.round(long / (step * COARSE))));
    for (let part = 1; part <= steps; part += 1) {
      const s = part / steps;
      const [a, c, b] = [(1 - s) * (1 - s), 2 * s * (1 - s), s * s];
      put(a * ax + c * cx + b * bx, a * ay + c * cy + b * by, a * ah + c * ch + b * bh);
    }
  }
  return out;
}

function middle(x: number[], y: number[], index: number): [number, number] {
  return [(at(x, index) + at(x, index + 1)) / 2, (at(y, index) + at(y, index + 1)) / 2];
}

/** Radians by which a line turns at a place. */
function turn({ x, y }: Spine, index: number): number {
  const [ax, ay] = [at(x, index) - at(x, index - 1), at(y, index) - at(y, index - 1)];
  const [bx, by] = [at(x, index + 1) - at(x, index), at(y, index + 1) - at(y, index)];
  return Math.abs(Math.atan2(ax * by - ay * bx, ax * bx + ay * by));
}

/** Where a line turns within its own width, the ribbon would fold over itself: it is cut there. */
function turnsTooTightly(spine: Spine, index: number): boolean {
  const { x, y, half } = spine;
  const a = Math.hypot(at(x, index) - at(x, index - 1), at(y, index) - at(y, index - 1));
  const b = Math.hypot(at(x, index + 1) - at(x, index), at(y, index + 1) - at(y, index));
  if (a === 0 || b === 0) return false;
  const by = turn(spine, index);
  return by > SHARP || at(half, index) * Math.tan(by / 2) > Math.min(a, b);
}

/** One side there, a round end, the other side back, a round end. */
function ribbon({ x, y, half }: Spine, from: number, to: number): Float32Array {
  if (to <= from) return circle(at(x, from), at(y, from), at(half, from));
  const count = to - from + 1;
  const normals = new Float32Array(count * 2);
  for (let index = from; index <= to; index += 1) {
    const [before, after] = [Math.max(from, index - 1), Math.min(to, index + 1)];
    const [dx, dy] = [at(x, after) - at(x, before), at(y, after) - at(y, before)];
    const long = Math.hypot(dx, dy);
    const place = (index - from) * 2;
    if (long > 0) {
      normals[place] = -dy / long;
      normals[place + 1] = dx / long;
    } else if (place > 0) {
      normals[place] = at(normals, place - 2);
      normals[place + 1] = at(normals, place - 1);
    }
  }
  const [firstEnd, lastEnd] = [capSteps(at(half, from)), capSteps(at(half, to))];
  const polygon = new Float32Array((count * 2 + firstEnd + lastEnd) * 2);
  let place = 0;
  const put = (px: number, py: number) => {
    polygon[place] = px;
    polygon[place + 1] = py;
    place += 2;
  };
  for (let index = from; index <= to; index += 1) {
    const n = (index - from) * 2;
    put(
      at(x, index) - at(normals, n) * at(half, index),
      at(y, index) - at(normals, n + 1) * at(half, index),
    );
  }
  const end = (count - 1) * 2;
  cap(put, at(x, to), at(y, to), at(half, to), -at(normals, end), -at(normals, end + 1), lastEnd);
  for (let index = to; index >= from; index -= 1) {
    const n = (index - from) * 2;
    put(
      at(x, index) + at(normals, n) * at(half, index),
      at(y, index) + at(normals, n + 1) * at(half, index),
    );
  }
  cap(put, at(x, from), at(y, from), at(half, from), at(normals, 0), at(normals, 1), firstEnd);
  return polygon;
}

function capSteps(half: number): number {
  return Math.max(3, Math.min(14, Math.round(half * 2 + 3)));
}

/** The inner points of half a circle that begins at `(nx, ny)` and goes on in the same turn. */
function cap(
  put: (x: number, y: number) => void,
  x: number,
  y: number,
  half: number,
  nx: number,
  ny: number,
  steps: number,
): void {
  for (let step = 1; step <= steps; step += 1) {
    const angle = (Math.PI * step) / (steps + 1);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    put(x + half * (nx * c - ny * s), y + half * (nx * s + ny * c));
  }
}

function circle(x: number, y: number, half: number): Float32Array {
  const steps = capSteps(half) * 2 + 2;
  const polygon = new Float32Array(steps * 2);
  for (let step = 0; step < steps; step += 1) {
    const angle = (2 * Math.PI * step) / steps;
    polygon[step * 2] = x + half * Math.cos(angle);
    polygon[step * 2 + 1] = y + half * Math.sin(angle);
  }
  return polygon;
}

/** An array's number; every index here lies within. */
function at(numbers: ArrayLike<number>, index: number): number {
  return numbers[index] as number;
}
