import { describe, expect, it, vi } from "vitest";
import type { Route } from "../src/shell/router.js";

vi.mock("../src/shell/data.js", () => ({ routes: [] }));
const { openersAmong } = await import("../src/shell/openers.js");

function page(path: string, media: string[], least: number, most: number): Route {
  const opens = { media, least, most };
  return { path, title: path, tag: "x-y", load: async () => {}, opens, roles: ["pupil"] };
}

const measure = page("/captures/:id/measure", ["image/jpeg", "image/png"], 1, 1);
const film = page("/film", ["image/*", "video/mp4"], 2, 3);
const keep = page("/keep", ["*/*"], 1, 200);
const pages: Route[] = [
  { path: "/", title: "Home", tag: "x-home", load: async () => {} },
  measure,
  film,
  keep,
];

const asset = (id: string, media_type = "image/jpeg") => ({ id, media_type });
const paths = (...assets: { id: string; media_type: string }[]) =>
  openersAmong(pages, assets, "pupil").map((opener) => opener.href);

describe("the pages that open assets", () => {
  it("gives one picture in the path and several in the query", () => {
    expect(paths(asset("a1"))).toEqual(["/captures/a1/measure", "/keep?assets=a1"]);
    expect(paths(asset("a1"), asset("b 2", "video/mp4"))).toEqual([
      "/film?assets=a1,b%202",
      "/keep?assets=a1,b%202",
    ]);
  });

  it("wants every asset to be of its types", () => {
    expect(paths(asset("a1", "image/tiff"))).toEqual(["/keep?assets=a1"]);
    expect(paths(asset("a1"), asset("a2", "audio/ogg"))).toEqual(["/keep?assets=a1,a2"]);
    expect(paths(asset("a1", "imagery/jpeg"))).toEqual(["/keep?assets=a1"]);
  });

  it("wants no fewer and no more than the page says, and something", () => {
    const four = [1, 2, 3, 4].map((n) => asset(`a${n}`));
    expect(paths(...four)).toEqual(["/keep?assets=a1,a2,a3,a4"]);
    expect(paths()).toEqual([]);
  });

  it("offers nobody a page that is not for them", () => {
    expect(openersAmong(pages, [asset("a1")], "display")).toEqual([]);
    expect(openersAmong(pages, [asset("a1")], undefined)).toEqual([]);
  });
});
