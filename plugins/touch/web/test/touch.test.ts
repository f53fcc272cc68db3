import { describe, expect, it } from "vitest";
import { mixed, places, ranks } from "../src/model.js";
import { after, bounded, fitting, place, STILL, scaleOf } from "../src/play/matrix.js";
import { parse, separator, written } from "../src/quiz/parse.js";

describe("pasted questions", () => {
  it("takes lines of a spreadsheet, the first answer is the right one", () => {
    const [line] = parse("Астана қай өзенде?\tЕсіл\tЕртіс\tЖайық\r\n\r\n");
    expect(line?.question).toEqual({
      text: "Астана қай өзенде?",
      answers: ["Есіл", "Ертіс", "Жайық"],
      right: 0,
    });
  });

  it("takes a star as the mark of the right answer", () => {
    expect(parse("2 + 2;3;*4")[0]?.question).toEqual({
      text: "2 + 2",
      answers: ["3", "4"],
      right: 1,
    });
  });

  it("takes CSV with commas, quotes and line ends in cells", () => {
    const [line, other] = parse('\uFEFF"Say ""yes"", or\nno?",yes,"no, never"\nq,a,b');
    expect(line?.question?.text).toBe('Say "yes", or\nno?');
    expect(line?.question?.answers).toEqual(["yes", "no, never"]);
    expect(other?.question?.right).toBe(0);
  });

  it.each([
    ["q;a", "few"],
    [";a;b", "few"],
    ["q;a;*", "few"],
    ["q;a;b;c;d;e", "many"],
    ["q;a;a", "same"],
    ["q;*a;*b", "stars"],
    [`q;a;${"b".repeat(121)}`, "long"],
  ])("says what is wrong with %s", (text, wrong) => {
    expect(parse(text)[0]).toMatchObject({ question: null, wrong });
  });

  it("reads back what it has written", () => {
    const questions = [
      { text: 'A "q"\nin two lines', answers: ["x; y", "z, w", "t"], right: 2 },
      { text: "b", answers: ["1", "2"], right: 0 },
    ];
    expect(parse(written(questions)).map((line) => line.question)).toEqual(questions);
  });

  it("knows the separator", () => {
    expect([separator("a\tb;c"), separator("a;b,c;d"), separator("a,b")]).toEqual(["\t", ";", ","]);
  });
});

describe("teams", () => {
  it.each([2, 3, 4])("%i teams share the whole table, the far ones turned", (teams) => {
    const all = places(teams);
    expect(all).toHaveLength(teams);
    expect(all.reduce((sum, one) => sum + one.width * one.height, 0)).toBeCloseTo(1);
    for (const one of all) expect(one.turn).toBe(one.y === 0 ? 180 : 0);
  });

  it("go round as the quarters of a table do", () => {
    expect(places(4).map(({ x, y }) => [x, y])).toEqual([
      [0, 0.5],
      [0.5, 0.5],
      [0.5, 0],
      [0, 0],
    ]);
  });

  it("share a rank with equal points", () => {
    expect(ranks([{ points: 5 }, { points: 9 }, { points: 5 }])).toEqual([2, 1, 2]);
  });

  it("get the same things in another order", () => {
    expect(mixed([1, 2, 3, 4], () => 0)).toEqual([2, 3, 4, 1]);
  });
});

describe("fingers on a map", () => {
  it("one finger shifts", () => {
    expect(fitting([{ x: 1, y: 2 }], [{ x: 4, y: 6 }])).toEqual({ a: 1, b: 0, e: 3, f: 4 });
  });

  it("two fingers spread and turn, and stay on what they touch", () => {
    const from = [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
    ];
    const to = [
      { x: 5, y: 5 },
      { x: 5, y: 25 },
    ];
    const move = fitting(from, to);
    expect(scaleOf(move)).toBeCloseTo(2);
    from.forEach((one, at) => {
      expect(place(move, one).x).toBeCloseTo(to[at]?.x ?? 0);
      expect(place(move, one).y).toBeCloseTo(to[at]?.y ?? 0);
    });
  });

  it("fingers at one place only shift", () => {
    const near = [
      { x: 1, y: 1 },
      { x: 1, y: 1 },
    ];
    expect(
      scaleOf(
        fitting(near, [
          { x: 2, y: 1 },
          { x: 2, y: 1 },
        ]),
      ),
    ).toBe(1);
  });

  it("keeps the scale in bounds about the fingers", () => {
    const about = { x: 30, y: 40 };
    const large = after(STILL, { a: 100, b: 0, e: 0, f: 0 });
    const kept = bounded(large, 0.5, 10, about);
    expect(scaleOf(kept)).toBeCloseTo(10);
    const under = { x: about.x / 100, y: about.y / 100 };
    expect(place(kept, under).x).toBeCloseTo(about.x);
  });
});
