import { describe, expect, it } from "vitest";
import { changedSettings, isSecret, settingText } from "../src/ui/settings.js";

// As pydantic describes a driver's settings.
const SCHEMA = {
  type: "object",
  required: ["host"],
  properties: {
    host: { type: "string", maxLength: 200, title: "Host" },
    port: { type: "integer", minimum: 1, maximum: 65535, default: 4352 },
    note: { type: "string", default: "" },
    still_url: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
    password: {
      anyOf: [{ type: "string", format: "password", writeOnly: true }, { type: "null" }],
      default: null,
    },
    mode: { $ref: "#/$defs/Mode", default: "fast" },
    mirror: { type: "boolean", default: false },
    crop: { type: "array", items: { type: "integer" }, default: [] },
  },
  $defs: { Mode: { enum: ["fast", "fine"], type: "string" } },
};

const WAS: Record<string, unknown> = { host: "10.0.0.7", port: 80 };
const SAID: Record<string, string | boolean> = {
  host: "10.0.0.7",
  port: "80",
  note: "",
  still_url: "",
  password: "",
  mode: '"fast"',
  mirror: false,
  crop: "[]",
};

function changed(change: Record<string, string | boolean>) {
  const said = { ...SAID, ...change };
  return changedSettings(SCHEMA, WAS, (name) => said[name] ?? "");
}

describe("what a settings form says", () => {
  it("is nothing where nothing was changed, defaults included", () => {
    expect(changed({})).toEqual({});
  });

  it("has the type that the schema wants", () => {
    expect(changed({ port: "8080" })).toEqual({ port: 8080 });
    expect(changed({ mirror: true })).toEqual({ mirror: true });
    expect(changed({ mode: '"fine"' })).toEqual({ mode: "fine" });
    expect(changed({ crop: "[1, 2]" })).toEqual({ crop: [1, 2] });
    expect(changed({ still_url: "http://a/b" })).toEqual({ still_url: "http://a/b" });
  });

  it("passes on what is no JSON, for the hub to refuse in words", () => {
    expect(changed({ crop: "[1," })).toEqual({ crop: "[1," });
  });

  it("leaves a secret alone that was not typed anew", () => {
    expect(changed({ password: "" })).toEqual({});
    expect(changed({ password: "s3cret" })).toEqual({ password: "s3cret" });
  });

  it("unsets what was emptied", () => {
    const said: Record<string, string | boolean> = { ...SAID, host: "", port: "" };
    expect(changedSettings(SCHEMA, WAS, (name) => said[name] ?? "")).toEqual({
      host: "",
      port: null,
    });
  });

  it("knows secrets, and writes what is no plain value as JSON", () => {
    expect(isSecret({ type: "string", writeOnly: true })).toBe(true);
    expect(isSecret({ type: "string" })).toBe(false);
    expect(settingText({ x: 1 })).toBe('{"x":1}');
    expect(settingText(null)).toBe("");
  });
});
