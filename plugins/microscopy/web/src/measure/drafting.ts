/** What is being drawn, picked and dragged: the tools, without anything of the screen. */
import { type Colour, type Kind, newId, OF_KIND, type Point, type Shape } from "./shapes.js";
import { inside, type Size } from "./view.js";

export type Tool = "move" | Kind;

export interface Draft {
  kind: Kind;
  points: Point[];
}

/** A draft with one more point. */
export function extended(draft: Draft | null, kind: Kind, point: Point): Draft {
  return draft?.kind === kind
    ? { kind, points: [...draft.points, point] }
    : { kind, points: [point] };
}

/** The draft has all the points that its kind can have. */
export function full(draft: Draft): boolean {
  return draft.points.length >= OF_KIND[draft.kind].most;
}

/** The shape that a draft makes; null while it has too few points. */
export function finished(draft: Draft, colour: Colour, text = ""): Shape | null {
  const points = draft.points.filter(
    (point, index) =>
      draft.kind === "count" || index === 0 || !same(point, draft.points[index - 1]),
  );
  if (points.length < OF_KIND[draft.kind].least) return null;
  return { id: newId(), kind: draft.kind, points, text, colour };
}

function same(a: Point, b: Point | undefined): boolean {
  return a[0] === b?.[0] && a[1] === b[1];
}

export function withPoint(shape: Shape, index: number, point: Point, picture: Size): Shape {
  const points = shape.points.map((one, at) => (at === index ? inside(point, picture) : one));
  return { ...shape, points };
}

/** The shape moved as a whole; it stays in the picture. */
export function moved(shape: Shape, [x, y]: Point, picture: Size): Shape {
  const within = (by: number, values: number[], most: number) =>
    Math.min(Math.max(by, -Math.min(...values)), most - Math.max(...values));
  const right = within(
    x,
    shape.points.map((point) => point[0]),
    picture.width,
  );
  const down = within(
    y,
    shape.points.map((point) => point[1]),
    picture.height,
  );
  const points = shape.points.map(([px, py]) => inside([px + right, py + down], picture));
  return { ...shape, points };
}

/** The shapes with this one in the place of the one with its id, or at the end. */
export function replaced(shapes: Shape[], shape: Shape): Shape[] {
  return shapes.some((one) => one.id === shape.id)
    ? shapes.map((one) => (one.id === shape.id ? shape : one))
    : [...shapes, shape];
}

/** Without one point of a shape, or without the shape where it would have too few left. */
export function withoutPoint(shapes: Shape[], id: string, index: number): Shape[] {
  return shapes.flatMap((shape) => {
    if (shape.id !== id) return [shape];
    const points = shape.points.filter((_, at) => at !== index);
    return points.length < OF_KIND[shape.kind].least ? [] : [{ ...shape, points }];
  });
}
