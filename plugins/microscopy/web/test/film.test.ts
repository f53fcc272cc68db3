import { type Api, ApiProblem } from "@classhub/client";
import { expect, test, vi } from "vitest";
import { wrap } from "../src/film/drawing.js";
import { Keeper } from "../src/film/keeper.js";
import {
  bounded,
  emptyStoryboard,
  type Film,
  lengthOf,
  moved,
  newItem,
  noWords,
  timeline,
  wordsOf,
} from "../src/film/model.js";

const part = (seconds: number, fade: number, asset: string | null = "a") => ({
  ...newItem(asset, seconds),
  fade,
});

test("parts that fade into each other are on the screen together", () => {
  // 2 + 3 + 2 seconds, twice 0.4 of them at the same time: as the hub's own film has it.
  const showings = timeline(
    [part(2, 0), part(3, 0.4), part(60, 0.4, "clip")],
    new Map([["clip", 2]]),
  );
  expect(showings.map((one) => one.start)).toEqual([0, 1.6, expect.closeTo(4.2)]);
  expect(lengthOf(showings)).toBeCloseTo(6.2);
});

test("a fade takes at most half of either side", () => {
  expect(timeline([part(1, 3), part(10, 3)]).map((one) => one.fade)).toEqual([0.5, 0.5]);
  expect(lengthOf([])).toBe(0);
});

test("words that are missing come from the first language that has some", () => {
  expect(wordsOf({ kk: "", ru: "Лук", en: "Onion" }, "kk")).toBe("Лук");
  expect(wordsOf({ kk: "Пияз", ru: "", en: "Onion" }, "en")).toBe("Onion");
  expect(wordsOf(noWords(), "en")).toBe("");
});

test("moving keeps everything, and numbers stay within their limits", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b", "c"], 2, -5)).toEqual(["c", "a", "b"]);
  expect(bounded("2,5", 0.5, 120)).toBe(2.5);
  expect(bounded("1e9", 0.5, 120)).toBe(120);
  expect(bounded("long", 0.5, 120)).toBeNull();
});

test("words are broken where they fit, and what is too much ends with an ellipsis", () => {
  const to = { measureText: (text: string) => ({ width: text.length }) as TextMetrics };
  expect(wrap(to, "one two three", 7, 3)).toEqual(["one two", "three"]);
  expect(wrap(to, "abcdefghij", 4, 9)).toEqual(["abcd", "efgh", "ij"]);
  expect(wrap(to, "one two three", 5, 2)).toEqual(["one", "two…"]);
});

const work = (title: string) => ({ title, storyboard: emptyStoryboard("kk") });

function hubWith(revision: number) {
  const film = { title: "", revision } as Film;
  const put = vi.fn(async (_: string, body?: unknown) => {
    const wanted = body as { title: string; revision: number };
    if (wanted.revision !== film.revision) {
      throw new ApiProblem({ code: "film-changed", title: "changed" }, 409);
    }
    film.title = wanted.title;
    film.revision += 1;
    return { ...film };
  });
  return {
    film,
    api: { put, get: async () => ({ ...film }) } as unknown as Pick<Api, "get" | "put">,
  };
}

test("what is changed while the hub answers is kept too", async () => {
  const { film, api } = hubWith(1);
  const keeper = new Keeper(api, "f", 1, () => {});
  keeper.put(work("A"));
  const first = keeper.flush();
  keeper.put(work("B"));
  expect(await first).toBe(true);
  expect([film.title, film.revision, keeper.state]).toEqual(["B", 3, "kept"]);
});

test("whoever comes second is asked, and loses nothing until they have chosen", async () => {
  const { film, api } = hubWith(1);
  const keeper = new Keeper(api, "f", 1, () => {});
  film.title = "theirs";
  film.revision = 2;
  keeper.put(work("mine"));
  expect(await keeper.flush()).toBe(false);
  expect([film.title, keeper.state]).toEqual(["theirs", "overtaken"]);
  await keeper.keepMine();
  expect([film.title, film.revision, keeper.state]).toEqual(["mine", 3, "kept"]);
});
