/** What of the endless page is on the screen, and how large. */

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
}

/** `x`, `y`: the place of the page in the upper left corner; `zoom`: CSS pixels a page unit. */
export interface View {
  x: number;
  y: number;
  zoom: number;
}

export const SMALLEST = 0.05;
export const LARGEST = 16;
/** Space around what is shown as a whole, as a part of the room. */
const MARGIN = 0.04;

export function toPage(view: View, x: number, y: number): [number, number] {
  return [view.x + x / view.zoom, view.y + y / view.zoom];
}

export function toScreen(view: View, x: number, y: number): [number, number] {
  return [(x - view.x) * view.zoom, (y - view.y) * view.zoom];
}

/** The part of the page that is seen in a room of so many CSS pixels. */
export function seen(view: View, room: Size): Box {
  return {
    x: view.x,
    y: view.y,
    width: room.width / view.zoom,
    height: room.height / view.zoom,
  };
}

/** Move what is seen by so many CSS pixels. */
export function panned(view: View, byX: number, byY: number): View {
  return { ...view, x: view.x - byX / view.zoom, y: view.y - byY / view.zoom };
}

/** Grow or shrink around a place of the screen, which stays where it is. */
export function zoomed(view: View, factor: number, x: number, y: number): View {
  const zoom = Math.min(LARGEST, Math.max(SMALLEST, view.zoom * factor));
  const [px, py] = toPage(view, x, y);
  return { x: px - x / zoom, y: py - y / zoom, zoom };
}

/** Show a part of the page as a whole, in the middle of the room. */
export function fitted(box: Box, room: Size, largest = LARGEST): View {
  const inside = 1 - 2 * MARGIN;
  const wanted = Math.min(
    (room.width * inside) / Math.max(box.width, 1e-6),
    (room.height * inside) / Math.max(box.height, 1e-6),
  );
  const zoom = Math.min(largest, LARGEST, Math.max(SMALLEST, wanted));
  return {
    x: box.x + box.width / 2 - room.width / zoom / 2,
    y: box.y + box.height / 2 - room.height / zoom / 2,
    zoom,
  };
}

export function meets(one: Box, other: Box): boolean {
  return (
    one.x <= other.x + other.width &&
    other.x <= one.x + one.width &&
    one.y <= other.y + other.height &&
    other.y <= one.y + one.height
  );
}

export function holds(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** The smallest box that holds both; null is nothing. */
export function around(one: Box | null, other: Box | null): Box | null {
  if (!one || !other) return one ?? other;
  const x = Math.min(one.x, other.x);
  const y = Math.min(one.y, other.y);
  return {
    x,
    y,
    width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y,
  };
}

export function grown(box: Box, by: number): Box {
  return { x: box.x - by, y: box.y - by, width: box.width + 2 * by, height: box.height + 2 * by };
}
