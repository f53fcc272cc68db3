import { describe, expect, it } from "vitest";
import { findRoute, matchPath, type Route } from "../src/shell/router.js";

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
});
