/** Keeps a film at the hub while it is edited, and tells where somebody else was faster. */
import { type Api, ApiProblem, type Problem, problemOf } from "@classhub/client";
import type { Film, Storyboard } from "./model.js";

const QUIET = 600;
const AGAIN = 4_000;

/** `overtaken`: somebody else has changed the film; a person has to choose. */
export type Keeping = "kept" | "keeping" | "not-kept" | "overtaken";

interface Work {
  title: string;
  storyboard: Storyboard;
}

/** One film. `put` is called with every change; the hub has it soon after. */
export class Keeper {
  state: Keeping = "kept";
  problem: Problem | null = null;
  private work: Work | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private closed = false;

  constructor(
    private readonly api: Pick<Api, "get" | "put">,
    private readonly film: string,
    private revision: number,
    private readonly changed: () => void,
  ) {}

  private get path(): string {
    return `/films/${encodeURIComponent(this.film)}`;
  }

  put(work: Work): void {
    this.work = work;
    if (this.state === "overtaken") return;
    this.tell("keeping", null);
    this.later(QUIET);
  }

  /** Keep at once what is not kept yet; true where nothing is left. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    if (this.state === "overtaken") return false;
    this.running ??= this.send().finally(() => {
      this.running = null;
    });
    await this.running;
    // What was changed while the hub was answering.
    if (this.work && this.state === "keeping") return this.flush();
    return this.work === null;
  }

  /** Keep what is left, and then no more. */
  async close(): Promise<void> {
    this.closed = true;
    await this.flush();
    clearTimeout(this.timer);
  }

  /** Take the film as the other has left it; what was not kept here is gone. */
  async takeTheirs(): Promise<Film> {
    const theirs = await this.api.get<Film>(this.path);
    this.work = null;
    this.revision = theirs.revision;
    this.tell("kept", null);
    return theirs;
  }

  /** Put what is here over what the other has made. */
  async keepMine(): Promise<void> {
    this.revision = (await this.api.get<Film>(this.path)).revision;
    this.tell("keeping", null);
    await this.flush();
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(() => void this.flush(), milliseconds);
  }

  private async send(): Promise<void> {
    const sent = this.work;
    if (!sent) return;
    try {
      const body = { ...sent, revision: this.revision };
      this.revision = (await this.api.put<Film>(this.path, body)).revision;
      if (this.work === sent) {
        this.work = null;
        this.tell("kept", null);
      }
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code === "film-changed") {
        this.tell("overtaken", problem);
        return;
      }
      this.tell("not-kept", problem);
      const status = error instanceof ApiProblem ? error.status : 0;
      // What the hub refuses stays refused; all else may work in a while.
      if (status === 0 || status >= 500 || status === 429) this.later(AGAIN);
    }
  }

  private tell(state: Keeping, problem: Problem | null): void {
    this.state = state;
    this.problem = problem;
    if (!this.closed) this.changed();
  }
}
