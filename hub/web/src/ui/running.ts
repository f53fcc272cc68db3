import { hub, type Operation, type Problem, problemOf, UNREACHABLE } from "@classhub/client";
import type { ReactiveController, ReactiveControllerHost } from "lit";

/**
 * One operation of the hub at a time, from its begin to its end: its element renders at each step,
 * and it is no longer followed once the element has left. The hub goes on with it all the same.
 */
export class Running implements ReactiveController {
  operation: Operation | null = null;
  /** Why it could not begin, or did not succeed. */
  problem: Problem | null = null;
  private beginning = false;
  private turn = 0;
  /** Who follows up to here wants it stopped, should it only begin now. */
  private unwanted = 0;
  private leave: () => void = () => {};
  /** Settled once the hub is through with the ones before, so that they are not in the way. */
  private before: Promise<unknown> = Promise.resolve();

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.close();
  }

  get busy(): boolean {
    return this.beginning || isUnderWay(this.operation);
  }

  /**
   * Follow what `begin` begins, or an operation that is under way, by its id. Resolves with its
   * result; with null where it failed, was stopped or is no longer followed.
   */
  follow<T>(begin: () => Promise<Operation | string>): Promise<T | null> {
    this.close();
    this.problem = null;
    this.operation = null;
    this.beginning = true;
    this.host.requestUpdate();
    const result = this.through<T>(++this.turn, this.before, begin);
    this.before = result;
    return result;
  }

  private async through<T>(
    turn: number,
    before: Promise<unknown>,
    begin: () => Promise<Operation | string>,
  ): Promise<T | null> {
    try {
      await before;
      if (turn !== this.turn) return null;
      const begun = await begin();
      const id = typeof begun === "string" ? begun : begun.id;
      if (turn !== this.turn) {
        if (turn <= this.unwanted) await stopped(id).catch(() => undefined);
        return null;
      }
      const ended = await this.ended(id, turn);
      if (ended === null) return null;
      this.problem = ended.problem ?? null;
      return ended.status === "done" ? (ended.result as T) : null;
    } catch (error) {
      if (turn === this.turn) {
        this.operation = null;
        this.problem = problemOf(error);
      }
      return null;
    } finally {
      if (turn === this.turn) this.close();
    }
  }

  /** Have the hub stop it; that it has stopped is told as every other end. */
  async stop(): Promise<void> {
    if (!this.operation || !this.busy) return;
    try {
      await stopped(this.operation.id);
    } catch (error) {
      this.problem = problemOf(error);
      this.host.requestUpdate();
    }
  }

  /** Have it stopped, and forget it and what it has said. */
  async giveUp(): Promise<void> {
    const running = isUnderWay(this.operation) ? this.operation : null;
    this.close();
    this.unwanted = this.turn - 1;
    this.operation = null;
    this.problem = null;
    // It may just have ended by itself, which is as good.
    const ended = running && stopped(running.id).catch(() => undefined);
    this.before = Promise.all([this.before, ended]);
    await ended;
  }

  /** Follow it no longer. */
  close(): void {
    this.turn++;
    this.beginning = false;
    this.leave();
    this.leave = () => {};
    this.host.requestUpdate();
  }

  private ended(id: string, turn: number): Promise<Operation | null> {
    return new Promise((resolve, reject) => {
      const hear = (operation: Operation): void => {
        // An answer that was overtaken by what the stream has told is an old one.
        if (turn !== this.turn || this.operation?.ended) return;
        this.beginning = false;
        this.operation = operation;
        this.host.requestUpdate();
        if (!isUnderWay(operation)) resolve(operation);
      };
      // Asked as soon as it is listened to, also after a loss: it may have ended before.
      const ask = (): void => {
        hub.api.get<Operation>(`/operations/${encodeURIComponent(id)}`).then(hear, (error) => {
          if (problemOf(error).code !== UNREACHABLE.code) reject(error);
        });
      };
      const end = hub.stream.subscribe(
        `operations/${id}`,
        (_, payload) => {
          if (payload) hear(payload as Operation);
        },
        ask,
      );
      this.leave = () => {
        end();
        resolve(null);
      };
    });
  }
}

function isUnderWay(operation: Operation | null): boolean {
  return operation?.status === "running" || operation?.status === "pending";
}

function stopped(id: string): Promise<unknown> {
  return hub.api.delete(`/operations/${encodeURIComponent(id)}`);
}
