import { describe, expect, it } from "vitest";
import { type Handlers, Pointers, type Touch } from "../src/input/pointers.js";

function touch(id: number, x: number, y: number, time: number, more: Partial<Touch> = {}): Touch {
  return {
    id,
    x,
    y,
    time,
    type: "touch",
    pressure: 0.5,
    tiltX: 0,
    tiltY: 0,
    twist: 0,
    buttons: 1,
    size: 20,
    ...more,
  };
}

function watched() {
  const said: string[] = [];
  const handlers: Handlers = {
    start: (press) => said.push(`start ${press.id}${press.eraser ? " eraser" : ""}`),
    go: (press, samples) => said.push(`go ${press.id} ${samples.length}`),
    end: (press) => said.push(`end ${press.id}${press.tapped ? " tapped" : ""}`),
    cancel: (press) => said.push(`cancel ${press.id}`),
    look: (factor, _x, _y, byX, byY) => said.push(`look ${factor.toFixed(2)} ${byX} ${byY}`),
    hover: () => said.push("hover"),
  };
  return { said, pointers: new Pointers(handlers) };
}

describe("pointers on the board", () => {
  it("lets a finger draw, with every sample that the browser kept back", () => {
    const { said, pointers } = watched();
    pointers.down(touch(1, 0, 0, 0));
    pointers.move([touch(1, 20, 0, 8), touch(1, 40, 0, 12)], []);
    pointers.up(touch(1, 40, 0, 20));
    expect(said).toEqual(["start 1", "go 1 2", "end 1"]);
  });

  it("moves and zooms the page with two fingers that come together", () => {
    const { said, pointers } = watched();
    pointers.down(touch(1, 0, 0, 0));
    pointers.down(touch(2, 100, 0, 60));
    pointers.move([touch(2, 200, 0, 70)], []);
    pointers.up(touch(2, 200, 0, 80));
    pointers.move([touch(1, 10, 0, 90)], []);
    pointers.up(touch(1, 10, 0, 95));
    expect(said).toEqual(["start 1", "cancel 1", "look 2.00 50 0", "look 1.00 10 0"]);
  });

  it("lets two pupils at a panel draw at once", () => {
    const { said, pointers } = watched();
    pointers.down(touch(1, 0, 0, 0));
    pointers.move([touch(1, 60, 0, 300)], []);
    pointers.down(touch(2, 900, 0, 400));
    pointers.move([touch(2, 950, 0, 420)], []);
    pointers.up(touch(1, 60, 0, 500));
    expect(said).toEqual(["start 1", "go 1 1", "start 2", "go 2 1", "end 1"]);
  });

  it("takes what touches the glass while a pen writes for the writer's hand", () => {
    const { said, pointers } = watched();
    pointers.down(touch(1, 0, 0, 0));
    pointers.down(touch(9, 50, 50, 30, { type: "pen" }));
    pointers.down(touch(2, 80, 90, 40));
    pointers.move([touch(2, 200, 90, 45)], []);
    pointers.up(touch(9, 60, 50, 60, { type: "pen" }));
    pointers.up(touch(2, 200, 90, 70));
    pointers.down(touch(3, 0, 0, 300));
    pointers.up(touch(3, 0, 0, 320));
    expect(said).toEqual(["start 1", "cancel 1", "start 9", "end 9 tapped"]);
  });

  it("moves the page with one finger once a pen is used", () => {
    const { said, pointers } = watched();
    pointers.down(touch(9, 0, 0, 0, { type: "pen" }));
    pointers.up(touch(9, 0, 0, 10, { type: "pen" }));
    pointers.down(touch(1, 0, 0, 2000));
    pointers.move([touch(1, 30, 5, 2010)], []);
    expect(said).toEqual(["start 9", "end 9 tapped", "look 1.00 30 5"]);
  });

  it("ignores a palm", () => {
    const { said, pointers } = watched();
    pointers.down(touch(1, 0, 0, 0, { size: 140 }));
    pointers.move([touch(1, 50, 0, 10, { size: 140 })], []);
    expect(said).toEqual([]);
  });

  it("knows the pen's other end and the mouse's middle button", () => {
    const { said, pointers } = watched();
    pointers.down(touch(9, 0, 0, 0, { type: "pen", buttons: 32 }));
    pointers.lost(9);
    pointers.down(touch(4, 0, 0, 0, { type: "mouse", buttons: 4 }));
    pointers.move([touch(4, 7, 0, 5, { type: "mouse", buttons: 4 })], []);
    pointers.up(touch(4, 7, 0, 9, { type: "mouse" }));
    pointers.hand = true;
    pointers.down(touch(4, 0, 0, 20, { type: "mouse" }));
    pointers.move([touch(4, 0, 3, 25, { type: "mouse" })], []);
    expect(said).toEqual(["start 9 eraser", "cancel 9", "look 1.00 7 0", "look 1.00 0 3"]);
  });
});
