/** Putting a model together: which part belongs where, what was tried, how many were right at once. */

/** A part that lies apart. Those `alike` may stand for each other. */
export interface Piece {
  id: string;
  alike: string;
}

export type Tried =
  | { said: "right"; target: string }
  | { said: "wrong" }
  /** It was put down nowhere near a place: it just lies there. */
  | { said: "away" };

/** Pixels: a finger hits no better. */
const NEAR = 44;
const UNSURE = 12;

export class Assembly {
  /** The parts that lie apart still, in the order in which they lie. */
  left: Piece[];
  /** Parts that went to their place at the first try. */
  atOnce = 0;
  private readonly missed = new Set<string>();
  readonly all: number;

  /** @param chance a number from 0 to below 1, such as `Math.random`. */
  constructor(pieces: Piece[], chance: () => number) {
    this.left = shuffled(pieces, chance);
    this.all = pieces.length;
  }

  get placed(): number {
    return this.all - this.left.length;
  }

  get done(): boolean {
    return this.left.length === 0;
  }

  /**
   * A part was put down.
   *
   * @param part its id. @param distances to each open place, in pixels. @param size half of the
   * part's own, in pixels.
   */
  drop(part: string, distances: Map<string, number>, size: number): Tried {
    const piece = this.left.find((one) => one.id === part);
    if (!piece) return { said: "away" };
    const reach = Math.max(NEAR, size * 0.6);
    const open = this.left.filter((one) => (distances.get(one.id) ?? Infinity) <= reach);
    if (open.length === 0) return { said: "away" };
    const far = (one: Piece): number => distances.get(one.id) ?? Infinity;
    const nearest = Math.min(...open.map(far));
    // Places can be one behind the other: its own counts where it is about as near as any.
    const [target] = open
      .filter((one) => one.alike === piece.alike && far(one) <= nearest * 1.5 + UNSURE)
      .sort((a, b) => far(a) - far(b));
    if (!target) {
      this.missed.add(part);
      return { said: "wrong" };
    }
    if (!this.missed.has(part)) this.atOnce += 1;
    // Of two alike the one that belongs there is gone; the other is still to be placed.
    if (target.id !== part && this.missed.delete(part)) this.missed.add(target.id);
    this.left = this.left.filter((one) => one.id !== target.id);
    return { said: "right", target: target.id };
  }
}

/** Names that differ by a number only, as programs give them to copies, are one. */
export function plain(name: string): string {
  return name.replace(/[\s._-]*\d+$/u, "").toLowerCase();
}

export function shuffled<T>(all: T[], chance: () => number): T[] {
  const mixed = [...all];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = Math.floor(chance() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed;
}
