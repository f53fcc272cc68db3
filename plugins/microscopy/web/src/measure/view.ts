/** Where the picture lies on the screen: zoom is CSS pixels to a pixel of the picture. */
import type { Point } from "./shapes.js";

export interface View {
  zoom: number;
  left: number;
  top: number;
}

export interface Size {
  width: number;
  height: number;
}

const MOST = 40;

/** The whole picture, as large as the room takes. */
export function fit(picture: Size, room: Size): View {
  const zoom = Math.min(room.width / picture.width, room.height / picture.height) || 1;
  return {
    zoom,
    left: (room.width - picture.width * zoom) / 2,
    top: (room.height - picture.height * zoom) / 2,
  };
}

export function onScreen(view: View, [x, y]: Point): Point {
  return [view.left + x * view.zoom, view.top + y * view.zoom];
}

export function onPicture(view: View, [x, y]: Point): Point {
  return [(x - view.left) / view.zoom, (y - view.top) / view.zoom];
}

/** Zoom by a factor, the point of the screen `at` staying where it is; then move by `by`. */
export function zoomed(
  view: View,
  factor: number,
  at: Point,
  by: Point,
  picture: Size,
  room: Size,
): View {
  const least = fit(picture, room).zoom;
  const zoom = Math.min(Math.max(view.zoom * factor, least * 0.8), Math.max(MOST, least));
  const [x, y] = onPicture(view, at);
  return kept(
    { zoom, left: at[0] - x * zoom + by[0], top: at[1] - y * zoom + by[1] },
    picture,
    room,
  );
}

/** Part of the picture always stays in sight. */
function kept(view: View, picture: Size, room: Size): View {
  const within = (start: number, size: number, space: number) => {
    const seen = Math.min(size, space) / 2;
    return Math.min(Math.max(start, seen - size), space - seen);
  };
  return {
    zoom: view.zoom,
    left: within(view.left, picture.width * view.zoom, room.width),
    top: within(view.top, picture.height * view.zoom, room.height),
  };
}

/** Keep a point within the picture. */
export function inside([x, y]: Point, picture: Size): Point {
  const clamp = (value: number, most: number) => Math.min(Math.max(value, 0), most);
  const round = (value: number) => Math.round(value * 100) / 100;
  return [round(clamp(x, picture.width)), round(clamp(y, picture.height))];
}
