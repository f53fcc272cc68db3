import { ApiProblem, hub, type Operation, UNREACHABLE } from "@classhub/client";
import type { ReactiveControllerHost } from "lit";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Running } from "../src/ui/running.js";

const host = {
  addController() {},
  removeController() {},
  requestUpdate() {},
  updateComplete: Promise.resolve(true),
} satisfies ReactiveControllerHost;

function operation(more: Partial<Operation> = {}): Operation {
  return {
    id: "one",
    device: "",
    action: "search",
    title: "",
    status: "running",
    fraction: 0,
    message: "",
    result: null,
    problem: null,
    started: "2026-09-01T08:00:00Z",
    ended: null,
    ...more,
  };
}

const done = (result: unknown) =>
  operation({ status: "done", result, ended: "2026-09-01T08:00:01Z" });

/** The stream's end of the hub: what it tells, and that it begins to tell. */
let tell: (payload: unknown) => void;
let listening: () => void;
let left: number;
let now: Operation;
const deleted = vi.fn(async (_: string) => undefined);

/** Let what has been told be heard. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

beforeEach(() => {
  left = 0;
  now = operation();
  deleted.mockClear();
  vi.spyOn(hub.stream, "subscribe").mockImplementation((_, handle, begun) => {
    tell = (payload) => handle("operations/one", payload);
    listening = begun ?? (() => {});
    return () => {
      left++;
    };
  });
  vi.spyOn(hub.api, "get").mockImplementation(async () => now as never);
  vi.spyOn(hub.api, "delete").mockImplementation((path) => deleted(path) as never);
});

describe("an operation that is followed", () => {
  it("is told from begin to end, once", async () => {
    const running = new Running(host);
    const result = running.follow<number>(async () => operation());
    expect(running.busy).toBe(true);
    await settle();
    listening();
    tell(operation({ fraction: 0.5 }));
    expect(running.operation?.fraction).toBe(0.5);
    tell(done(7));
    expect(await result).toBe(7);
    expect([running.busy, running.problem, left]).toEqual([false, null, 1]);
  });

  it("that ended before the stream listened is found ended", async () => {
    const running = new Running(host);
    const result = running.follow<number>(async () => operation());
    await settle();
    now = done(3);
    listening();
    expect(await result).toBe(3);
  });

  it("that ended while the connection was lost is found ended after it", async () => {
    const running = new Running(host);
    const result = running.follow<number>(async () => operation());
    await settle();
    vi.mocked(hub.api.get).mockRejectedValueOnce(new ApiProblem(UNREACHABLE, 0));
    listening();
    await settle();
    expect(running.busy).toBe(true);
    now = done(4);
    listening();
    expect(await result).toBe(4);
  });

  it("is not begun anew by an answer that was overtaken", async () => {
    const running = new Running(host);
    const result = running.follow<number>(async () => operation());
    await settle();
    listening(); // the answer "running" is on its way
    tell(done(5));
    expect(await result).toBe(5);
    await settle();
    expect(running.operation?.status).toBe("done");
  });

  it("that fails says why, and so does one that cannot begin", async () => {
    const problem = { code: "full", title: "The disk is full." };
    const running = new Running(host);
    const result = running.follow(async () => operation());
    await settle();
    tell(operation({ status: "failed", problem, ended: "2026-09-01T08:00:01Z" }));
    expect(await result).toBeNull();
    expect(running.problem).toEqual(problem);
    await running.follow(() => Promise.reject(new ApiProblem(problem, 507)));
    expect([running.problem, running.busy]).toEqual([problem, false]);
  });

  it("is let go of when its element leaves, and goes on in the hub", async () => {
    const running = new Running(host);
    const result = running.follow(async () => operation());
    await settle();
    running.hostDisconnected();
    expect(await result).toBeNull();
    expect([left, deleted.mock.calls.length]).toEqual([1, 0]);
  });
});

describe("an operation that is given up", () => {
  it("is stopped, and nothing more is said of it", async () => {
    const running = new Running(host);
    const result = running.follow(async () => operation());
    await settle();
    tell(operation());
    await running.giveUp();
    expect(await result).toBeNull();
    expect(deleted).toHaveBeenCalledExactlyOnceWith("/operations/one");
    expect([running.operation, running.problem, running.busy]).toEqual([null, null, false]);
  });

  it("is stopped, too, where it was only about to begin", async () => {
    let begin: (begun: Operation) => void = () => {};
    const running = new Running(host);
    const result = running.follow(
      () =>
        new Promise<Operation>((resolve) => {
          begin = resolve;
        }),
    );
    await settle();
    await running.giveUp();
    begin(operation());
    expect(await result).toBeNull();
    expect(deleted).toHaveBeenCalledExactlyOnceWith("/operations/one");
    expect(running.busy).toBe(false);
  });

  it("is over before another begins", async () => {
    const running = new Running(host);
    void running.follow(async () => operation());
    await settle();
    tell(operation());
    let gone: () => void = () => {};
    deleted.mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          gone = () => resolve(undefined);
        }),
    );
    void running.giveUp();
    const begin = vi.fn(async () => operation());
    const second = running.follow<number>(begin);
    await settle();
    expect([running.busy, begin.mock.calls.length]).toEqual([true, 0]);
    gone();
    await settle();
    tell(done(1));
    expect(await second).toBe(1);
  });

  it("does not end the one after it", async () => {
    const running = new Running(host);
    const first = running.follow(async () => operation());
    await running.giveUp();
    const second = running.follow<number>(async () => operation());
    expect(await first).toBeNull();
    await settle();
    tell(done(2));
    expect(await second).toBe(2);
  });
});
