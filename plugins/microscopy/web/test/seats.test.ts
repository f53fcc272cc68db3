import type { Device } from "@classhub/client";
import { expect, test } from "vitest";
import { arrangement, bySeat } from "../src/grid/seats.js";

const device = (id: string, seat: string | null, kind = "microscope", name = id): Device =>
  ({ id, seat, kind, name }) as Device;

test("microscopes stand in the order of the desks, numbers as numbers", () => {
  const devices = [device("a", "Desk 10"), device("b", "desk 9"), device("c", "Desk 1")];
  expect(bySeat(devices, "en").map((one) => one.id)).toEqual(["c", "b", "a"]);
});

test("those without a seat come last, by name, and nothing else is among them", () => {
  const devices = [
    device("x", null, "microscope", "Ә"),
    device("y", null, "microscope", "А"),
    device("p", "1", "printer"),
    device("z", "2"),
  ];
  expect(bySeat(devices, "kk").map((one) => one.id)).toEqual(["z", "y", "x"]);
  expect(devices[0]?.id).toBe("x");
});

test("all are seen at once, as large as can be", () => {
  expect(arrangement(1, 80, 200)).toEqual({ columns: 1, across: 80 });
  expect(arrangement(4, 80, 40).columns).toBe(2);
  for (const count of [1, 2, 3, 4, 6, 9, 12]) {
    const { columns, across } = arrangement(count, 110, 60);
    const one = (across - (columns - 1)) / columns;
    const rows = Math.ceil(count / columns);
    expect(across).toBeLessThanOrEqual(110.001);
    expect(rows * ((one * 9) / 16 + 4.5) + rows - 1).toBeLessThanOrEqual(60.001);
  }
});

test("where they would be too small, the page scrolls", () => {
  expect(arrangement(15, 46, 30)).toEqual({ columns: 2, across: 46 });
  expect(arrangement(15, 14, 30)).toEqual({ columns: 1, across: 14 });
  expect(arrangement(4, 80, 2)).toEqual({ columns: 4, across: 80 });
});
