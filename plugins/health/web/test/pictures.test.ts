import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OF_CODE, OF_ICON, picturesOf } from "../src/pictures.js";

const ROOT = join(import.meta.dirname, "../../../..");

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".py"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

test("pictures are of what is said to be wrong, by its own name", () => {
  const written = ["drivers", "hub", "plugins"]
    .flatMap((one) => sources(join(ROOT, one)))
    .join("\n");
  for (const code of Object.keys(OF_CODE)) expect(written, code).toContain(`"${code}"`);
  for (const icon of Object.keys(OF_ICON)) expect(written, icon).toContain(`icon="${icon}"`);
});

test("a device that does not answer is drawn as it is connected", () => {
  expect(picturesOf("unreachable", "monitor")).toEqual(["power", "network"]);
  expect(picturesOf("unplugged", "microscope")).toEqual(["usb", "lamp"]);
  expect(picturesOf("unplugged", "something-new")).toEqual(["power", "usb"]);
  expect(picturesOf("filament-out", "printer")).toEqual(["filament"]);
  expect(picturesOf("bad-settings", "printer")).toEqual([]);
  expect(picturesOf("constructor", "constructor")).toEqual([]);
  expect(picturesOf(null, "printer")).toEqual([]);
});
