/** Undo and redo of everything that is drawn. */
import type { Shape } from "./shapes.js";

const MOST = 200;

export class History {
  private past: Shape[][] = [];
  private future: Shape[][] = [];

  constructor(public now: Shape[] = []) {}

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** A step that can be undone. */
  step(next: Shape[]): void {
    this.past = [...this.past.slice(1 - MOST), this.now];
    this.future = [];
    this.now = next;
  }

  /** Somebody else's changes: they cannot be undone here, nor what went before them. */
  replace(next: Shape[]): void {
    this.past = [];
    this.future = [];
    this.now = next;
  }

  undo(): void {
    const before = this.past.pop();
    if (!before) return;
    this.future.push(this.now);
    this.now = before;
  }

  redo(): void {
    const next = this.future.pop();
    if (!next) return;
    this.past.push(this.now);
    this.now = next;
  }
}
