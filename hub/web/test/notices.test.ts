import { describe, expect, it } from "vitest";
import { wordsFor } from "../src/shell/notices.js";

describe("a notice of a plugin", () => {
  const notice = { to: "aru", said: { kk: "Басылды", en: "Printed" } };
  it("is said to the person whom it is for, in their language", () => {
    expect(wordsFor(notice, "aru", "kk")).toBe("Басылды");
    expect(wordsFor(notice, "aru", "ru")).toBe("Printed");
  });
  it("is said to nobody else, nor is anything that is no notice", () => {
    expect(wordsFor(notice, "dias", "kk")).toBe("");
    expect(wordsFor(notice, null, "kk")).toBe("");
    for (const odd of [null, {}, "x", { to: "aru" }]) expect(wordsFor(odd, "aru", "kk")).toBe("");
  });
});
