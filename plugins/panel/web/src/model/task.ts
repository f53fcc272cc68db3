import { shuffled } from "./assembly.js";

/** "Show me …": parts are asked for one after the other, and tapped on the model. */
export class Task {
  private readonly left: string[];
  /** Parts that were found at the first tap. */
  atOnce = 0;
  /** The part that was tapped in error last; null where the last tap was right. */
  wrong: string | null = null;
  private missed = false;
  readonly all: number;

  /** @param parts their ids. @param chance a number from 0 to below 1, such as `Math.random`. */
  constructor(parts: string[], chance: () => number) {
    this.left = shuffled(parts, chance);
    this.all = parts.length;
  }

  /** The part that is asked for; null once all were found. */
  get asked(): string | null {
    return this.left[0] ?? null;
  }

  get found(): number {
    return this.all - this.left.length;
  }

  /** A part was tapped; tells whether it is the one. */
  tap(part: string): boolean {
    if (this.asked === null) return false;
    if (part !== this.asked) {
      this.wrong = part;
      this.missed = true;
      return false;
    }
    if (!this.missed) this.atOnce += 1;
    this.wrong = null;
    this.missed = false;
    this.left.shift();
    return true;
  }
}

/** What pupils do with a model. */
export type TaskKind = "find" | "assemble";

/** What the attribute `task` says: a kind, and a text that is another with each task. */
export function taskOf(text: string | null | undefined): TaskKind | null {
  if (!text) return null;
  return text.startsWith("assemble:") ? "assemble" : "find";
}

/** A text for the attribute `task` that was never before. */
export function newTask(kind: TaskKind, chance: () => number): string {
  return `${kind}:${Date.now().toString(36)}${Math.floor(chance() * 0xffffff).toString(36)}`;
}
