import { describe, expect, it } from "vitest";
import { sizeOf } from "../src/globe/sky.js";
import { type GlobeMap, untaught } from "../src/maps.js";
import { justNow, near, type PlaceShort } from "../src/model.js";
import { table, winners } from "../src/play/game.js";

const place = (id: string, name: string, kind: PlaceShort["kind"] = "country"): PlaceShort => ({
  id,
  kind,
  name,
  centre: null,
  numeric: "",
});

describe("the globe", () => {
  it("turns the short way", () => {
    expect(near(170, -170)).toBe(190);
    expect(near(-170, 170)).toBe(-190);
    expect(near(0, 90)).toBe(90);
    expect(near(-500, 0)).toBe(-360);
  });

  it("tells aloud what happens now, not what is retained", () => {
    const now = Date.parse("2026-11-29T10:00:00Z");
    expect(justNow("2026-11-29T09:59:58Z", now)).toBe(true);
    expect(justNow("2026-11-29T09:00:00Z", now)).toBe(false);
  });

  it("draws brighter stars larger", () => {
    expect(sizeOf(-1.4)).toBeGreaterThan(sizeOf(1));
    expect(sizeOf(6)).toBe(0.6);
  });
});

describe("teaching", () => {
  const places = [
    place("UZ", "Өзбекстан"),
    place("KZ", "Қазақстан"),
    place("Ori", "Орион", "constellation"),
  ];
  const map = { codes: { "1": "UZ" } } as unknown as GlobeMap;

  it("asks for what the map does not know, by its name", () => {
    expect(untaught(places, map, "country", "kk").map((one) => one.id)).toEqual(["KZ"]);
    expect(untaught(places, null, "country", "kk")).toHaveLength(2);
    expect(untaught(places, map, "constellation", "kk").map((one) => one.id)).toEqual(["Ori"]);
  });
});

describe("the quiz", () => {
  it("reads a teacher's table, and says which lines it does not understand", () => {
    const places = [place("KZ", "Қазақстан"), place("RU", "Ресей"), place("JP", "Жапония")];
    const text =
      "Байқоңыр қай елде?;Қазақстан;ресей\r\n\nФудзияма?\tJP\nЖоқ?;Атлантида\nтек сұрақ\n";
    expect(table(text, places)).toEqual({
      own: [
        { text: "Байқоңыр қай елде?", right: "KZ", wrong: ["RU"] },
        { text: "Фудзияма?", right: "JP", wrong: [] },
      ],
      wrong: [4, 5],
    });
  });

  it("names all who are ahead", () => {
    const player = (name: string, right: number) => ({ name, right, asked: 5 });
    expect(winners([player("А", 3), player("Ә", 4), player("Б", 4)])).toEqual(["Ә", "Б"]);
    expect(winners([player("А", 0)])).toEqual(["А"]);
  });
});
