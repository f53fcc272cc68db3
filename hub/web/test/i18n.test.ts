import { beforeEach, describe, expect, it } from "vitest";
import { chooseLanguage, fill, i18n, lasting, pluralForm, t, tn } from "../src/ui/i18n.js";

describe("words", () => {
  beforeEach(() => {
    i18n.add("ru", {
      Album: "Альбом",
      "{n} picture": ["{n} снимок", "{n} снимка", "{n} снимков"],
    });
    i18n.add("kk", { "{n} picture": ["{n} сурет", "{n} сурет"] });
    i18n.language = "ru";
  });

  it("come from the catalogue, or stay English", () => {
    expect(t("Album")).toBe("Альбом");
    expect(t("Nobody knows this")).toBe("Nobody knows this");
  });

  it.each([
    [1, "1 снимок"],
    [2, "2 снимка"],
    [5, "5 снимков"],
    [11, "11 снимков"],
    [21, "21 снимок"],
    [112, "112 снимков"],
    [0, "0 снимков"],
  ])("count in Russian: %i", (n, text) => {
    expect(tn("{n} picture", "{n} pictures", n)).toBe(text);
  });

  it("count in Kazakh and English", () => {
    expect(pluralForm("kk", 1)).toBe(0);
    expect(pluralForm("kk", 21)).toBe(1);
    i18n.language = "en";
    expect(tn("{n} picture", "{n} pictures", 1)).toBe("1 picture");
    expect(tn("{n} picture", "{n} pictures", 21)).toBe("21 pictures");
  });

  it("say how long a video lasts", () => {
    expect([0.3, 3.058, 59.6, 754, 3725].map(lasting)).toEqual([
      "0:01",
      "0:03",
      "1:00",
      "12:34",
      "1:02:05",
    ]);
  });

  it("leave unknown placeholders and foreign text alone", () => {
    expect(fill("{a} and {b}", { a: "<b>1</b>" })).toBe("<b>1</b> and {b}");
    expect(fill("{toString}", {})).toBe("{toString}");
  });
});

describe("the language", () => {
  const offered = ["kk", "ru", "en"];

  it("is the chosen one, else the browser's, else the hub's first", () => {
    expect(chooseLanguage(offered, "en", ["ru-RU"])).toBe("en");
    expect(chooseLanguage(offered, null, ["de-DE", "ru-KZ"])).toBe("ru");
    expect(chooseLanguage(offered, "xx", ["KK"])).toBe("kk");
    expect(chooseLanguage(offered, null, [])).toBe("kk");
  });
});
