/**
 * The socket of a board: keeps documents in step with the hub, comes back by itself, and knows what
 * the hub has not yet put on its disk.
 */
import { backOff, type Problem } from "@classhub/client";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as protocol from "y-protocols/sync";
import * as Y from "yjs";
import {
  ACK,
  jsonMessage,
  LIVE,
  type LiveEntry,
  liveMessage,
  message,
  PROBLEM,
  readLive,
  STATE,
  SYNC,
  VIEW,
} from "./messages.js";

export interface DocumentState {
  name: string;
  kind: "shared" | "person" | "seat" | "panel" | "page";
  title: string;
  colour: string;
  /** The hub takes updates now. */
  write: boolean;
}

export interface BoardState {
  now: number;
  board: { id: string; title: string; lesson: string; running: boolean };
  you: { document: string | null; teacher: boolean; write: boolean };
  documents: DocumentState[];
}

export interface TeacherView {
  page: string | null;
  x: number;
  y: number;
  width: number;
  height: number;
}

export type LinkStatus = "connecting" | "open" | "waiting" | "ended";

export type BoardProblem = Problem & { document?: string };

export interface LinkHandlers {
  state(state: BoardState): void;
  live(entries: LiveEntry[]): void;
  view(view: TeacherView): void;
  problem(problem: BoardProblem): void;
  /** `status` or `unsent` may have changed. */
  status(): void;
  /** The hub has refused this document's update: it is forgotten here and must be begun anew. */
  refused(name: string): void;
  /** The hub's copy of this document has come. */
  synced(name: string): void;
}

/** An update that came from the hub carries this as its origin. */
export const FROM_HUB = Symbol("from the hub");

/** After these the hub would say the same again. */
const FINAL = new Set([4401, 4403, 4404, 1008]);

interface Held {
  doc: Y.Doc;
  /** Step 2 and update messages sent since the last step 1, and those on the hub's disk. */
  sent: number;
  kept: number;
  /** Changed while there was no connection. */
  waiting: boolean;
  synced: boolean;
  /** The state vector of what is on the hub's disk for certain. */
  safe: Uint8Array | undefined;
  end(): void;
}

export interface LinkOptions {
  url: () => string;
  token?: string;
  open?: (url: string) => WebSocket;
  random?: () => number;
}

export class Link {
  status: LinkStatus = "connecting";
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly held = new Map<string, Held>();
  private closed = false;
  /** The hub has sent its state on this connection. */
  private greeted = false;

  constructor(
    private readonly options: LinkOptions,
    private readonly handlers: LinkHandlers,
  ) {
    globalThis.addEventListener?.("online", this.now);
    globalThis.document?.addEventListener("visibilitychange", this.now);
    this.connect();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    globalThis.removeEventListener?.("online", this.now);
    globalThis.document?.removeEventListener("visibilitychange", this.now);
    for (const name of [...this.held.keys()]) this.forget(name);
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  /** Keep a document in step. */
  hold(name: string, doc: Y.Doc): void {
    this.forget(name);
    const send = (update: Uint8Array, origin: unknown) => {
      const held = this.held.get(name);
      if (origin === FROM_HUB || !held) return;
      if (!this.greeted) held.waiting = true;
      else {
        held.sent += 1;
        this.sendSync(name, (encoder) => protocol.writeUpdate(encoder, update));
      }
      this.handlers.status();
    };
    doc.on("update", send);
    const end = () => doc.off("update", send);
    const held = { doc, sent: 0, kept: 0, waiting: false, synced: false, safe: undefined, end };
    this.held.set(name, held);
    if (this.greeted) this.ask(name);
  }

  forget(name: string): void {
    this.held.get(name)?.end();
    this.held.delete(name);
  }

  /** What was drawn here is not yet on the hub's disk. */
  get unsent(): boolean {
    for (const held of this.held.values()) if (held.waiting || held.kept < held.sent) return true;
    return false;
  }

  /** What may not be on the hub's disk yet, by document. */
  unsentUpdates(): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const [name, held] of this.held) {
      if (held.waiting || held.kept < held.sent) {
        found.set(name, Y.encodeStateAsUpdate(held.doc, held.safe));
      }
    }
    return found;
  }

  sendLive(entries: readonly LiveEntry[]): void {
    if (this.greeted && entries.length > 0) this.send(liveMessage(entries));
  }

  sendView(view: TeacherView | { page: null }): void {
    if (this.greeted) this.send(jsonMessage(VIEW, view));
  }

  private readonly now = () => {
    if (this.status === "waiting" && !globalThis.document?.hidden) this.connect();
  };

  private connect(): void {
    clearTimeout(this.timer);
    const open = this.options.open ?? ((url: string) => new WebSocket(url));
    const socket = open(this.options.url());
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.greeted = false;
    this.become("connecting");
    socket.onopen = () => {
      const { token } = this.options;
      if (token) socket.send(JSON.stringify({ op: "authenticate", token }));
    };
    socket.onmessage = (event: MessageEvent) => {
      if (socket !== this.socket || typeof event.data === "string") return;
      try {
        this.receive(new Uint8Array(event.data as ArrayBuffer));
      } catch (error) {
        // Whatever answers there does not speak as a hub does: begin anew.
        console.error("board:", error);
        socket.close(4002, "not understood");
      }
    };
    socket.onclose = (event: CloseEvent) => {
      if (socket === this.socket) this.lost(event.code);
    };
  }

  private lost(code: number): void {
    this.socket = null;
    this.greeted = false;
    if (this.closed) return;
    for (const held of this.held.values()) {
      // The hub's next step 1 finds out what it lacks; until then it may lack all of it.
      held.waiting ||= held.kept < held.sent;
      held.sent = 0;
      held.kept = 0;
    }
    if (FINAL.has(code)) {
      this.become("ended");
      return;
    }
    this.become("waiting");
    this.timer = setTimeout(() => this.connect(), backOff(this.attempt, this.options.random));
    this.attempt += 1;
  }

  private receive(bytes: Uint8Array): void {
    const decoder = decoding.createDecoder(bytes);
    const which = decoding.readVarUint(decoder);
    if (which === SYNC) this.sync(decoder);
    else if (which === ACK) this.acknowledged(decoder);
    else if (which === LIVE) this.handlers.live(readLive(decoder));
    else if (which === PROBLEM) this.refused(JSON.parse(decoding.readVarString(decoder)));
    else if (which === STATE) this.greet(JSON.parse(decoding.readVarString(decoder)));
    else if (which === VIEW) this.handlers.view(JSON.parse(decoding.readVarString(decoder)));
  }

  private greet(state: BoardState): void {
    if (!this.greeted) {
      this.attempt = 0;
      this.greeted = true;
      // Those that are known are asked for again; the handler holds those that are new.
      for (const name of this.held.keys()) this.ask(name);
      this.become("open");
    }
    this.handlers.state(state);
  }

  private ask(name: string): void {
    const held = this.held.get(name);
    if (held) this.sendSync(name, (encoder) => protocol.writeSyncStep1(encoder, held.doc));
  }

  private sync(decoder: decoding.Decoder): void {
    const name = decoding.readVarString(decoder);
    const held = this.held.get(name);
    if (!held) return;
    const answer = encoding.createEncoder();
    const type = protocol.readSyncMessage(decoder, answer, held.doc, FROM_HUB);
    if (type === protocol.messageYjsSyncStep1) {
      held.sent += 1;
      held.waiting = false;
      const bytes = encoding.toUint8Array(answer);
      this.sendSync(name, (encoder) => encoding.writeUint8Array(encoder, bytes));
      this.handlers.status();
    } else if (type === protocol.messageYjsSyncStep2) {
      this.settle(held);
      if (held.synced) return;
      held.synced = true;
      this.handlers.synced(name);
    }
  }

  private acknowledged(decoder: decoding.Decoder): void {
    const held = this.held.get(decoding.readVarString(decoder));
    if (held) {
      held.kept = Math.max(held.kept, decoding.readVarUint(decoder));
      this.settle(held);
    }
    this.handlers.status();
  }

  private settle(held: Held): void {
    if (!held.waiting && held.kept >= held.sent) held.safe = Y.encodeStateVector(held.doc);
  }

  private refused(problem: BoardProblem): void {
    this.handlers.problem(problem);
    const { document: name } = problem;
    if (!name || !this.held.has(name)) return;
    this.forget(name);
    this.handlers.refused(name);
    this.handlers.status();
  }

  private sendSync(name: string, fill: (encoder: encoding.Encoder) => void): void {
    this.send(
      message(SYNC, (encoder) => {
        encoding.writeVarString(encoder, name);
        fill(encoder);
      }),
    );
  }

  private send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.socket?.readyState === 1) this.socket.send(bytes);
  }

  private become(status: LinkStatus): void {
    if (this.status === status) return;
    this.status = status;
    this.handlers.status();
  }
}
