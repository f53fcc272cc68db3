import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { Room } from "../src/globe/room.js";
import { sizeOf } from "../src/globe/sky.js";
import { type GlobeMap, untaught } from "../src/maps.js";
import { justNow, meant, near, type PlaceShort, type Tap } from "../src/model.js";
import { type Game, mayPress, penMeans, winners } from "../src/play/game.js";
import { decoded, table } from "../src/play/table.js";

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

describe("names", () => {
  it("are not written over each other", () => {
    const room = new Room();
    expect(room.take(0, 0, 50, 12)).toBe(true);
    expect(room.take(40, 6, 50, 12)).toBe(false);
    expect(room.take(50, 0, 50, 12)).toBe(true);
    expect(room.take(40, 12, 50, 12)).toBe(true);
  });

  it("are found also by some of them, whole names first", () => {
    const places = [
      place("GW", "Гвинея-Бисау"),
      place("GN", "Гвинея"),
      place("PG", "Папуа — Жаңа Гвинея"),
      place("KZ-19", "Алматы облысы", "region"),
      place("KZ-75", "Алматы", "region"),
      place("AX", "Åland Islands"),
    ];
    const found = (text: string) => meant(places, text)?.id ?? null;
    expect(found(" гвинея ")).toBe("GN");
    expect(found("папуа")).toBe("PG");
    expect(found("жаңа")).toBe("PG");
    expect(found("алматы")).toBe("KZ-75");
    expect(found("aland")).toBe("AX");
    expect(found("Атлантида")).toBe(null);
    expect(found("  ")).toBe(null);
  });
});

describe("the flags", () => {
  it("are there for each country of the atlas", () => {
    const file = join(import.meta.dirname, "../../data/cldr.json");
    const codes = Object.keys(JSON.parse(readFileSync(file, "utf8")).places);
    const icons = dirname(createRequire(import.meta.url).resolve("flag-icons/package.json"));
    const missing = codes.filter(
      (code) => !existsSync(join(icons, "flags/4x3", `${code.toLowerCase()}.svg`)),
    );
    expect(codes).toHaveLength(249);
    expect(missing).toEqual([]);
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

  it("reads what spreadsheets write: quotes, columns of their own, marks and old encodings", () => {
    const places = [place("KZ", "Қазақстан"), place("RU", "Россия"), place("JP", "Япония")];
    const asked = (text: string) => table(text, places).own;
    expect(asked('"Где Фудзи, гора?",Япония,"Россия"')).toEqual([
      { text: "Где Фудзи, гора?", right: "JP", wrong: ["RU"] },
    ]);
    expect(asked('"Что такое ""Орда""?";Қазақстан')[0]?.text).toBe('Что такое "Орда"?');
    expect(asked("Астана; Алматы; что это?\tKZ\tRU")[0]).toEqual({
      text: "Астана; Алматы; что это?",
      right: "KZ",
      wrong: ["RU"],
    });
    // A place that is named twice is one choice, and the right one is none of the wrong ones.
    expect(asked("Где?;JP;RU;Россия;jp")).toEqual([{ text: "Где?", right: "JP", wrong: ["RU"] }]);
    const bytes = (text: string) => new TextEncoder().encode(text);
    expect(decoded(bytes("\ufeffГде?;JP"))).toBe("Где?;JP");
    expect(decoded(new Uint8Array([0xc3, 0xe4, 0xe5, 0x3f]))).toBe("Где?");
    expect(decoded(new Uint8Array([0xff, 0xfe, 0x13, 0x04, 0x34, 0x04]))).toBe("Гд");
  });

  const tap = (more: Partial<Tap>): Tap =>
    ({ kind: "tap", place: "KZ", code: "10398", device: "globe", pen: "", ...more }) as Tap;
  const played = (mode: Game["mode"], question: Partial<Game["question"]>): Game =>
    ({
      mode,
      over: false,
      players: ["А", "Ә", "Б"].map((name) => ({ name, right: 0, asked: 0 })),
      question: { player: null, choices: [], answered: false, tries: [], ...question },
    }) as unknown as Game;
  const one = new Set(["2"]);
  const several = new Set(["1", "2"]);
  const nothing = { press: null, answer: null };

  it("takes a pen's number for its player's, and its keys for their buzzers", () => {
    const game = played("buzzer", {});
    expect(penMeans(tap({ pen: "2" }), game, one)).toEqual({ press: 1, answer: "KZ" });
    expect(penMeans(tap({ kind: "mode", code: "3" }), game, one)).toEqual({
      press: 2,
      answer: null,
    });
    for (const pen of ["", "4", "12"]) expect(penMeans(tap({ pen }), game, one)).toEqual(nothing);
    expect(penMeans(tap({ kind: "mode", code: "4" }), game, one)).toEqual(nothing);
    expect(penMeans(tap({ kind: "hold", pen: "2" }), game, one)).toEqual(nothing);
  });

  it("lets whoever has pressed answer with their own pen, or with the one that all share", () => {
    const game = played("buzzer", { player: 0 });
    const answer = { press: null, answer: "KZ" };
    expect(penMeans(tap({ pen: "" }), game, several)).toEqual(answer);
    expect(penMeans(tap({ pen: "1" }), game, several)).toEqual(answer);
    expect(penMeans(tap({ pen: "2" }), game, several)).toEqual(nothing);
    expect(penMeans(tap({ pen: "2" }), game, one)).toEqual(answer);
    expect(penMeans(tap({ place: null }), game, several)).toEqual(nothing);
  });

  it("takes a touch of one of the choices for the answer, and of anything else for none", () => {
    const choices = [place("KZ", "Қазақстан"), place("UZ", "Өзбекстан")];
    expect(penMeans(tap({}), played("turns", { player: 0, choices }), one).answer).toBe("KZ");
    expect(penMeans(tap({ place: "RU" }), played("turns", { player: 0, choices }), one)).toEqual(
      nothing,
    );
    expect(penMeans(tap({}), played("turns", { answered: true }), one)).toEqual(nothing);
  });

  it("lets those press who have not tried, while nobody answers", () => {
    const tries = [{ player: 1, answer: null, right: false }];
    const game = played("buzzer", { tries });
    expect([0, 1, 2].map((player) => mayPress(game, player))).toEqual([true, false, true]);
    expect(mayPress(played("buzzer", { player: 2 }), 0)).toBe(false);
    expect(mayPress(played("buzzer", { answered: true }), 0)).toBe(false);
    expect(mayPress(played("turns", {}), 0)).toBe(false);
  });

  it("names all who are ahead", () => {
    const player = (name: string, right: number) => ({ name, right, asked: 5 });
    expect(winners([player("А", 3), player("Ә", 4), player("Б", 4)])).toEqual(["Ә", "Б"]);
    expect(winners([player("А", 0)])).toEqual(["А"]);
  });
});
