/** What is picked: shown with a frame, moved, scaled, taken off. */
import type { Touch } from "../input/pointers.js";
import type { Board } from "../model/board.js";
import { picked } from "../model/hit.js";
import { after, type Item, type Move, scaledAround } from "../model/items.js";
import type { Stage } from "../view/stage.js";
import { around, type Box, toPage, toScreen } from "../view/view.js";
import type { Action } from "./hand.js";

export type Grip = "move" | "scale";

const SMALLEST = 0.05;
const LARGEST = 40;

export class Selection {
  private keys = new Set<string>();
  /** A frame that is being drawn around things, in page units. */
  framing: Box | null = null;
  /** What a drag has done so far. */
  private dragged: Move | null = null;
  private ghost: { canvas: HTMLCanvasElement; box: Box } | null = null;

  constructor(
    private readonly board: Board,
    private readonly stage: Stage,
    private readonly host: HTMLElement,
    private readonly changed: () => void,
  ) {}

  get items(): Item[] {
    const places = this.board.items(this.stage.page);
    return [...this.keys].flatMap((key) => places.get(key) ?? []);
  }

  /** Around all that is picked, in CSS pixels on the screen; null where nothing is. */
  get box(): Box | null {
    let box: Box | null = null;
    for (const item of this.items) box = around(box, item.box);
    if (!box) return null;
    const move = this.dragged ?? { x: 0, y: 0, scale: 1 };
    const { zoom } = this.stage.view;
    const [x, y] = toScreen(
      this.stage.view,
      box.x * move.scale + move.x,
      box.y * move.scale + move.y,
    );
    return { x, y, width: box.width * move.scale * zoom, height: box.height * move.scale * zoom };
  }

  choose(items: Item[]): void {
    if (items.every(({ key }) => this.keys.has(key)) && items.length > 0) return;
    this.keys = new Set(items.map(({ key }) => key));
    this.changed();
  }

  clear(): void {
    this.keys.clear();
    this.changed();
  }

  erase(): void {
    const { items } = this;
    this.clear();
    if (items.length > 0) this.board.erase(items);
  }

  /** Move by so many page units. */
  nudge(x: number, y: number): void {
    this.apply({ x, y, scale: 1 });
  }

  /** What of the frame lies at a place of the screen. */
  gripAt(x: number, y: number, reach: number): Grip | null {
    const { box } = this;
    if (!box) return null;
    const corner = Math.hypot(x - box.x - box.width, y - box.y - box.height);
    if (corner <= reach + 6) return "scale";
    const inside =
      x >= box.x - 4 && y >= box.y - 4 && x <= box.x + box.width + 4 && y <= box.y + box.height + 4;
    return inside ? "move" : null;
  }

  drag(grip: Grip, from: Touch): Action {
    const { stage } = this;
    const { items } = this;
    const box = this.box;
    const begin = toPage(stage.view, from.x, from.y);
    const corner = box ? toPage(stage.view, box.x, box.y) : begin;
    const lift = () => {
      if (this.ghost) return;
      this.ghost = stage.ghost(items);
      if (!this.ghost) return;
      this.ghost.canvas.className = "ghost";
      this.host.append(this.ghost.canvas);
      for (const item of items) stage.lifted.add(item.key);
      stage.repaint(this.ghost.box);
    };
    const drop = () => {
      this.dragged = null;
      this.ghost?.canvas.remove();
      const lifted = this.ghost?.box;
      this.ghost = null;
      for (const item of items) stage.lifted.delete(item.key);
      if (lifted) stage.repaint(lifted);
      this.changed();
    };
    return {
      go: (samples) => {
        const last = samples.at(-1);
        if (!last) return;
        const [x, y] = toPage(stage.view, last.x, last.y);
        if (grip === "move") this.dragged = { x: x - begin[0], y: y - begin[1], scale: 1 };
        else {
          const far = Math.hypot(begin[0] - corner[0], begin[1] - corner[1]) || 1;
          const along =
            ((x - corner[0]) * (begin[0] - corner[0]) + (y - corner[1]) * (begin[1] - corner[1])) /
            far ** 2;
          const scale = Math.min(LARGEST, Math.max(SMALLEST, along));
          this.dragged = scaledAround(scale, corner[0], corner[1]);
        }
        lift();
        this.placeGhost();
        this.changed();
      },
      end: (tapped) => {
        const move = this.dragged;
        drop();
        if (move && !tapped) this.apply(move);
      },
      cancel: drop,
    };
  }

  /** The picture of what is dragged goes with the fingers, also while the page moves. */
  placeGhost(): void {
    const { ghost, dragged, stage } = this;
    if (!ghost || !dragged) return;
    const [x, y] = toScreen(
      stage.view,
      ghost.box.x * dragged.scale + dragged.x,
      ghost.box.y * dragged.scale + dragged.y,
    );
    const { style } = ghost.canvas;
    style.transform = `translate3d(${x}px, ${y}px, 0)`;
    style.width = `${ghost.box.width * dragged.scale * stage.view.zoom}px`;
    style.height = `${ghost.box.height * dragged.scale * stage.view.zoom}px`;
  }

  /** Draw a frame around things. */
  frame(from: Touch): Action {
    const begin = toPage(this.stage.view, from.x, from.y);
    const done = () => {
      this.framing = null;
      this.changed();
    };
    return {
      go: (samples) => {
        const last = samples.at(-1);
        if (!last) return;
        const [x, y] = toPage(this.stage.view, last.x, last.y);
        this.framing = {
          x: Math.min(x, begin[0]),
          y: Math.min(y, begin[1]),
          width: Math.abs(x - begin[0]),
          height: Math.abs(y - begin[1]),
        };
        this.changed();
      },
      end: () => {
        const { framing } = this;
        done();
        if (!framing) return;
        const within = this.stage.shownIn(framing).filter((item) => this.board.mayChange(item));
        this.choose(picked(within, framing));
      },
      cancel: done,
    };
  }

  private apply(move: Move): void {
    const moves = new Map<Item, Move>();
    for (const item of this.items) moves.set(item, after(item.move, move));
    if (moves.size > 0) this.board.move(moves);
    this.changed();
  }
}
