import { describe, expect, it } from "vitest";
import { touches } from "../src/model/hit.js";
import {
  after,
  bare,
  before,
  type Item,
  inOrder,
  moved,
  type Shape,
  STILL,
  type Stroke,
  scaledAround,
} from "../src/model/items.js";
import { BARE, encodePoints } from "../src/model/points.js";
import { Places } from "../src/view/places.js";
import { fitted, seen, toPage, toScreen, zoomed } from "../src/view/view.js";

const COMMON = { page: "p", author: "a", time: 1, colour: "#000", move: STILL };
const NOWHERE = { x: 0, y: 0, width: 0, height: 0 };

function placed<T extends Item>(item: T): T {
  item.box = moved(bare(item), item.move);
  return item;
}

function stroke(id: string, move = STILL): Stroke {
  const samples = Array.from({ length: 11 }, (_, index) => index * 10).map((x) => ({
    x,
    y: x === 50 ? 40 : 0,
    pressure: 0.5,
    tiltX: 0,
    tiltY: 0,
    twist: 0,
    time: x,
  }));
  const points = encodePoints(samples, 0, 0, BARE);
  return placed({
    ...COMMON,
    id,
    key: `a/${id}`,
    kind: "stroke",
    pen: "pen",
    width: 4,
    curve: null,
    x: 0,
    y: 0,
    points,
    move,
    box: NOWHERE,
  });
}

function shape(form: Shape["form"]): Shape {
  return placed({
    ...COMMON,
    id: form,
    key: `a/${form}`,
    kind: "shape",
    form,
    width: 4,
    from: [100, 50],
    to: [0, 0],
    box: NOWHERE,
  });
}

describe("an eraser", () => {
  it("touches a stroke where its line is, not where its box is", () => {
    expect(touches(stroke("s"), [50, 38], [50, 60], 2)).toBe(true);
    expect(touches(stroke("s"), [30, 20], [30, 21], 4)).toBe(false);
    // A fast hand leaves few samples: between them it rubs out, too.
    expect(touches(stroke("s"), [20, -200], [20, 200], 1)).toBe(true);
  });

  it("finds what was moved and scaled where it is now", () => {
    const far = stroke("s", { x: 1000, y: 500, scale: 2 });
    expect(touches(far, [1100, 575], [1100, 575], 6)).toBe(true);
    expect(touches(far, [50, 38], [50, 38], 6)).toBe(false);
  });

  it("touches the line of a shape, not what it frames", () => {
    expect(touches(shape("rectangle"), [50, 50], [50, 50], 2)).toBe(true);
    expect(touches(shape("rectangle"), [50, 25], [50, 25], 2)).toBe(false);
    expect(touches(shape("ellipse"), [50, 50], [50, 50], 3)).toBe(true);
    expect(touches(shape("ellipse"), [2, 2], [2, 2], 2)).toBe(false);
    expect(touches(shape("arrow"), [50, 25], [50, 25], 2)).toBe(true);
  });
});

describe("moves", () => {
  it("follow each other and can be gone back", () => {
    const both = after({ x: 10, y: 0, scale: 2 }, scaledAround(3, 5, 5));
    const [x, y] = [7 * both.scale + both.x, 9 * both.scale + both.y];
    expect([x, y]).toEqual([(7 * 2 + 10) * 3 - 10, 9 * 2 * 3 - 10]);
    expect(before(both, x, y)).toEqual([7, 9]);
  });

  it("keep later items above, whoever made them", () => {
    const [a, b, c] = [stroke("a"), stroke("b"), stroke("c")];
    a.time = 3;
    expect([a, c, b].sort(inOrder).map(({ id }) => id)).toEqual(["b", "c", "a"]);
  });
});

describe("places", () => {
  it("find each item once, also across cells, and forget it", () => {
    const places = new Places<{ key: string; box: typeof NOWHERE }>();
    places.put({ key: "wide", box: { x: -900, y: -10, width: 1800, height: 20 } });
    places.put({ key: "huge", box: { x: -1e6, y: -1e6, width: 2e6, height: 2e6 } });
    places.put({ key: "small", box: { x: 10, y: 10, width: 5, height: 5 } });
    const at = (x: number, y: number) =>
      places
        .within({ x, y, width: 20, height: 20 })
        .map(({ key }) => key)
        .sort();
    expect(at(0, 0)).toEqual(["huge", "small", "wide"]);
    expect(at(600, 0)).toEqual(["huge", "wide"]);
    expect(at(600, 600)).toEqual(["huge"]);
    places.remove("wide");
    expect(at(600, 0)).toEqual(["huge"]);
    expect(places.within({ x: -1e9, y: -1e9, width: 2e9, height: 2e9 })).toHaveLength(2);
  });
});

describe("the view", () => {
  it("keeps the place under the fingers while it zooms", () => {
    const view = zoomed({ x: 30, y: 40, zoom: 1 }, 2.5, 200, 100);
    expect(toPage(view, 200, 100)).toEqual([230, 140]);
    expect(toScreen(view, 230, 140)).toEqual([200, 100]);
  });

  it("shows a box as a whole in the middle", () => {
    const room = { width: 800, height: 400 };
    const box = { x: 100, y: 100, width: 1000, height: 100 };
    const sight = seen(fitted(box, room), room);
    expect(sight.x).toBeLessThanOrEqual(100);
    expect(sight.x + sight.width).toBeGreaterThanOrEqual(1100);
    expect(sight.y + sight.height / 2).toBeCloseTo(150, 6);
  });
});
