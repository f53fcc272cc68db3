/** Where parts lie that are to be put together: in rings around the model, wider where the picture is. */

export interface Place {
  x: number;
  y: number;
}

const APART = 2.1;
const WIDEST = 1.35;

/**
 * @param count how many parts. @param core how far the whole model reaches. @param largest how far
 * the largest part reaches from its own middle. @param aspect width of the picture by its height.
 */
export function ring(count: number, core: number, largest: number, aspect: number): Place[] {
  const places: Place[] = [];
  const wide = Math.min(WIDEST, Math.max(1, aspect));
  const tall = Math.min(WIDEST, Math.max(1, 1 / aspect));
  for (let turn = 0; places.length < count; turn++) {
    const radius = core + largest * (1.1 + APART * turn);
    const [across, up] = [radius * wide, radius * tall];
    // The perimeter of an ellipse by Ramanujan's first approximation.
    const perimeter =
      Math.PI * (3 * (across + up) - Math.sqrt((3 * across + up) * (across + 3 * up)));
    const fits = Math.max(2, Math.floor(perimeter / (largest * APART || 1)));
    const here = Math.min(fits, count - places.length);
    for (let at = 0; at < here; at++) {
      // From the left, so that two lie on both sides.
      const angle = Math.PI + (at / here) * 2 * Math.PI;
      places.push({ x: across * Math.cos(angle), y: up * Math.sin(angle) });
    }
  }
  return places;
}
