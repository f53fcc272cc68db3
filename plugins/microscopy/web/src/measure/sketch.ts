/** A layer while it is drawn on: tools, selection, undo; nothing of the screen. */
import {
  type Draft,
  extended,
  finished,
  full,
  moved,
  replaced,
  type Tool,
  withoutPoint,
  withPoint,
} from "./drafting.js";
import { History } from "./history.js";
import { bare, type Colour, newId, OF_KIND, type Point, type Shape } from "./shapes.js";
import type { Size } from "./view.js";

/** What is dragged: a point of a shape, or (no index) all of it; `from` is where it began. */
export interface Drag {
  shape: Shape;
  index: number | null;
  from: Point;
}

/**
 * The shapes of one layer and what is being done to them. `changed` is called after everything
 * that can be seen, `kept` with what is to be kept.
 */
export class Sketch {
  shapes: Shape[] = [];
  tool: Tool = "length";
  draft: Draft | null = null;
  /** Where the next point would be. */
  hover: Point | null = null;
  selected: string | null = null;
  /** Which point of the selected shape the keyboard moves. */
  point = 0;
  drag: Drag | null = null;
  /** Where a label waits for its words. */
  labelAt: Point | null = null;
  editable = false;
  picture: Size = { width: 1, height: 1 };
  private colour: Colour = "yellow";
  private history = new History();

  constructor(
    private readonly changed: () => void,
    private readonly kept: (shapes: Shape[]) => void,
  ) {}

  get chosen(): Shape | undefined {
    return this.shapes.find((shape) => shape.id === this.selected);
  }

  get drawing(): boolean {
    return this.editable && this.tool !== "move";
  }

  get canUndo(): boolean {
    return this.draft !== null || this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  /** The draft has enough points to be a shape. */
  get ready(): boolean {
    return this.draft !== null && finished(this.draft, this.colour) !== null;
  }

  get brush(): Colour {
    return this.colour;
  }

  open(shapes: Shape[], editable: boolean): void {
    this.history = new History(shapes.map(bare));
    this.shapes = this.history.now;
    this.editable = editable;
    this.selected = null;
    this.draft = null;
    if (!editable) this.tool = "move";
    this.changed();
  }

  /** Somebody else has changed the layer. */
  replace(shapes: Shape[]): void {
    this.history.replace(shapes);
    this.shapes = shapes;
    this.drag = null;
    this.changed();
  }

  private step(shapes: Shape[]): void {
    this.history.step(shapes);
    this.shapes = shapes;
    this.kept(shapes);
    this.changed();
  }

  travel(how: "undo" | "redo"): void {
    if (this.draft) {
      this.drop();
      return;
    }
    this.history[how]();
    if (this.shapes === this.history.now) return;
    this.shapes = this.history.now;
    this.kept(this.shapes);
    this.changed();
  }

  take(tool: Tool): void {
    if (!this.finish()) this.drop();
    this.tool = tool;
    this.selected = null;
    this.changed();
  }

  choose(id: string | null, point = 0): void {
    this.selected = id;
    this.point = point;
    this.changed();
  }

  aim(point: Point | null): void {
    this.hover = point;
    this.changed();
  }

  /** A line is drawn in one go, from here. */
  begin(point: Point): void {
    if (this.draft || (this.tool !== "length" && this.tool !== "arrow")) return;
    this.draft = { kind: this.tool, points: [point] };
  }

  /** One more point of what the tool draws; `closing` where it is on the first one again. */
  add(point: Point, closing = false): void {
    const kind = this.tool;
    this.hover = null;
    if (kind === "move" || !this.editable) return;
    if (kind === "label") {
      this.labelAt = point;
      this.changed();
      return;
    }
    const chosen = this.chosen;
    if (kind === "count" && chosen?.kind === "count") {
      if (chosen.points.length >= OF_KIND.count.most) return;
      this.point = chosen.points.length;
      this.step(replaced(this.shapes, { ...chosen, points: [...chosen.points, point] }));
      return;
    }
    if (closing && kind === "area" && this.finish()) return;
    this.draft = extended(this.draft, kind, point);
    if (full(this.draft) || kind === "count") this.finish();
    this.changed();
  }

  /** Make a shape of the draft; false where it has too few points. */
  finish(): boolean {
    const shape = this.draft && finished(this.draft, this.colour);
    if (!shape) return false;
    this.draft = null;
    this.hover = null;
    this.selected = shape.id;
    this.point = shape.points.length - 1;
    this.step([...this.shapes, shape]);
    return true;
  }

  drop(): void {
    this.draft = null;
    this.hover = null;
    this.labelAt = null;
    this.changed();
  }

  escape(): void {
    if (!this.draft) this.selected = null;
    this.drop();
  }

  label(text: string): void {
    const at = this.labelAt;
    this.labelAt = null;
    if (text && at) {
      const shape: Shape = { id: newId(), kind: "label", points: [at], text, colour: this.colour };
      this.selected = shape.id;
      this.point = 0;
      this.step([...this.shapes, shape]);
    }
    this.changed();
  }

  /** Put a changed shape in the place of the one with its id. */
  change(shape: Shape): void {
    this.colour = shape.colour;
    this.step(replaced(this.shapes, bare(shape)));
  }

  erase(id: string): void {
    this.selected = null;
    this.step(this.shapes.filter((shape) => shape.id !== id));
  }

  /** Delete what is selected: of things that are counted the one point, else the shape. */
  eraseChosen(): void {
    const chosen = this.chosen;
    if (!chosen || !this.editable) return;
    if (chosen.kind !== "count" || chosen.points.length < 2) {
      this.erase(chosen.id);
      return;
    }
    const index = Math.min(this.point, chosen.points.length - 1);
    this.point = Math.max(0, index - 1);
    this.step(withoutPoint(this.shapes, chosen.id, index));
  }

  /** Move the chosen point by some pixels of the picture. */
  nudge(by: Point): void {
    const chosen = this.chosen;
    const at = chosen?.points[this.point];
    if (!chosen || !at || !this.editable) return;
    const next: Point = [at[0] + by[0], at[1] + by[1]];
    this.step(replaced(this.shapes, withPoint(chosen, this.point, next, this.picture)));
  }

  grab(drag: Drag): void {
    this.drag = drag;
    this.selected = drag.shape.id;
    this.point = drag.index ?? this.point;
    this.changed();
  }

  dragTo(at: Point): void {
    if (!this.drag) return;
    const { shape, index, from } = this.drag;
    const by: Point = [at[0] - from[0], at[1] - from[1]];
    const [x, y] = shape.points[index ?? 0] ?? [0, 0];
    const next =
      index === null
        ? moved(shape, by, this.picture)
        : withPoint(shape, index, [x + by[0], y + by[1]], this.picture);
    this.shapes = replaced(this.history.now, next);
    this.changed();
  }

  /** The end of a drag; a tap has moved nothing. */
  letGo(tapped: boolean): void {
    this.drag = null;
    if (!tapped && this.shapes !== this.history.now) this.step(this.shapes);
    else this.shapes = this.history.now;
    this.changed();
  }

  /** It was no drawing after all: back to what was before the press. */
  cancel(started: boolean): void {
    if (started) this.draft = null;
    this.hover = null;
    this.drag = null;
    this.shapes = this.history.now;
    this.changed();
  }
}
