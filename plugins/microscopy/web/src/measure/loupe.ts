/** The loupe: what the finger hides, larger, beside the finger. */
import type { Point } from "./shapes.js";
import { onPicture, type Size, type View } from "./view.js";

const MAGNIFIED = 3;

/** Put the loupe above the finger at `at`, or beside it at the upper edge, and show what is there. */
export function magnify(
  loupe: HTMLElement,
  at: Point,
  address: string,
  picture: Size,
  view: View,
  room: Size,
): void {
  const size = loupe.offsetWidth;
  const above = at[1] > size * 1.4;
  const beside = at[0] > size * 1.6 ? at[0] - size * 1.4 : at[0] + size * 0.4;
  const left = above ? at[0] - size / 2 : beside;
  loupe.style.left = `${Math.min(Math.max(left, 0), room.width - size)}px`;
  loupe.style.top = `${Math.max(0, above ? at[1] - size * 1.35 : at[1] - size / 2)}px`;
  const zoom = view.zoom * MAGNIFIED;
  const [x, y] = onPicture(view, at);
  const middle = loupe.clientWidth / 2;
  loupe.style.backgroundImage = `url("${address}")`;
  loupe.style.backgroundSize = `${picture.width * zoom}px ${picture.height * zoom}px`;
  loupe.style.backgroundPosition = `${middle - x * zoom}px ${middle - y * zoom}px`;
}
