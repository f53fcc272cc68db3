/** How pen, pressure and tilt make the width of a line. */

export type Pen = "pen" | "marker";

/**
 * How hard somebody presses: what is pressed less than the first counts as nothing, more than the
 * second as all; the third (-1 to 1) makes a light hand strong or a heavy one fine.
 */
export type Curve = readonly [lightest: number, hardest: number, softness: number];

export interface Brush {
  pen: Pen;
  /** The width in page units of a line drawn at middle pressure with an upright pen. */
  width: number;
  /** Of the hand that drew; absent or null: what was measured is meant. */
  curve?: Curve | null;
}

/** How much of its width a pen keeps that hardly touches, and what full pressure adds. */
const LIGHTEST = 0.4;
const ADDED = 1.2;
/** How much wider a pen that lies flat draws across its lean. */
const FLAT = 1.5;
const FLATTEST = 70;
const RADIAN = Math.PI / 180;

/** What is meant by a measured pressure. */
export function meant([lightest, hardest, softness]: Curve, pressure: number): number {
  const part = (pressure - lightest) / (hardest - lightest);
  return Math.min(1, Math.max(0, part)) ** (4 ** -softness);
}

/** What full pressure makes of a brush; nothing that it draws is wider. */
export function widest(brush: Brush): number {
  return brush.pen === "marker" ? brush.width : brush.width * (LIGHTEST + ADDED) * (1 + FLAT);
}

/**
 * Half the width of a line at a sample.
 *
 * A pen's tip is an ellipse that grows along the way the pen leans, as a real nib that is laid
 * down: a line along the lean stays thin, one across it becomes broad. A marker is a marker.
 *
 * @param along the direction of the line as a unit vector.
 */
export function halfWidth(
  brush: Brush,
  pressure: number,
  tiltX: number,
  tiltY: number,
  along: readonly [number, number],
): number {
  if (brush.pen === "marker") return brush.width / 2;
  // Half pressure gives the width that was chosen; the eye wants more change at the light end.
  const pressed = brush.curve ? meant(brush.curve, pressure) : pressure;
  const force = LIGHTEST + ADDED * Math.min(1, Math.max(0, pressed)) ** 0.95 * 0.97;
  const half = (brush.width / 2) * force;
  if (tiltX === 0 && tiltY === 0) return half;
  const leanX = Math.sin(tiltX * RADIAN);
  const leanY = Math.sin(tiltY * RADIAN);
  const lean = Math.hypot(leanX, leanY);
  const most = Math.sin(FLATTEST * RADIAN);
  // A hand holds a pen at some 30 degrees: only what leans more is meant as shading.
  const shading = Math.max(0, Math.min(1, (lean - 0.5) / (most - 0.5)));
  if (shading === 0) return half;
  const cross = Math.abs(leanX * along[1] - leanY * along[0]) / lean;
  return half * (1 + FLAT * shading * cross);
}
