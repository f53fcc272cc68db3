import { describe, expect, it } from "vitest";
import { fieldsOf, fits, type Item, warrantyTone } from "../src/api.js";

describe("an inventory", () => {
  it("finds a thing by all of a person's words, wherever they stand", () => {
    const item = { name: "Panel", number: "A-17", room: "21", responsible: "Әсел" } as Item;
    expect(fits(item, "әсел 21")).toBe(true);
    expect(fits(item, "")).toBe(true);
    expect(fits(item, "әсел 22")).toBe(false);
  });

  it("takes prices as people write them", () => {
    const form = new FormData();
    form.set("name", " Desk ");
    form.set("price", "45 000,50");
    expect(fieldsOf(form)).toMatchObject({
      name: "Desk",
      price: 45000.5,
      quantity: 1,
      warranty: null,
    });
  });

  it("says a month before that a guarantee ends, and on its last day that it still holds", () => {
    const today = new Date("2026-12-01T08:00:00Z");
    const tones = [null, "2026-11-29", "2026-12-01", "2026-12-20", "2027-12-20"];
    expect(tones.map((until) => warrantyTone(until, today))).toEqual([
      "idle",
      "bad",
      "warn",
      "warn",
      "good",
    ]);
  });
});
