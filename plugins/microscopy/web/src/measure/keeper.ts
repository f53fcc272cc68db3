/** Keeps a layer at the hub while it is drawn on, and brings in what others change meanwhile. */
import { type Api, ApiProblem, type Problem, problemOf } from "@classhub/client";
import { type Annotations, bare, type Layer, merge, type Shape } from "./shapes.js";

const QUIET = 400;
const AGAIN = 4_000;
const TRIES = 5;

export type Keeping = "kept" | "keeping" | "not-kept";

interface Events {
  /** Somebody else changed the layer: these are the shapes now. */
  changed: (shapes: Shape[]) => void;
  state: (state: Keeping, problem: Problem | null) => void;
}

/** One layer of one picture. `put` is called with every change; the hub has it soon after. */
export class Keeper {
  private base: Shape[];
  private shapes: Shape[];
  private revision: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private dirty = false;
  private closed = false;

  constructor(
    private readonly api: Pick<Api, "get" | "put">,
    private readonly asset: string,
    readonly layer: Layer,
    private readonly events: Events,
  ) {
    this.base = layer.items.map(bare);
    this.shapes = this.base;
    this.revision = layer.revision;
  }

  private get path(): string {
    return `/captures/${encodeURIComponent(this.asset)}/annotations`;
  }

  put(shapes: Shape[]): void {
    this.shapes = shapes;
    this.dirty = true;
    this.events.state("keeping", null);
    this.later(QUIET);
  }

  /** Another screen has told that the layer has this revision now. */
  heard(revision: number): void {
    if (revision > this.revision && !this.running) this.later(0);
  }

  /** Keep what is not kept yet, and then no more. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    if (this.dirty) await this.flush();
    this.closed = true;
    clearTimeout(this.timer);
  }

  /** Keep at once what is not kept yet; fetch what others have changed. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.running ??= this.exchange().finally(() => {
      this.running = null;
    });
    await this.running;
    if (this.dirty && !this.closed) this.later(QUIET);
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(() => void this.flush(), milliseconds);
  }

  private async exchange(): Promise<void> {
    try {
      if (!this.dirty) await this.fetch();
      for (let tries = 0; this.dirty && tries < TRIES; tries += 1) {
        if (!(await this.send())) await this.fetch();
      }
      this.events.state(this.dirty ? "keeping" : "kept", null);
    } catch (error) {
      const problem = problemOf(error);
      this.events.state("not-kept", problem);
      const status = error instanceof ApiProblem ? error.status : 0;
      // What the hub refuses stays refused; all else may work in a while.
      if (status === 0 || status >= 500 || status === 429) this.later(AGAIN);
      else this.dirty = false;
    }
  }

  /** Send the shapes as they are now; false where somebody was faster. */
  private async send(): Promise<boolean> {
    const sent = this.shapes;
    this.dirty = false;
    try {
      const author = this.layer.author.id;
      const shapes = sent.map(bare);
      const answer = await this.api.put<Layer>(this.path, {
        revision: this.revision,
        shapes,
        author,
      });
      this.revision = answer.revision;
      this.base = sent;
      return true;
    } catch (error) {
      this.dirty = true;
      if (error instanceof ApiProblem && error.status === 409) return false;
      throw error;
    }
  }

  private async fetch(): Promise<void> {
    const found = await this.api.get<Annotations>(this.path);
    const layer = found.items.find((one) => one.author.id === this.layer.author.id);
    if (!layer || layer.revision === this.revision) return;
    const theirs = layer.items.map(bare);
    this.shapes = merge(this.base, this.shapes, theirs);
    this.base = theirs;
    this.revision = layer.revision;
    this.events.changed(this.shapes);
  }
}
