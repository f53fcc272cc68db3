import { describe, expect, it } from "vitest";
import { findRoute, matchPath, navigation, type Route } from "../src/shell/router.js";

const route = (path: string): Route => ({ path, title: path, tag: "x-y", load: async () => {} });

describe("the router", () => {
  it("finds a page and the parts of its address", () => {
    const routes = [route("/"), route("/lessons/:id/album")];
    expect(findRoute(routes, "/")?.route.path).toBe("/");
    expect(findRoute(routes, "/lessons/l1/album")?.params).toEqual({ id: "l1" });
    expect(findRoute(routes, "/lessons/l1")).toBeNull();
  });

  it("decodes the parts and passes over addresses that are malformed", () => {
    expect(matchPath("/devices/:id", "/devices/a%20b/")).toEqual({ id: "a b" });
    expect(matchPath("/devices/:id", "/devices/%E0%A4%A")).toBeNull();
  });

  it("has what a lesson needs first, and for an engineer what looking after the room needs", () => {
    const page = (path: string, place?: number, roles?: Route["roles"]): Route => ({
      ...route(path),
      nav: true,
      place,
      roles,
    });
    const pages = [
      page("/", 0),
      page("/people", 58, ["teacher", "engineer"]),
      page("/health", 50, ["engineer"]),
      page("/thermometer"),
      page("/albums", 10),
      route("/join"),
    ];
    const paths = (role: "pupil" | "teacher" | "engineer") =>
      navigation(pages, role).map(({ path }) => path);
    expect(paths("pupil")).toEqual(["/", "/albums", "/thermometer"]);
    expect(paths("teacher")).toEqual(["/", "/albums", "/thermometer", "/people"]);
    expect(paths("engineer")).toEqual(["/", "/health", "/people", "/albums", "/thermometer"]);
  });
});
