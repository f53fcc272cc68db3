import type { Device } from "@classhub/client";

/** The class's microscopes in the order of the desks; those without a seat come last, by name. */
export function bySeat(devices: readonly Device[], language: string): Device[] {
  // "Desk 10" comes after "Desk 9".
  const order = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  return devices
    .filter((device) => device.kind === "microscope")
    .sort(
      (one, other) =>
        Number(!one.seat) - Number(!other.seat) ||
        order.compare(one.seat ?? "", other.seat ?? "") ||
        order.compare(one.name, other.name) ||
        order.compare(one.id, other.id),
    );
}

/** The picture is 16 to 9; below it stand name and state. */
const SHAPE = 9 / 16;
const TEXT = 4.5;
const GAP = 1;
/** Narrower than this a picture tells nothing; then the page scrolls instead. */
const NARROWEST = 15;

/**
 * How `count` microscopes are seen largest, all of them at once if that can be: in how many columns
 * and how wide the whole is. All lengths are in rem.
 */
export function arrangement(
  count: number,
  width: number,
  height: number,
): { columns: number; across: number } {
  let best = { columns: 1, one: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const byWidth = (width - GAP * (columns - 1)) / columns;
    const byHeight = ((height - GAP * (rows - 1)) / rows - TEXT) / SHAPE;
    const one = Math.min(byWidth, byHeight);
    if (one > best.one) best = { columns, one };
  }
  if (best.one >= NARROWEST) {
    return { columns: best.columns, across: best.columns * (best.one + GAP) - GAP };
  }
  const fitting = Math.floor((width + GAP) / (NARROWEST + GAP));
  return { columns: Math.max(1, Math.min(count, fitting)), across: width };
}
