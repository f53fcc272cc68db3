import { backOff, Stream } from "@classhub/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** The hub's end of a socket, played by the test. */
class FakeSocket {
  static all: FakeSocket[] = [];
  binaryType = "";
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code = 1000): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  welcome(): void {
    this.readyState = 1;
    this.onopen?.();
    this.say({ op: "welcome", principal: {} });
  }

  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  picture(sub: number, frame: number): void {
    const header = new TextEncoder().encode(JSON.stringify({ sub, frame, type: "image/jpeg" }));
    const whole = new Uint8Array(4 + header.length);
    new DataView(whole.buffer).setUint32(0, header.length);
    whole.set(header, 4);
    this.onmessage?.({ data: whole.buffer });
  }
}

function stream(token = ""): Stream {
  return new Stream({
    url: () => "ws://hub/api/v1/stream",
    token,
    open: () => new FakeSocket() as unknown as WebSocket,
    random: () => 1,
  });
}

const last = () => FakeSocket.all.at(-1) as FakeSocket;

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe("the stream", () => {
  it("opens one socket for all subscriptions and asks after the welcome", () => {
    const live = stream();
    live.subscribe("+/state", () => {});
    live.subscribe("assets/+", () => {});
    expect(FakeSocket.all.length).toBe(1);
    expect(last().sent).toEqual([]);
    last().welcome();
    expect(last().sent).toEqual([
      { op: "subscribe", filter: "+/state", sub: 1 },
      { op: "subscribe", filter: "assets/+", sub: 2 },
    ]);
  });

  it("says its token first where it has one", () => {
    const live = stream("chub_x");
    live.subscribe("+/state", () => {});
    last().welcome();
    expect(last().sent[0]).toEqual({ op: "authenticate", token: "chub_x" });
  });

  it("hands messages to the subscription they are for", () => {
    const live = stream();
    const heard: unknown[] = [];
    live.subscribe("+/state", (topic, payload) => heard.push([topic, payload]));
    live.subscribe("other", () => heard.push("wrong"));
    last().welcome();
    last().say({ sub: 1, op: "subscribed" });
    last().say({ sub: 1, topic: "m1/state", payload: { reachable: true } });
    expect(heard).toEqual([["m1/state", { reachable: true }]]);
  });

  it("comes back after a loss and subscribes again to what is still wanted", () => {
    const live = stream();
    live.subscribe("a", () => {});
    const leave = live.subscribe("b", () => {});
    last().welcome();
    leave();
    last().close(1006);
    expect(live.status).toBe("waiting");
    vi.advanceTimersByTime(600);
    expect(FakeSocket.all.length).toBe(2);
    last().welcome();
    expect(last().sent).toEqual([{ op: "subscribe", filter: "a", sub: 1 }]);
  });

  it("says when the hub listens, also after a loss: what was said before can be asked for", () => {
    const live = stream();
    const listening = vi.fn();
    live.subscribe("a", () => {}, listening);
    last().welcome();
    expect(listening).not.toHaveBeenCalled();
    last().say({ sub: 1, op: "subscribed" });
    expect(listening).toHaveBeenCalledTimes(1);
    last().say({ sub: 1, topic: "a", payload: 1 });
    last().close(1006);
    vi.advanceTimersByTime(600);
    last().welcome();
    last().say({ sub: 1, op: "subscribed" });
    expect(listening).toHaveBeenCalledTimes(2);
  });

  it("tells when the hub is heard again, and only after a loss", () => {
    const live = stream();
    const back = vi.fn();
    live.addEventListener("back", back);
    live.subscribe("assets/+", () => {});
    last().welcome();
    expect(back).not.toHaveBeenCalled();
    last().close(1006);
    vi.advanceTimersByTime(15_000);
    last().close(1006); // the first attempt leads nowhere
    vi.advanceTimersByTime(15_000);
    expect(back).not.toHaveBeenCalled();
    back.mockImplementation(() => expect(last().sent.length).toBe(1));
    last().welcome();
    expect(back).toHaveBeenCalledTimes(1);
    live.reconnect(); // of its own accord: whoever asks for it loads anew themselves
    last().welcome();
    expect(back).toHaveBeenCalledTimes(1);
  });

  it("tells when the hub no longer knows who we are", () => {
    const live = stream();
    const refused = vi.fn();
    live.addEventListener("refused", refused);
    live.subscribe("a", () => {});
    last().welcome();
    last().close(4401);
    expect(refused).toHaveBeenCalledTimes(1);
  });

  it("closes when nothing has been wanted for a while", () => {
    const live = stream();
    const leave = live.subscribe("a", () => {});
    last().welcome();
    leave();
    expect(last().readyState).toBe(1);
    vi.advanceTimersByTime(6_000);
    expect(last().readyState).toBe(3);
    expect(live.status).toBe("idle");
  });
});

describe("a subscription of pictures", () => {
  it("acknowledges the picture that it was given", () => {
    const live = stream();
    const watch = live.frames("m1", "view", { frame: () => {} });
    last().welcome();
    last().picture(1, 77);
    watch.ack(77);
    expect(last().sent.at(-1)).toEqual({ ack: 77, sub: 1 });
  });

  it("does not acknowledge on a new connection what the old one brought", () => {
    const live = stream();
    const watch = live.frames("m1", "view", { frame: () => {} });
    last().welcome();
    last().picture(1, 77);
    last().close(1006);
    vi.advanceTimersByTime(600);
    last().welcome();
    watch.ack(77);
    expect(last().sent).toEqual([{ op: "frames", device: "m1", stream: "view", sub: 1 }]);
  });

  it("says why there is no picture, and when that is over", () => {
    const live = stream();
    const told: unknown[] = [];
    live.frames("m1", "view", { frame: () => {}, problem: (problem) => told.push(problem?.code) });
    last().welcome();
    last().say({ sub: 1, op: "problem", problem: { code: "unreachable", title: "x" } });
    last().say({ sub: 1, op: "subscribed" });
    expect(told).toEqual(["unreachable", undefined]);
  });
});

describe("the back-off", () => {
  it("doubles, with jitter, up to a limit", () => {
    expect(backOff(0, () => 1)).toBe(500);
    expect(backOff(1, () => 1)).toBe(1000);
    expect(backOff(1, () => 0)).toBe(500);
    expect(backOff(99, () => 1)).toBe(15_000);
  });
});
