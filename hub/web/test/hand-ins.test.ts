import type { Asset } from "@classhub/client";
import { expect, test } from "vitest";
import { byPupil } from "../src/shell/pages/hand-ins.js";

const pupils = ["Dana", "Aizhan", "Timur"].map((name) => ({ id: name.toLowerCase(), name }));
const given = (id: string, name: string, handed_in: string | null, task: string | null = null) =>
  ({ id, owner: { id: name.toLowerCase(), name }, handed_in, task }) as Asset;

test("hand-ins stand by pupil, names in their order, each one's newest first", () => {
  const works = [
    given("a", "Dana", "2026-01-01T10:00:00Z"),
    given("b", "Aizhan", "2026-01-01T10:01:00Z"),
    given("c", "Dana", "2026-01-01T10:02:00Z"),
    given("d", "Timur", null),
  ];
  const { pupils: rows, missing } = byPupil(pupils, works, null);
  expect(rows.map((row) => [row.name, row.works.map((work) => work.id)])).toEqual([
    ["Aizhan", ["b"]],
    ["Dana", ["c", "a"]],
  ]);
  expect(missing.map((person) => person.name)).toEqual(["Timur"]);
});

test("who has answered an earlier task only has not handed in yet", () => {
  const works = [
    given("a", "Dana", "2026-01-01T10:00:00Z", "old"),
    given("b", "Aizhan", "x", "now"),
  ];
  const { pupils: rows, missing } = byPupil(pupils, works, "now");
  expect(rows).toHaveLength(2);
  expect(missing.map((person) => person.name)).toEqual(["Dana", "Timur"]);
});

test("what somebody who is no longer in the lesson handed in is there", () => {
  const { pupils: rows, missing } = byPupil([], [given("a", "Dana", "2026-01-01T10:00:00Z")], null);
  expect(rows.map((row) => row.name)).toEqual(["Dana"]);
  expect(missing).toEqual([]);
});
