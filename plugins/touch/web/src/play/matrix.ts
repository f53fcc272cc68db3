/** Shifts, turns and scales of a picture under many fingers. Pure. */

export interface Point {
  x: number;
  y: number;
}

/** x' = a x - b y + e; y' = b x + a y + f: scale and turn in (a, b), then a shift. */
export interface Move {
  a: number;
  b: number;
  e: number;
  f: number;
}

export const STILL: Move = { a: 1, b: 0, e: 0, f: 0 };
const TINY = 4;

/** First `before`, then `after`. */
export function after(before: Move, then: Move): Move {
  return {
    a: then.a * before.a - then.b * before.b,
    b: then.b * before.a + then.a * before.b,
    e: then.a * before.e - then.b * before.f + then.e,
    f: then.b * before.e + then.a * before.f + then.f,
  };
}

export function place(move: Move, point: Point): Point {
  return {
    x: move.a * point.x - move.b * point.y + move.e,
    y: move.b * point.x + move.a * point.y + move.f,
  };
}

export const scaleOf = (move: Move) => Math.hypot(move.a, move.b);

/** The move that fits best (least squares) how fingers went; one finger only shifts. */
export function fitting(from: readonly Point[], to: readonly Point[]): Move {
  const count = from.length;
  if (count === 0) return STILL;
  const middle = (points: readonly Point[]) => ({
    x: points.reduce((sum, one) => sum + one.x, 0) / count,
    y: points.reduce((sum, one) => sum + one.y, 0) / count,
  });
  const m = middle(from);
  const n = middle(to);
  let along = 0;
  let across = 0;
  let size = 0;
  from.forEach((one, at) => {
    const other = to[at] ?? one;
    const [px, py, qx, qy] = [one.x - m.x, one.y - m.y, other.x - n.x, other.y - n.y];
    along += px * qx + py * qy;
    across += px * qy - py * qx;
    size += px * px + py * py;
  });
  const [a, b] = size > TINY ? [along / size, across / size] : [1, 0];
  if (a === 0 && b === 0) return { ...STILL, e: n.x - m.x, f: n.y - m.y };
  return { a, b, e: n.x - (a * m.x - b * m.y), f: n.y - (b * m.x + a * m.y) };
}

/** A move kept between two scales, about a point that stays. */
export function bounded(move: Move, least: number, most: number, about: Point): Move {
  const scale = scaleOf(move);
  const factor = Math.min(Math.max(scale, least), most) / scale;
  if (factor === 1) return move;
  return after(move, {
    a: factor,
    b: 0,
    e: about.x * (1 - factor),
    f: about.y * (1 - factor),
  });
}
