import { expect, test } from "vitest";
import { Assembly, plain } from "../src/model/assembly.js";
import { ring } from "../src/model/laying.js";
import { newTask, taskOf } from "../src/model/task.js";

const THREE = [
  { id: "1", alike: "leg" },
  { id: "2", alike: "leg" },
  { id: "3", alike: "seat" },
];

const at = (one: number, two: number, three: number) =>
  new Map([
    ["1", one],
    ["2", two],
    ["3", three],
  ]);

test("a part goes to its place, and what was right at the first try is counted", () => {
  const model = new Assembly(THREE, () => 0);
  expect(model.drop("3", at(300, 300, 200), 30)).toEqual({ said: "away" });
  expect(model.drop("3", at(10, 300, 200), 30)).toEqual({ said: "wrong" });
  expect(model.drop("3", at(300, 300, 20), 30)).toEqual({ said: "right", target: "3" });
  expect([model.placed, model.atOnce, model.done]).toEqual([1, 0, false]);
  expect(model.drop("3", at(300, 300, 20), 30)).toEqual({ said: "away" });
  expect(model.drop("1", at(5, 300, 300), 30)).toEqual({ said: "right", target: "1" });
  expect(model.drop("2", at(300, 5, 300), 30)).toEqual({ said: "right", target: "2" });
  expect([model.placed, model.atOnce, model.all, model.done]).toEqual([3, 2, 3, true]);
});

test("of two alike each may go to either place", () => {
  const model = new Assembly(THREE, () => 0.9);
  expect(model.drop("1", at(300, 5, 300), 30)).toEqual({ said: "right", target: "2" });
  expect(model.left.map((one) => one.id).sort()).toEqual(["1", "3"]);
  expect(model.drop("2", at(5, 300, 300), 30)).toEqual({ said: "away" });
  expect(model.drop("1", at(5, 300, 300), 30)).toEqual({ said: "right", target: "1" });
});

test("of places one behind the other its own counts, a nearer one beside it does not", () => {
  const behind = new Assembly(THREE, () => 0);
  expect(behind.drop("3", at(20, 300, 28), 30)).toEqual({ said: "right", target: "3" });
  const beside = new Assembly(THREE, () => 0);
  expect(beside.drop("3", at(2, 300, 40), 30)).toEqual({ said: "wrong" });
  // A large part may be put down less exactly.
  expect(new Assembly(THREE, () => 0).drop("3", at(900, 900, 90), 200).said).toBe("right");
});

test("copies that a program numbers are alike", () => {
  expect([plain("Wheel.001"), plain("wheel 2"), plain("Wheel")]).toEqual(Array(3).fill("wheel"));
  expect(plain("Left")).not.toBe(plain("Right"));
});

test("parts lie around the model and not on each other", () => {
  for (const [count, aspect] of [
    [1, 1.8],
    [2, 1.8],
    [7, 1],
    [24, 0.6],
    [60, 1.8],
  ] as const) {
    const places = ring(count, 10, 2, aspect);
    expect(places).toHaveLength(count);
    for (const [n, one] of places.entries()) {
      expect(Math.hypot(one.x, one.y)).toBeGreaterThan(12);
      for (const other of places.slice(n + 1)) {
        expect(Math.hypot(one.x - other.x, one.y - other.y), `${count} ${aspect}`).toBeGreaterThan(
          2,
        );
      }
    }
  }
});

test("what the attribute says is a kind of task, and never the same twice", () => {
  expect(taskOf(newTask("assemble", () => 0.5))).toBe("assemble");
  expect(taskOf(newTask("find", () => 0.5))).toBe("find");
  expect([taskOf("1764438000000"), taskOf(""), taskOf(null)]).toEqual(["find", null, null]);
  expect(newTask("find", () => 0.1)).not.toBe(newTask("find", () => 0.2));
});
