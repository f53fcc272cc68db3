import { expect, test } from "vitest";
import { addressOf, bundles, type Key, partsOf } from "../src/slicers/keys.js";

const key = (id: string, more: Partial<Key> = {}): Key => ({
  id,
  owner: { id: `p${id}`, name: id },
  group: null,
  lesson: null,
  created: "2026-11-29T10:00:00Z",
  expires: null,
  ...more,
});

test("keys stand with their lesson, else with their owners' class, and the rest comes last", () => {
  const lesson = { id: "l1", name: "Gears" };
  const group = { id: "g1", name: "7B" };
  const found = bundles([
    key("1"),
    key("2", { lesson, group }),
    key("3", { group }),
    key("4", { lesson }),
  ]);
  expect(found.map((one) => [one.name, one.keys.map((of) => of.id)])).toEqual([
    ["Gears", ["2", "4"]],
    ["7B", ["3"]],
    ["", ["1"]],
  ]);
});

test("the address is the hub's own, or one printer's", () => {
  expect(addressOf("http://10.0.0.5:8420", null)).toBe("http://10.0.0.5:8420");
  expect(addressOf("http://10.0.0.5:8420", "prusa")).toBe("http://10.0.0.5:8420/api/to/prusa");
});

test("Cura asks for host, port and path one by one", () => {
  const at = (address: string) => Object.values(partsOf(address));
  expect(at("http://10.0.0.5:8420")).toEqual(["10.0.0.5", "8420", "/"]);
  expect(at("http://hub.local/api/to/prusa")).toEqual(["hub.local", "80", "/api/to/prusa/"]);
  expect(at("https://hub.school")).toEqual(["hub.school", "443", "/"]);
});
