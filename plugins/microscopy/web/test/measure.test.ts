import { ApiProblem } from "@classhub/client";
import { describe, expect, it, vi } from "vitest";
import {
  angle,
  area,
  crosses,
  decimals,
  forPeople,
  length,
  measure,
  statistics,
} from "../src/measure/geometry.js";
import { Keeper } from "../src/measure/keeper.js";
import { type Layer, merge, type Point, type Shape } from "../src/measure/shapes.js";
import { Sketch } from "../src/measure/sketch.js";
import { fit, onPicture, onScreen, zoomed } from "../src/measure/view.js";

const line = (id: string, to: number, text = ""): Shape => ({
  id,
  kind: "length",
  points: [
    [0, 0],
    [to, 0],
  ],
  text,
  colour: "yellow",
});
const PICTURE = { width: 1920, height: 1080 };

describe("geometry", () => {
  const triangle: Point[] = [
    [0, 0],
    [300, 0],
    [300, 400],
  ];

  it("measures figures that are known from school", () => {
    expect(length(triangle)).toBe(700);
    expect(area(triangle)).toBe(60_000);
    expect(angle(triangle)).toBe(90);
    expect(angle([[1, 1], [1, 1], [2, 2]])).toBeNull(); // biome-ignore format: one corner
    expect(measure({ kind: "area", points: triangle }, 0.5)).toEqual({
      value: 15_000,
      unit: "um2",
      perimeter: 600,
      crossing: false,
    });
    expect(measure({ kind: "length", points: triangle.slice(0, 2) }, null)).toMatchObject({
      value: 300,
      unit: "px",
    });
  });

  it("knows no area of an outline that crosses itself", () => {
    const bowtie: Point[] = [
      [0, 0],
      [10, 10],
      [10, 0],
      [0, 10],
    ];
    expect(crosses(bowtie)).toBe(true);
    expect(measure({ kind: "area", points: bowtie }, 1)).toMatchObject({
      value: null,
      crossing: true,
    });
    expect(crosses([bowtie[0], bowtie[2], bowtie[1], bowtie[3]] as Point[])).toBe(false);
  });

  it("finds mean and deviation of the sample", () => {
    const shapes = [2, 4, 4, 4, 5, 5, 7, 9].map((n, at) => line(`s${at}`, n));
    const found = statistics("length", shapes, 1);
    expect(found).toMatchObject({ n: 8, mean: 5, least: 2, most: 9, unit: "um" });
    expect(found?.deviation).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(statistics("length", shapes.slice(0, 1), 1)?.deviation).toBeNull();
    expect(statistics("area", shapes, 1)).toBeNull();
  });

  it("turns to millimetres at a thousand micrometres", () => {
    expect(forPeople(999, "um")).toEqual([999, "um"]);
    expect(forPeople(1500, "um")).toEqual([1.5, "mm"]);
    expect(forPeople(2e6, "um2")).toEqual([2, "mm2"]);
    expect(forPeople(5000, "px")).toEqual([5000, "px"]);
    expect([0.5, 12, 123, 1234].map(decimals)).toEqual([3, 2, 1, 0]);
  });
});

describe("the view", () => {
  it("zooms around the finger, and never loses the picture", () => {
    const room = { width: 800, height: 600 };
    const view = fit(PICTURE, room);
    const before = onPicture(view, [500, 300]);
    const closer = zoomed(view, 3, [500, 300], [0, 0], PICTURE, room);
    const after = onPicture(closer, [500, 300]);
    expect(after[0]).toBeCloseTo(before[0], 6);
    expect(after[1]).toBeCloseTo(before[1], 6);
    const away = zoomed(closer, 1, [0, 0], [1e6, -1e6], PICTURE, room);
    expect(onScreen(away, [0, 0])[0]).toBeLessThan(room.width);
    expect(onScreen(away, [1920, 1080])[1]).toBeGreaterThan(0);
  });
});

describe("the sketch", () => {
  function sketch(): { it: Sketch; kept: Shape[][] } {
    const kept: Shape[][] = [];
    const it = new Sketch(
      () => {},
      (shapes) => kept.push(shapes),
    );
    it.picture = PICTURE;
    it.open([], true);
    return { it, kept };
  }

  it("makes a length of two points, undoes and redoes it", () => {
    const { it: s, kept } = sketch();
    s.add([1, 1]);
    expect(kept).toEqual([]);
    s.add([4, 5]);
    expect(s.shapes[0]?.points).toEqual([[1, 1], [4, 5]]); // biome-ignore format: two points
    s.travel("undo");
    expect(s.shapes).toEqual([]);
    s.travel("redo");
    expect(kept.map((shapes) => shapes.length)).toEqual([1, 0, 1]);
  });

  it("counts on in the same group, and takes single things away", () => {
    const { it: s } = sketch();
    s.take("count");
    for (const x of [10, 20, 30]) s.add([x, 10]);
    expect(s.shapes).toHaveLength(1);
    expect(s.shapes[0]?.points).toHaveLength(3);
    s.eraseChosen();
    expect(s.shapes[0]?.points.map((point) => point[0])).toEqual([10, 20]);
  });

  it("moves a point by a pixel and keeps it in the picture", () => {
    const { it: s } = sketch();
    s.add([1, 1]);
    s.add([0, 5]);
    s.nudge([-1, 0]);
    expect(s.shapes[0]?.points[1]).toEqual([0, 5]);
    s.nudge([0, 1]);
    expect(s.shapes[0]?.points[1]).toEqual([0, 6]);
  });

  it("drops what was begun when a second finger comes", () => {
    const { it: s, kept } = sketch();
    s.begin([1, 1]);
    s.cancel(true);
    expect(s.draft).toBeNull();
    expect(kept).toEqual([]);
  });
});

describe("two who draw at once", () => {
  it("both keep what they did; ours holds where both changed the same", () => {
    const base = [line("a", 1), line("b", 2), line("c", 3)];
    const ours = [line("a", 10), line("b", 2), line("new", 5)];
    const theirs = [line("a", 99), line("b", 20), line("c", 3), line("theirs", 7)];
    const merged = merge(base, ours, theirs);
    expect(merged.map((s) => [s.id, s.points[1]?.[0]])).toEqual([
      ["a", 10],
      ["b", 20],
      ["theirs", 7],
      ["new", 5],
    ]);
  });

  it("puts again on top of what the other has kept meanwhile", async () => {
    vi.useFakeTimers();
    const layer: Layer = {
      author: { id: "p1", name: "" },
      revision: 3,
      editable: true,
      shared: true,
      items: [line("a", 1)],
    };
    const server = { ...layer, revision: 4, items: [line("a", 1), line("theirs", 2)] };
    const api = {
      get: vi.fn(async () => ({ items: [server] })),
      put: vi.fn(async (_: string, body: { revision: number; shapes: Shape[] }) => {
        if (body.revision !== server.revision) {
          throw new ApiProblem({ code: "layer-changed", title: "" }, 409);
        }
        server.revision += 1;
        server.items = body.shapes;
        return server;
      }),
    };
    const changed = vi.fn();
    const keeper = new Keeper(api as never, "a1", layer, { changed, state: () => {} });
    keeper.put([line("a", 5), line("mine", 3)]);
    await vi.runAllTimersAsync();
    expect(server.revision).toBe(5);
    expect(server.items.map((s) => s.id)).toEqual(["a", "theirs", "mine"]);
    expect(changed).toHaveBeenCalledWith(server.items);
    await keeper.close();
    vi.useRealTimers();
  });
});
