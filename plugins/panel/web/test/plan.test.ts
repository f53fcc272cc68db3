import { expect, test } from "vitest";
import { type Plan, withDay, withHoliday, withTime } from "../src/plan.js";

const NOTHING = {
  power: null,
  source: null,
  volume: null,
  mute: null,
  blank: null,
  freeze: null,
  lock: null,
  touch_lock: null,
};
const PLAN: Plan = {
  start: { ...NOTHING, power: "on" },
  end: { ...NOTHING, power: "off" },
  with_lessons: true,
  times: [
    { days: [1, 2], at: "18:00", scene: "end" },
    { days: [6], at: "14:00", scene: "end" },
  ],
  holidays: [],
  wake: null,
  idle_minutes: null,
};

test("a time is changed or taken out, and the plan that was given stays as it was", () => {
  expect(withTime(PLAN, 0, { at: "17:30" }).times[0]).toEqual({
    days: [1, 2],
    at: "17:30",
    scene: "end",
  });
  expect(withTime(PLAN, 0, null).times).toEqual([PLAN.times[1]]);
  expect(PLAN.times).toHaveLength(2);
});

test("days go in and out in their order, and one always stays", () => {
  expect(withDay([1, 5], 3)).toEqual([1, 3, 5]);
  expect(withDay([1, 3, 5], 3)).toEqual([1, 5]);
  expect(withDay([4], 4)).toEqual([4]);
});

test("holidays end no earlier than they begin, whichever end is changed", () => {
  const winter = [{ first: "2026-12-30", last: "2027-01-08" }];
  expect(withHoliday(winter, 0, "last", "2027-01-10")[0]?.last).toBe("2027-01-10");
  const later = { first: "2027-02-01", last: "2027-02-01" };
  expect(withHoliday(winter, 0, "first", "2027-02-01")).toEqual([later]);
  const sooner = { first: "2026-12-29", last: "2026-12-29" };
  expect(withHoliday(winter, 0, "last", "2026-12-29")).toEqual([sooner]);
  expect(withHoliday(winter, 0, "first", "")).toEqual(winter); // a field that is being cleared
  expect(withHoliday(winter, 1, "first", "2026-01-01")).toEqual(winter);
});
