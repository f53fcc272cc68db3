import { describe, expect, it } from "vitest";
import { i18n } from "../src/ui/i18n.js";
import { givenName, personName } from "../src/ui/names.js";
import { controlFor, optionText, unitText, withUnit } from "../src/ui/schema.js";
import { Writer } from "../src/ui/writer.js";

describe("the control for a value", () => {
  it("is a slider where both ends are known", () => {
    expect(controlFor({ type: "number", minimum: 0, maximum: 100 })).toEqual({
      kind: "range",
      minimum: 0,
      maximum: 100,
      step: 0.5,
    });
    expect(controlFor({ type: "integer", minimum: 1, maximum: 9 })).toMatchObject({ step: 1 });
  });

  it("is a number field where an end is open", () => {
    expect(controlFor({ type: "number", minimum: 0 })).toMatchObject({
      kind: "number",
      minimum: 0,
    });
    expect(controlFor({ type: "integer" })).toMatchObject({ kind: "number", step: 1 });
  });

  it("is a choice where the values are named, also behind a reference", () => {
    expect(controlFor({ type: "string", enum: ["4x", "10x"] })).toEqual({
      kind: "choice",
      options: ["4x", "10x"],
    });
    const schema = { $ref: "#/$defs/Power", $defs: { Power: { enum: ["on", "off"] } } };
    expect(controlFor(schema)).toEqual({ kind: "choice", options: ["on", "off"] });
  });

  it("looks through null, as optional values are described", () => {
    expect(controlFor({ anyOf: [{ type: "boolean" }, { type: "null" }] })).toEqual({
      kind: "switch",
    });
    expect(controlFor({ type: ["string", "null"] })).toMatchObject({ kind: "text" });
  });

  it("is a group of fields for an object", () => {
    const control = controlFor({
      type: "object",
      properties: { x: { type: "number", title: "X" }, y: { type: "number", title: "Y" } },
    });
    expect(control).toMatchObject({ kind: "group", fields: [{ name: "x" }, { name: "y" }] });
  });

  it("is nothing for what no form can say, and ends on endless schemas", () => {
    expect(controlFor({ type: "array" })).toEqual({ kind: "none" });
    const loop = {
      $ref: "#/$defs/A",
      $defs: { A: { type: "object", properties: { a: { $ref: "#/$defs/A" } } } },
    };
    expect(controlFor(loop).kind).toBe("group");
    expect(controlFor({ $ref: "#/$defs/B", $defs: { B: { $ref: "#/$defs/B" } } })).toEqual({
      kind: "none",
    });
  });

  it("writes units as people do", () => {
    expect(unitText("um")).toBe("µm");
    expect(unitText("mm")).toBe("mm");
    expect(unitText(null)).toBe("");
  });
});

describe("the writer of a slider", () => {
  it("has one write under way and keeps only the newest value", async () => {
    const written: number[] = [];
    const ends: (() => void)[] = [];
    const writer = new Writer<number>(
      (value) => {
        written.push(value);
        return new Promise((done) => ends.push(done));
      },
      () => {},
    );
    for (const value of [1, 2, 3, 4]) writer.send(value);
    expect(written).toEqual([1]);
    ends[0]?.();
    await new Promise((done) => setTimeout(done));
    expect(written).toEqual([1, 4]);
  });

  it("goes on after a write that failed", async () => {
    const failures: unknown[] = [];
    const writer = new Writer<number>(
      async () => {
        throw new Error("no");
      },
      (error) => failures.push(error),
    );
    writer.send(1);
    await new Promise((done) => setTimeout(done));
    expect(failures.length).toBe(1);
    expect(writer.idle).toBe(true);
  });
});

describe("figures and names as people read them", () => {
  it("keeps a figure and its unit together, and signs close to it", () => {
    expect(withUnit("0.4", "µm")).toBe("0.4\u00a0µm");
    expect(withUnit("70", "%")).toBe("70%");
    expect(withUnit("90", "°")).toBe("90°");
    expect(withUnit("3", "")).toBe("3");
  });

  it("writes an objective as it stands on the lens", () => {
    expect(optionText("10x")).toBe("10×");
    expect(optionText("2.5x")).toBe("2.5×");
    expect(optionText("box")).toBe("box");
  });

  it("writes a choice of figures as the language does, and names of whole ones as they are", () => {
    expect([0.1, 1, 115200].map(optionText)).toEqual(["0.1", "1", "115200"]);
    i18n.language = "kk";
    expect([0.1, 10, 0.05].map(optionText)).toEqual(["0,1", "10", "0,05"]);
    expect(optionText("2.5x")).toBe("2,5×");
    i18n.language = "en";
  });

  it("leaves names alone that somebody has typed", () => {
    expect(givenName("Album")).toBe("Album");
    expect(givenName("Virtual tablet 2")).toBe("Virtual tablet 2");
    expect(personName("constructor")).toBe("constructor");
    expect(personName("Admin")).toBe("Administrator");
  });
});
