import type { Hub, Problem } from "@classhub/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Board, type Change, newId } from "../src/model/board.js";
import { BARE, encodePoints } from "../src/model/points.js";
import { Peer, type Person } from "./peer.js";

const PAGE = "page0001";
const HUB = {
  origin: "http://hub.test",
  api: { language: () => "en", token: "" },
} as unknown as Hub;

interface Opened {
  board: Board;
  problems: Problem[];
  changes: Change[];
}

const opened: Board[] = [];

function open(peer: Peer, person: Person): Opened {
  const problems: Problem[] = [];
  const changes: Change[] = [];
  vi.stubGlobal(
    "WebSocket",
    class {
      constructor(url: string) {
        // biome-ignore lint/correctness/noConstructorReturn: a socket that is the peer's
        return peer.opener(person)(url);
      }
    },
  );
  const board = new Board(HUB, "b", {
    changed: () => {},
    items: (change) => changes.push(change),
    live: () => {},
    view: () => {},
    problem: (problem) => problems.push(problem),
  });
  opened.push(board);
  return { board, problems, changes };
}

const AIGERIM = { name: "person:aigerim", teacher: false };
const DAULET = { name: "person:daulet", teacher: false };
const TEACHER = { name: "person:teacher", teacher: true };

function stroke(x: number, time = 1) {
  const samples = [0, 10].map((by) => ({
    x: x + by,
    y: 0,
    pressure: 0.5,
    tiltX: 0,
    tiltY: 0,
    twist: 0,
    time: by,
  }));
  return {
    kind: "stroke",
    page: PAGE,
    time,
    colour: "#112233",
    pen: "pen",
    width: 4,
    x,
    y: 0,
    device: "",
    points: encodePoints(samples, x, 0, BARE),
  };
}

async function quiet(): Promise<void> {
  await vi.advanceTimersByTimeAsync(5);
}

function ids(board: Board): string[] {
  return board
    .items(PAGE)
    .all()
    .map(({ key }) => key)
    .sort();
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const board of opened.splice(0)) board.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a board", () => {
  it("shows everybody what each one drew, and knows when it is kept", async () => {
    const peer = new Peer();
    const one = open(peer, AIGERIM);
    const other = open(peer, DAULET);
    await quiet();
    peer.greetAll();
    await quiet();
    expect(one.board.ready).toBe(true);
    peer.keeps = false;
    one.board.put("stroke0001", stroke(0));
    expect(one.board.unsent).toBe(true);
    await quiet();
    expect(one.board.unsent).toBe(true);
    peer.keeps = true;
    one.board.put("stroke0002", stroke(50));
    other.board.put("stroke0001", stroke(90));
    await quiet();
    expect(ids(other.board)).toContain("person:aigerim/stroke0002");
    expect(ids(one.board)).toContain("person:daulet/stroke0001");
    expect(one.board.unsent).toBe(false);
  });

  it("keeps what is drawn while it is cut off, and brings it when the hub is back", async () => {
    const peer = new Peer();
    const one = open(peer, AIGERIM);
    await quiet();
    peer.cut();
    one.board.put("stroke0001", stroke(0));
    expect(one.board.unsent).toBe(true);
    expect(one.board.status).toBe("waiting");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(one.board.status).toBe("open");
    expect(one.board.unsent).toBe(false);
    expect([...peer.doc("person:aigerim").getMap("items").keys()]).toEqual(["stroke0001"]);
  });

  it("does not come back where the hub says that it would say the same again", async () => {
    const peer = new Peer();
    const one = open(peer, AIGERIM);
    await quiet();
    peer.cut(4403);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(one.board.status).toBe("ended");
    expect(peer.sockets.size).toBe(0);
  });

  it("undoes only what one did oneself", async () => {
    const peer = new Peer();
    const one = open(peer, AIGERIM);
    const other = open(peer, DAULET);
    await quiet();
    peer.greetAll();
    await quiet();
    one.board.put("stroke0001", stroke(0));
    await quiet();
    other.board.put("stroke0002", stroke(50));
    await quiet();
    one.board.undo();
    await quiet();
    expect(ids(other.board)).toEqual(["person:daulet/stroke0002"]);
    expect(one.board.canUndo).toBe(false);
    one.board.undo();
    one.board.redo();
    await quiet();
    expect(ids(one.board)).toEqual(ids(other.board));
    expect(ids(one.board)).toHaveLength(2);
  });

  it("lets a teacher take off what pupils drew, and bring it back in one step", async () => {
    const peer = new Peer();
    const one = open(peer, AIGERIM);
    const other = open(peer, DAULET);
    const teacher = open(peer, TEACHER);
    await quiet();
    peer.greetAll();
    await quiet();
    one.board.put("stroke0001", stroke(0));
    other.board.put("stroke0002", stroke(50));
    await quiet();
    teacher.board.erase(teacher.board.items(PAGE).all());
    await quiet();
    expect(ids(one.board)).toEqual([]);
    teacher.board.undo();
    await quiet();
    expect(ids(one.board)).toEqual(["person:aigerim/stroke0001", "person:daulet/stroke0002"]);
    const [theirs] = one.board
      .items(PAGE)
      .all()
      .filter(({ author }) => author === DAULET.name);
    expect(theirs && one.board.mayChange(theirs)).toBe(false);
  });

  it("throws away what the hub refused, and agrees with the others again", async () => {
    const peer = new Peer();
    const one = open(peer, AIGERIM);
    await quiet();
    one.board.put("stroke0001", stroke(0));
    await quiet();
    peer.refuses.set(AIGERIM.name, "board-locked");
    one.board.put("stroke0002", stroke(50));
    await quiet();
    peer.refuses.clear();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(one.problems.map(({ code }) => code)).toEqual(["board-locked"]);
    expect(ids(one.board)).toEqual(["person:aigerim/stroke0001"]);
    expect(one.board.unsent).toBe(false);
    one.board.put("stroke0003", stroke(90));
    await quiet();
    expect([...peer.doc(AIGERIM.name).getMap("items").keys()].sort()).toEqual([
      "stroke0001",
      "stroke0003",
    ]);
  });

  it("moves items without touching what was drawn", async () => {
    const peer = new Peer();
    const one = open(peer, AIGERIM);
    await quiet();
    one.board.put("stroke0001", stroke(0));
    const [item] = one.board.items(PAGE).all();
    if (!item) throw new Error("nothing was drawn");
    one.board.move(new Map([[item, { x: 100, y: 20, scale: 2 }]]));
    await quiet();
    const [moved] = one.board.items(PAGE).all();
    expect(moved?.box.x).toBeGreaterThan(80);
    expect(moved?.box.width).toBeCloseTo(item.box.width * 2, 5);
    one.board.undo();
    expect(one.board.items(PAGE).all()[0]?.box).toEqual(item.box);
  });

  it("draws nothing of what does not fit", async () => {
    const peer = new Peer();
    const one = open(peer, AIGERIM);
    await quiet();
    const items = peer.doc(AIGERIM.name).getMap("items");
    const bad: unknown[] = [
      7,
      null,
      [],
      "text",
      {},
      { ...stroke(0), colour: "url(x)" },
      { ...stroke(0), width: 1e9 },
      { ...stroke(0), points: new Uint8Array(9) },
      { ...stroke(Number.NaN) },
      { ...stroke(0), time: "x" },
      {
        kind: "note",
        page: PAGE,
        time: 1,
        colour: "#ffffff",
        x: 0,
        y: 0,
        width: -1,
        height: 5,
        text: "",
      },
      {
        kind: "shape",
        page: PAGE,
        time: 1,
        colour: "#ffffff",
        form: "script",
        width: 1,
        from: [0, 0],
        to: [1, 1],
      },
    ];
    for (const [index, value] of bad.entries()) items.set(`baditem${100 + index}`, value);
    items.set("x", stroke(0));
    await quiet();
    expect(ids(one.board)).toEqual([]);
    items.set("stroke0001", stroke(0));
    peer.doc(AIGERIM.name).getMap("edits").set("stroke0001", { x: 1e12, y: 0, scale: 0 });
    await quiet();
    expect(one.board.items(PAGE).all()[0]?.move).toEqual({ x: 0, y: 0, scale: 1 });
  });

  it("gives ids that nobody else has", () => {
    const many = new Set(Array.from({ length: 2000 }, newId));
    expect(many.size).toBe(2000);
    for (const id of many) expect(id).toMatch(/^[A-Za-z0-9_-]{16}$/);
  });
});
