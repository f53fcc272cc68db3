/** Fingers, pens, mouse and wheel on the picture: who draws with one, moves the picture with two. */
import type { Point } from "./shapes.js";

export interface Gesture {
  at: Point;
  /** By a finger: it hides what it touches, and hits nothing small. */
  touch: boolean;
  target: EventTarget | null;
}

interface Handlers {
  /** Something was pressed; true where it is drawn or dragged, false where the picture moves. */
  press: (gesture: Gesture) => boolean;
  drag: (gesture: Gesture) => void;
  /** `tapped` is false where it was drawn from one place to another. */
  release: (gesture: Gesture, tapped: boolean) => void;
  /** It was no drawing: a second finger came, or the browser took it away. */
  cancel: () => void;
  /** The picture grows by `factor` around `at` and moves by `by`. */
  move: (factor: number, at: Point, by: Point) => void;
  /** A mouse goes over the picture with no button pressed. */
  hover: (at: Point | null) => void;
}

/** How far a finger slips, in CSS pixels, and still has only tapped. */
const SLIP = { touch: 12, mouse: 4 };
const WHEEL = 0.0016;

/** Listens to one element; ends with `close`. */
export class Gestures {
  private readonly pointers = new Map<number, Point>();
  private mode: "none" | "own" | "pan" | "pinch" = "none";
  private start: Point = [0, 0];
  private slipped = false;
  private readonly end = new AbortController();

  constructor(
    private readonly element: Element,
    private readonly handlers: Handlers,
  ) {
    const listen = (type: string, listener: (event: never) => void, passive = true) =>
      element.addEventListener(type, listener as EventListener, {
        signal: this.end.signal,
        passive,
      });
    listen("pointerdown", (event: PointerEvent) => this.down(event), false);
    listen("pointermove", (event: PointerEvent) => this.moved(event));
    listen("pointerup", (event: PointerEvent) => this.up(event, false));
    listen("pointercancel", (event: PointerEvent) => this.up(event, true));
    listen("pointerleave", () => this.handlers.hover(null));
    listen("wheel", (event: WheelEvent) => this.wheel(event), false);
  }

  close(): void {
    this.end.abort();
  }

  private at(event: MouseEvent): Point {
    const box = this.element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private gesture(event: PointerEvent): Gesture {
    const touch = event.pointerType === "touch";
    return { at: this.at(event), touch, target: event.composedPath()[0] ?? null };
  }

  private down(event: PointerEvent): void {
    if (event.pointerType === "mouse" && event.button > 1) return;
    this.element.setPointerCapture(event.pointerId);
    const gesture = this.gesture(event);
    this.pointers.set(event.pointerId, gesture.at);
    if (this.pointers.size > 1) {
      if (this.mode === "own") this.handlers.cancel();
      this.mode = "pinch";
      return;
    }
    this.start = gesture.at;
    this.slipped = false;
    const own = event.button === 0 && this.handlers.press(gesture);
    this.mode = own ? "own" : "pan";
  }

  private moved(event: PointerEvent): void {
    const gesture = this.gesture(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (!gesture.touch) this.handlers.hover(gesture.at);
      return;
    }
    const slip = gesture.touch ? SLIP.touch : SLIP.mouse;
    const away = Math.hypot(gesture.at[0] - this.start[0], gesture.at[1] - this.start[1]);
    this.slipped ||= away > slip;
    if (this.mode === "own") this.handlers.drag(gesture);
    else if (this.mode === "pan") {
      this.handlers.move(1, before, [gesture.at[0] - before[0], gesture.at[1] - before[1]]);
    } else if (this.mode === "pinch") this.pinch(event.pointerId, before, gesture.at);
    this.pointers.set(event.pointerId, gesture.at);
  }

  private pinch(moving: number, before: Point, now: Point): void {
    const still = [...this.pointers].find(([id]) => id !== moving)?.[1];
    if (!still) return;
    const apart = (a: Point) => Math.max(20, Math.hypot(a[0] - still[0], a[1] - still[1]));
    const middle: Point = [(before[0] + still[0]) / 2, (before[1] + still[1]) / 2];
    const by: Point = [(now[0] - before[0]) / 2, (now[1] - before[1]) / 2];
    this.handlers.move(apart(now) / apart(before), middle, by);
  }

  private up(event: PointerEvent, cancelled: boolean): void {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.mode === "own") {
      if (cancelled) this.handlers.cancel();
      else this.handlers.release(this.gesture(event), !this.slipped);
    } else if (this.mode === "pan" && !cancelled && !this.slipped) {
      this.handlers.release(this.gesture(event), true);
    }
    // Of two fingers one may leave first: the other does not begin to draw then.
    this.mode = this.pointers.size > 0 ? "pinch" : "none";
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : 1;
    const delta = Math.max(-400, Math.min(400, event.deltaY * lines));
    this.handlers.move(Math.exp(-delta * WHEEL), this.at(event), [0, 0]);
  }
}
