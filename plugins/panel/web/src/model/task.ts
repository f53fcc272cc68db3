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
    this.left = [...parts];
    for (let at = this.left.length - 1; at > 0; at--) {
      const other = Math.floor(chance() * (at + 1));
      [this.left[at], this.left[other]] = [this.left[other] as string, this.left[at] as string];
    }
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
