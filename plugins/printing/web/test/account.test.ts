import { hub } from "@classhub/client";
import { expect, it } from "vitest";
import { asCsv, isLow, since, withShares } from "../src/account/account.js";
import { fitted, shownKinds } from "../src/layers/sheet.js";
import type { Job } from "../src/model.js";
import {
  columns,
  rowOf,
  span,
  type TemperatureRow,
  TIMES,
  withRow,
} from "../src/printer/device.js";
import { chosen, profilesFor } from "../src/profiles.js";
import { duration, nextText, stateText } from "../src/words.js";

const line = (name: string, grams: number) => ({ id: name, name, jobs: 1, grams, seconds: 600 });

it("the school year begins in September", () => {
  expect(since("year", new Date(2026, 10, 29))).toBe(new Date(2026, 8, 1).toISOString());
  expect(since("year", new Date(2027, 4, 2))).toBe(new Date(2026, 8, 1).toISOString());
  expect(since("week", new Date(2026, 10, 29, 15))).toBe(new Date(2026, 10, 22).toISOString());
  expect(since("all", new Date())).toBe(null);
});

it("who used most stands first, with a full bar", () => {
  expect(withShares([line("a", 5), line("b", 20)]).map(({ name, share }) => [name, share])).toEqual(
    [
      ["b", 1],
      ["a", 0.25],
    ],
  );
  expect(withShares([line("a", 0)])[0]?.share).toBe(0);
});

it("a table for spreadsheets keeps quotes and semicolons whole", () => {
  expect(asCsv([line('Ali "3;D"', 12.4)])).toBe(
    '\ufeff"Who or what";"Prints";"Grams";"Minutes"\r\n"Ali ""3;D""";"1";"12";"10"\r\n',
  );
});

it("a spool is low below a tenth, or below 50 g", () => {
  const spool = {
    id: "s",
    name: "",
    material: "PLA",
    colour: "",
    grams: 1000,
    left: 99,
    printer: null,
  };
  expect(isLow(spool)).toBe(true);
  expect(isLow({ ...spool, left: 120 })).toBe(false);
  expect(isLow({ ...spool, grams: 200, left: 45 })).toBe(true);
});

it("ways to print come fastest first; where none was chosen it is the usual one", () => {
  const profile = (id: string, layer_height: number, printer: string | null = null) => ({
    id,
    title: id,
    materials: ["PLA"],
    layer_height,
    printer,
  });
  const found = profilesFor(
    [profile("fine", 0.15), profile("fast", 0.3), profile("other", 0.2, "q")],
    "p",
  );
  expect(found.map((one) => one.id)).toEqual(["fast", "fine"]);
  expect(chosen(found, "fine")?.id).toBe("fine");
  expect(chosen(found, "gone")?.id).toBe("fast");
  expect(chosen([...found, { ...profile("usual", 0.2), usual: true }], null)?.id).toBe("usual");
});

it("temperatures keep half an hour, in order", () => {
  const now = { tools: [{ actual: 200, target: 205 }], bed: null, chamber: null };
  const rows = withRow([[0, 20, 0, null, null]], rowOf(2000, now));
  expect(rows).toEqual([[2000, 200, 205, null, null]]);
  expect(withRow(rows, rowOf(1000, now))).toBe(rows);
  expect(columns(rows)).toEqual([[2000], [200], [205], [null], [null]]);
  const many = Array.from({ length: 3 }, (_, at) => [at, 1, 2, 3, 4] as TemperatureRow);
  expect(columns(many)[4]).toEqual([4, 4, 4]);
});

it("layers are drawn with Y upwards, in the middle, as large as they fit", () => {
  const { scale, left, top } = fitted([100, 100, 120, 110], 520, 400);
  expect(scale).toBe(20);
  expect(100 * scale + left).toBe(60);
  expect(top - 100 * scale).toBe(300);
  expect(
    shownKinds({
      z: 1,
      paths: [
        { kind: "infill", points: [] },
        { kind: "outer", points: [] },
      ],
    }),
  ).toEqual(["outer", "infill"]);
});

it("times are said as people say them", () => {
  expect([0, 45, 90, 3600, 3900].map(duration)).toEqual([
    "1 s",
    "45 s",
    "2 min",
    "1 h",
    "1 h 05 min",
  ]);
});

it("a job says how it is and what to do next", () => {
  const job = {
    state: "failed",
    note: "",
    position: null,
    problem: null,
    ending: { code: "interrupted", title: "The power went.", hint: "Print it again." },
  } as unknown as Job;
  expect(stateText(job)).toBe("Interrupted");
  expect(nextText(job)).toBe("The power went. Print it again.");
  const back = { ...job, state: "sent-back", ending: null, note: "Thicker walls" } as Job;
  expect(nextText(back)).toBe("The note: Thicker walls");
  hub.session.principal = { id: "t", name: "Ali", role: "pupil", person: "p" };
  const mine = { ...back, owner: { id: "p", name: "Ali" } };
  expect([stateText(mine), nextText(mine)]).toEqual([
    "Sent back to you",
    "Your teacher writes: Thicker walls",
  ]);
  hub.session.principal = null;
  expect(nextText({ ...job, state: "queued", ending: null, position: 2 })).toBe(
    "Place 2 in the queue.",
  );
});

it("the time axis of the curves has room for several labels in whole minutes", () => {
  expect(span(1000, 1010, 1010)).toEqual([710, 1010]);
  expect(span(1000, 2800, 2800)).toEqual([1000, 2800]);
  expect(span(null, null, 500)).toEqual([200, 500]);
  expect(TIMES.every((seconds) => seconds % 60 === 0)).toBe(true);
});
