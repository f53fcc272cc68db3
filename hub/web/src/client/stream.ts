import { type FrameMessage, parseFrame } from "./framing.js";
import type { Principal, Problem } from "./types.js";

export interface FrameHandlers {
  /** A picture has come. The next one comes only after `ack`. */
  frame(message: FrameMessage): void;
  /** There is no picture, and why; null when the hub has taken the subscription again. */
  problem?(problem: Problem | null): void;
}

export interface FrameSubscription {
  ack(frame: number): void;
  close(): void;
}

/** Small pictures are made once for all who watch them, a few a second. */
export type FrameSize = "full" | "small";

export type StreamStatus = "idle" | "connecting" | "open" | "waiting";

interface Subscription {
  request: Record<string, unknown>;
  handle(message: ServerMessage): void;
  frame?(message: FrameMessage): void;
}

interface ServerMessage {
  op?: string;
  sub?: number;
  topic?: string;
  payload?: unknown;
  problem?: Problem;
  principal?: Principal;
}

export interface StreamOptions {
  url: () => string;
  token?: string;
  open?: (url: string) => WebSocket;
  random?: () => number;
}

const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;
const IDLE_BEFORE_CLOSE = 5_000;

/** How long to wait before the nth attempt to connect again: doubling, with jitter, bounded. */
export function backOff(attempt: number, random: () => number = Math.random): number {
  return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(attempt, 10)) * (0.5 + random() / 2);
}

/**
 * One WebSocket for everything live on a page. It opens with the first subscription, comes back by
 * itself after a loss, subscribes again, and closes when nothing is wanted any more.
 *
 * Events: `status` whenever `status` changes, `refused` when the hub closes because nobody is
 * signed in (any more), `back` when the hub is heard again after a loss: what it told meanwhile and
 * does not retain is to be asked for.
 */
export class Stream extends EventTarget {
  status: StreamStatus = "idle";
  private socket: WebSocket | null = null;
  private attempt = 0;
  /** Something may have been told that was not heard. */
  private missed = false;
  private lastId = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly subscriptions = new Map<number, Subscription>();

  constructor(private readonly options: StreamOptions) {
    super();
    // A tablet that wakes up or finds its network again need not wait for the back-off's end.
    const now = () => {
      if (this.status === "waiting" && !globalThis.document?.hidden) this.connect();
    };
    globalThis.addEventListener?.("online", now);
    globalThis.document?.addEventListener("visibilitychange", now);
  }

  /**
   * Hear every message whose topic fits an MQTT filter, retained ones first. `listening` is called
   * when the hub has begun to tell, also after each loss of the connection: what else was said
   * before is to be asked for then.
   */
  subscribe(
    filter: string,
    hear: (topic: string, payload: unknown) => void,
    listening?: () => void,
  ): () => void {
    return this.add({
      request: { op: "subscribe", filter },
      handle: (message) => {
        if (message.topic !== undefined) hear(message.topic, message.payload);
        else if (message.op === "subscribed") listening?.();
      },
    });
  }

  /** Watch a device's pictures; small ones where many are seen at once. */
  frames(
    device: string,
    stream: string,
    handlers: FrameHandlers,
    size: FrameSize = "full",
  ): FrameSubscription {
    let current: WebSocket | null = null;
    let seen = -1;
    const close = this.add({
      request: { op: "frames", device, stream, ...(size === "small" ? { size } : {}) },
      handle: (message) => {
        if (message.op === "problem") handlers.problem?.(message.problem ?? null);
        else if (message.op === "subscribed") handlers.problem?.(null);
      },
      frame: (message) => {
        current = this.socket;
        seen = message.frame;
        handlers.frame(message);
      },
    });
    const sub = this.lastId;
    return {
      // An ack belongs to the connection that brought the frame; after a reconnect it says nothing.
      ack: (frame) => {
        if (current !== null && current === this.socket && frame === seen) {
          this.send({ ack: frame, sub });
        }
      },
      close,
    };
  }

  /** Forget the connection and connect again at once: after signing in, or a change of language. */
  reconnect(): void {
    this.drop();
    this.attempt = 0;
    if (this.subscriptions.size > 0) this.connect();
    else this.become("idle");
  }

  private add(subscription: Subscription): () => void {
    this.lastId += 1;
    const id = this.lastId;
    this.subscriptions.set(id, subscription);
    if (this.status === "open") this.request(id, subscription);
    else if (this.status === "idle") this.connect();
    let closed = false;
    return () => {
      if (closed) return;
      closed = true;
      this.subscriptions.delete(id);
      if (this.status === "open") this.send({ op: "unsubscribe", sub: id });
      if (this.subscriptions.size === 0) this.rest();
    };
  }

  private rest(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.subscriptions.size > 0) return;
      this.drop();
      this.become("idle");
    }, IDLE_BEFORE_CLOSE);
  }

  private connect(): void {
    clearTimeout(this.timer);
    const open = this.options.open ?? ((url: string) => new WebSocket(url));
    const socket = open(this.options.url());
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.become("connecting");
    socket.onopen = () => {
      if (this.options.token) this.send({ op: "authenticate", token: this.options.token });
    };
    socket.onmessage = (event: MessageEvent) => {
      if (socket !== this.socket) return;
      try {
        this.receive(event.data);
      } catch (error) {
        // Whatever answers there does not speak as a hub does: begin anew.
        console.error("stream:", error);
        socket.close(4002, "not understood");
      }
    };
    socket.onclose = (event: CloseEvent) => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.lost(event.code);
    };
  }

  private receive(data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      const message = parseFrame(data);
      this.subscriptions.get(message.sub)?.frame?.(message);
      return;
    }
    const message = JSON.parse(data) as ServerMessage;
    if (message.op === "welcome") {
      this.attempt = 0;
      this.become("open");
      for (const [id, subscription] of this.subscriptions) this.request(id, subscription);
      if (this.missed) this.dispatchEvent(new Event("back"));
      this.missed = false;
    } else if (message.sub !== undefined) {
      this.subscriptions.get(message.sub)?.handle(message);
    }
  }

  private lost(code: number): void {
    // 1008 and 4401 are said by the hub, 1006 also stands for a handshake answered with 401.
    if (code === 1008 || code === 4401 || (code === 1006 && this.status === "connecting")) {
      this.dispatchEvent(new Event("refused"));
    }
    if (this.subscriptions.size === 0) {
      this.become("idle");
      return;
    }
    this.missed = true;
    this.become("waiting");
    const delay = backOff(this.attempt, this.options.random);
    this.attempt += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.subscriptions.size > 0) this.connect();
      else this.become("idle");
    }, delay);
  }

  private drop(): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private request(id: number, subscription: Subscription): void {
    this.send({ ...subscription.request, sub: id });
  }

  private send(message: Record<string, unknown>): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private become(status: StreamStatus): void {
    if (this.status === status) return;
    this.status = status;
    this.dispatchEvent(new Event("status"));
  }
}
