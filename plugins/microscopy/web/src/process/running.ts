import { hub, type Operation, type Problem, problemOf } from "@classhub/client";

export interface ProcessWish {
  process: "stack" | "mosaic" | "flat-field" | "count";
  sources: string[];
  options?: Record<string, unknown>;
}

/** Something the hub makes of pictures, from the wish to its end; `changed` is told of each step. */
export class Running {
  operation: Operation | null = null;
  problem: Problem | null = null;
  private leave: () => void = () => {};
  private beginning = false;

  constructor(private readonly changed: () => void) {}

  get busy(): boolean {
    return (
      this.beginning || this.operation?.status === "running" || this.operation?.status === "pending"
    );
  }

  /** Resolves with the result, or null where it failed or was stopped. */
  run<T>(wish: ProcessWish): Promise<T | null> {
    return this.follow<T>(async () => (await hub.api.post<Operation>("/processes", wish)).id);
  }

  /** As `run`, for whatever `begin` has begun: it resolves with the operation's id. */
  async follow<T>(begin: () => Promise<string>): Promise<T | null> {
    this.close();
    this.problem = null;
    this.operation = null;
    this.beginning = true;
    this.changed();
    try {
      const ended = await this.ended(await begin());
      this.problem = ended.problem ?? null;
      return ended.status === "done" ? (ended.result as T) : null;
    } catch (error) {
      this.operation = null;
      this.problem = problemOf(error);
      return null;
    } finally {
      this.beginning = false;
      this.close();
      this.changed();
    }
  }

  private ended(id: string): Promise<Operation> {
    return new Promise((resolve, reject) => {
      const hear = (operation: Operation) => {
        this.beginning = false;
        this.operation = operation;
        this.changed();
        if (!this.busy) resolve(operation);
      };
      this.leave = hub.stream.subscribe(`operations/${id}`, (_, payload) =>
        hear(payload as Operation),
      );
      hub.api.get<Operation>(`/operations/${id}`).then(hear, reject);
    });
  }

  async stop(): Promise<void> {
    if (!this.operation || !this.busy) return;
    try {
      await hub.api.delete(`/operations/${this.operation.id}`);
    } catch (error) {
      this.problem = problemOf(error);
      this.changed();
    }
  }

  close(): void {
    this.leave();
    this.leave = () => {};
  }
}
