/** What is known of a microscope's scale (GET /microscopes/{device}/calibrations), and reckoning. */

export type Point = [number, number];

export interface Calibration {
  id: number;
  objective: string;
  width: number;
  height: number;
  scale: number;
  how: "two-points" | "ruling";
  error: number;
  by: string;
  made: string;
  counts: boolean;
}

export interface Known {
  objective: string | null;
  tells_objective: boolean;
  scale: number | null;
  objectives: { revision: number; items: { name: string; magnification: number | null }[] };
  items: Calibration[];
}

export interface Ruling {
  frame: number;
  width: number;
  height: number;
  scale: number;
  error: number;
  sure: number;
  lines: number;
  points: [Point, Point];
  length_um: number;
  ticks: [Point, Point][];
}

/** The objectives that can be calibrated: the listed, the one that is told, and those that were. */
export function names(known: Known): string[] {
  const found = new Set(known.objectives.items.map((one) => one.name));
  if (known.tells_objective) {
    found.clear();
    if (known.objective) found.add(known.objective);
    for (const one of known.items) found.add(one.objective);
  }
  return [...found];
}

/** The newest calibration of an objective, or null. */
export function newest(known: Known, objective: string): Calibration | null {
  return known.items.find((one) => one.objective === objective) ?? null;
}

/** A length as a person types it: with a comma or a point; null where it is none. */
export function length(text: string): number | null {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() !== "" && Number.isFinite(value) && value > 0 && value <= 1e6 ? value : null;
}

export function apart([[x0, y0], [x1, y1]]: [Point, Point]): number {
  return Math.hypot(x1 - x0, y1 - y0);
}
