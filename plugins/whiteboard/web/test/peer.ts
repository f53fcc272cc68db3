/** The hub's side of a board's socket as docs/boards.md says it, for tests of the page's side. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as protocol from "y-protocols/sync";
import * as Y from "yjs";
import { ACK, jsonMessage, message, PROBLEM, STATE, SYNC } from "../src/sync/messages.js";

export interface Person {
  name: string;
  teacher: boolean;
}

/** One hub with one board; every socket is a page. */
export class Peer {
  readonly docs = new Map<string, Y.Doc>();
  readonly sockets = new Set<Socket>();
  readonly names = ["shared"];
  /** Nothing is acknowledged while it is false. */
  keeps = true;
  /** Updates for these are refused, with this code. */
  readonly refuses = new Map<string, string>();

  constructor() {
    this.doc("shared").getMap("pages").set("page0001", { order: 1, title: "", background: null });
  }

  doc(name: string): Y.Doc {
    let found = this.docs.get(name);
    if (!found) {
      found = new Y.Doc();
      this.docs.set(name, found);
      const doc = found;
      doc.on("update", (update: Uint8Array, from: unknown) => {
        for (const socket of this.sockets) {
          if (socket === from || !socket.asked.has(name)) continue;
          socket.sync(name, (encoder) => protocol.writeUpdate(encoder, update));
        }
      });
    }
    return found;
  }

  opener(person: Person): (url: string) => WebSocket {
    if (!this.names.includes(person.name)) this.names.push(person.name);
    return () => new Socket(this, person) as unknown as WebSocket;
  }

  /** The network is gone, or the hub says why it closes. */
  cut(code = 1006): void {
    for (const socket of [...this.sockets]) socket.closed(code);
  }

  greetAll(): void {
    for (const socket of this.sockets) socket.greet();
  }
}

export class Socket {
  binaryType = "";
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly asked = new Set<string>();
  private readonly kept = new Map<string, number>();

  constructor(
    private readonly peer: Peer,
    private readonly person: Person,
  ) {
    queueMicrotask(() => {
      peer.sockets.add(this);
      this.onopen?.();
      this.greet();
    });
  }

  greet(): void {
    const { name, teacher } = this.person;
    this.out(
      jsonMessage(STATE, {
        now: Date.now(),
        board: { id: "b", title: "Board", lesson: "l", running: true },
        you: { document: name, teacher, write: true },
        documents: this.peer.names.map((one) => ({
          name: one,
          kind: one === "shared" ? "shared" : "person",
          title: one,
          colour: "#14221f",
          write: teacher || one === name,
        })),
      }),
    );
  }

  send(data: Uint8Array): void {
    const decoder = decoding.createDecoder(data.slice());
    if (decoding.readVarUint(decoder) !== SYNC) return;
    const name = decoding.readVarString(decoder);
    const doc = this.peer.doc(name);
    const refused = this.peer.refuses.get(name);
    const answer = encoding.createEncoder();
    if (decoding.peekVarUint(decoder) === protocol.messageYjsSyncStep1) {
      protocol.readSyncMessage(decoder, answer, doc, this);
      this.asked.add(name);
      this.kept.set(name, 0);
      const bytes = encoding.toUint8Array(answer);
      this.sync(name, (encoder) => encoding.writeUint8Array(encoder, bytes));
      const writes = this.person.teacher || name === this.person.name;
      if (writes && !refused) this.sync(name, (encoder) => protocol.writeSyncStep1(encoder, doc));
      return;
    }
    if (!this.asked.has(name)) return;
    if (refused || (!this.person.teacher && name !== this.person.name)) {
      this.asked.delete(name);
      this.out(
        jsonMessage(PROBLEM, { code: refused ?? "forbidden", title: "No.", document: name }),
      );
      return;
    }
    protocol.readSyncMessage(decoder, answer, doc, this);
    const kept = (this.kept.get(name) ?? 0) + 1;
    this.kept.set(name, kept);
    if (!this.peer.keeps) return;
    this.out(
      message(ACK, (encoder) => {
        encoding.writeVarString(encoder, name);
        encoding.writeVarUint(encoder, kept);
      }),
    );
  }

  sync(name: string, fill: (encoder: encoding.Encoder) => void): void {
    this.out(
      message(SYNC, (encoder) => {
        encoding.writeVarString(encoder, name);
        fill(encoder);
      }),
    );
  }

  close(): void {
    this.peer.sockets.delete(this);
  }

  closed(code: number): void {
    this.readyState = 3;
    this.peer.sockets.delete(this);
    this.onclose?.({ code });
  }

  private out(bytes: Uint8Array<ArrayBuffer>): void {
    const data = bytes.slice().buffer;
    queueMicrotask(() => this.readyState === 1 && this.onmessage?.({ data }));
  }
}
