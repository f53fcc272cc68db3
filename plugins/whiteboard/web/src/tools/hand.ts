/** From what is pressed on the board to what is done: each press has an action of its own. */
import type { Sample } from "../ink/ink.js";
import type { Handlers, Press, Touch } from "../input/pointers.js";
import { type Board, newId } from "../model/board.js";
import { touches } from "../model/hit.js";
import type { Form, Item, Note } from "../model/items.js";
import type { Stage } from "../view/stage.js";
import { toPage } from "../view/view.js";
import { isForm, type Kit, type Tool, widthOf } from "./kit.js";
import type { Selection } from "./selection.js";
import type { Strokes } from "./strokes.js";

export interface Action {
  go(samples: Touch[], expected: Touch[]): void;
  end(tapped: boolean): void;
  cancel(): void;
}

export interface HandHost {
  kit(): Kit;
  colour(): string;
  /** Something that is drawn now and not kept yet is to be shown, or has changed. */
  changed(): void;
  /** Drawing is not possible now: say why. */
  refused(): void;
  writeNote(x: number, y: number): void;
  editNote(note: Note): void;
}

/** A shape that is being drawn. */
export interface Draft {
  form: Form;
  colour: string;
  width: number;
  from: [number, number];
  to: [number, number];
}

/** CSS pixels: how far around its tip an eraser rubs, and how near a tap must be. */
const ERASER = { pen: 7, mouse: 7, touch: 14 };
const NEAR = { pen: 8, mouse: 6, touch: 16 };
/** A shape smaller than this on the screen was a slip. */
const SLIP = 6;

export class Hand implements Handlers {
  readonly drafts = new Map<number, Draft>();
  private readonly actions = new Map<number, Action>();
  /** Where an eraser is, in CSS pixels. */
  rubbing: { x: number; y: number; radius: number } | null = null;

  constructor(
    private readonly board: Board,
    private readonly stage: Stage,
    private readonly strokes: Strokes,
    private readonly selection: Selection,
    private readonly host: HandHost,
  ) {}

  start(press: Press, at: Touch): void {
    const tool: Tool = press.eraser ? "eraser" : this.host.kit().tool;
    if (tool !== "select" && tool !== "hand" && !this.board.mayDraw(this.stage.page)) {
      this.host.refused();
      return;
    }
    if (tool !== "select") this.selection.clear();
    const action = this.action(tool, press, at);
    if (action) this.actions.set(press.id, action);
  }

  go(press: Press, samples: Touch[], expected: Touch[]): void {
    this.actions.get(press.id)?.go(samples, expected);
  }

  end(press: Press): void {
    const action = this.actions.get(press.id);
    this.actions.delete(press.id);
    action?.end(press.tapped);
  }

  cancel(press: Press): void {
    const action = this.actions.get(press.id);
    this.actions.delete(press.id);
    action?.cancel();
  }

  look(factor: number, x: number, y: number, byX: number, byY: number): void {
    if (factor !== 1) this.stage.zoom(factor, x, y);
    if (byX !== 0 || byY !== 0) this.stage.pan(byX, byY);
  }

  hover(at: Touch | null): void {
    const rubs = at && this.host.kit().tool === "eraser";
    const before = this.rubbing;
    this.rubbing = rubs ? { x: at.x, y: at.y, radius: ERASER[at.type] } : null;
    if (before || rubs) this.host.changed();
  }

  private action(tool: Tool, press: Press, at: Touch): Action | null {
    if (tool === "pen" || tool === "marker") return this.draw(tool, press, at);
    if (tool === "eraser") return this.rub(at);
    if (tool === "select") return this.select(at);
    if (tool === "note") return this.note(at);
    if (isForm(tool)) return this.shape(tool, press.id, at);
    return null;
  }

  private place(touch: Touch): [number, number] {
    return toPage(this.stage.view, touch.x, touch.y);
  }

  private draw(pen: "pen" | "marker", press: Press, at: Touch): Action {
    const begun = at.time;
    const sample = (touch: Touch): Sample => {
      const [x, y] = this.place(touch);
      const { pressure, tiltX, tiltY, twist } = touch;
      return { x, y, pressure, tiltX, tiltY, twist, time: Math.max(0, touch.time - begun) };
    };
    const id = this.strokes.begin(
      {
        page: this.stage.page,
        pen,
        colour: this.host.colour(),
        width: widthOf(this.host.kit(), pen),
        feels: press.type === "pen",
      },
      sample(at),
    );
    return {
      go: (samples, expected) =>
        this.strokes.extend(id, samples.map(sample), expected.slice(0, 3).map(sample)),
      end: () => this.strokes.end(id),
      cancel: () => this.strokes.cancel(id),
    };
  }

  private rub(first: Touch): Action {
    const { stage, board } = this;
    const gone: Item[] = [];
    let last = this.place(first);
    const rub = (touch: Touch) => {
      const next = this.place(touch);
      const radius = ERASER[touch.type] / stage.view.zoom;
      const box = {
        x: Math.min(last[0], next[0]) - radius,
        y: Math.min(last[1], next[1]) - radius,
        width: Math.abs(last[0] - next[0]) + 2 * radius,
        height: Math.abs(last[1] - next[1]) + 2 * radius,
      };
      for (const item of stage.shownIn(box)) {
        if (!board.mayChange(item) || !touches(item, last, next, radius)) continue;
        gone.push(item);
        stage.lifted.add(item.key);
        stage.repaint(item.box);
      }
      last = next;
      this.rubbing = { x: touch.x, y: touch.y, radius: ERASER[touch.type] };
      this.host.changed();
    };
    rub(first);
    const settle = () => {
      this.rubbing = null;
      for (const item of gone) stage.lifted.delete(item.key);
      this.host.changed();
    };
    return {
      go: (samples) => samples.forEach(rub),
      end: () => {
        settle();
        if (gone.length > 0) board.erase(gone);
      },
      cancel: () => {
        settle();
        for (const item of gone) stage.repaint(item.box);
      },
    };
  }

  private shape(form: Form, press: number, at: Touch): Action {
    const kit = this.host.kit();
    const from = this.place(at);
    const draft: Draft = {
      form,
      colour: this.host.colour(),
      width: widthOf(kit, form),
      from,
      to: from,
    };
    const { page } = this.stage;
    const time = this.board.now();
    this.drafts.set(press, draft);
    const done = () => {
      this.drafts.delete(press);
      this.host.changed();
    };
    return {
      go: (samples) => {
        const last = samples.at(-1);
        if (last) draft.to = this.place(last);
        this.host.changed();
      },
      end: () => {
        done();
        const { to, colour, width } = draft;
        const long = Math.hypot(to[0] - from[0], to[1] - from[1]) * this.stage.view.zoom;
        if (long < SLIP) return;
        this.board.put(newId(), { kind: "shape", page, time, colour, form, width, from, to });
      },
      cancel: done,
    };
  }

  private note(at: Touch): Action {
    const [x, y] = this.place(at);
    return {
      go: () => {},
      end: (tapped) => {
        if (!tapped) return;
        const note = this.topmost(at, (item) => item.kind === "note");
        if (note?.kind === "note") this.host.editNote(note);
        else this.host.writeNote(x, y);
      },
      cancel: () => {},
    };
  }

  private topmost(at: Touch, fits: (item: Item) => boolean): Item | null {
    const place = this.place(at);
    const radius = NEAR[at.type] / this.stage.view.zoom;
    const box = {
      x: place[0] - radius,
      y: place[1] - radius,
      width: 2 * radius,
      height: 2 * radius,
    };
    let top: Item | null = null;
    for (const item of this.stage.shownIn(box)) {
      if (!fits(item) || !this.board.mayChange(item) || !touches(item, place, place, radius))
        continue;
      if (!top || item.time >= top.time) top = item;
    }
    return top;
  }

  private select(at: Touch): Action {
    const grip = this.selection.gripAt(at.x, at.y, NEAR[at.type] + 10);
    if (grip) return this.selection.drag(grip, at);
    const item = this.topmost(at, () => true);
    if (item) {
      this.selection.choose([item]);
      return this.selection.drag("move", at);
    }
    this.selection.clear();
    return this.selection.frame(at);
  }
}
