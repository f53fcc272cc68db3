import { expect, test } from "vitest";
import { ids, nameOf } from "../src/material.js";
import { Task } from "../src/model/task.js";
import { inDigits, mayShow, secondsLeft, sizeFor } from "../src/screen/fitting.js";

test("a timer counts whole seconds down by when it was put up", () => {
  const at = "2026-11-29T10:00:00.000Z";
  const begun = Date.parse(at);
  expect(secondsLeft(300, at, begun)).toBe(300);
  expect(secondsLeft(300, at, begun + 1)).toBe(300);
  expect(secondsLeft(300, at, begun + 299_999)).toBe(1);
  expect(secondsLeft(300, at, begun + 300_000)).toBe(0);
  expect(secondsLeft(Number.NaN, at, begun)).toBe(0);
  expect([inDigits(5), inDigits(245), inDigits(3845)]).toEqual(["0:05", "4:05", "1:04:05"]);
});

test("only pages of listed servers may be shown", () => {
  const listed = ["https://example.kz", "https://*.school.kz"];
  expect(mayShow("https://example.kz/a?b#c", listed)).toBe(true);
  expect(mayShow("https://maths.school.kz/", listed)).toBe(true);
  for (const other of [
    "http://example.kz/",
    "https://example.kz:8443/",
    "https://example.kz.evil.com/",
    "https://evil.com/https://example.kz",
    "https://user@example.kz/",
    "https://evilschool.kz/",
    "javascript:alert(1)",
    "data:text/html,x",
    "example.kz",
    "",
  ]) {
    expect(mayShow(other, listed), other).toBe(false);
  }
});

test("letters of a message are as large as fit", () => {
  expect(sizeFor("Сәлем")).toBeGreaterThan(sizeFor("Кітаптарыңызды 12-бетте ашыңыздар"));
  expect(sizeFor("ж".repeat(600))).toBeGreaterThanOrEqual(2);
  expect(sizeFor("")).toBe(22);
});

test("parts are asked for until each was found, and what was found at once is counted", () => {
  const task = new Task(["1", "2", "3"], () => 0);
  const first = task.asked as string;
  expect(task.tap("none")).toBe(false);
  expect([task.wrong, task.asked, task.found]).toEqual(["none", first, 0]);
  expect(task.tap(first)).toBe(true);
  expect(task.wrong).toBe(null);
  while (task.asked !== null) expect(task.tap(task.asked)).toBe(true);
  expect([task.found, task.atOnce, task.all]).toEqual([3, 2, 3]);
  expect(task.tap("1")).toBe(false);
  expect(["1", "2", "3"]).toContain(first);
});

test("a part is called as the school calls it, else as its file does, else by its number", () => {
  const part = { id: "4", name: "Heart", names: { kk: "Жүрек" } };
  expect(nameOf(part, "kk", 0)).toBe("Жүрек");
  expect(nameOf(part, "en", 0)).toBe("Жүрек");
  expect(nameOf({ ...part, names: {} }, "ru", 0)).toBe("Heart");
  expect(nameOf({ id: "4", name: "", names: {} }, "ru", 2)).toBe("3");
  expect([...ids("1,2,"), ...ids(null)]).toEqual(["1", "2"]);
});
