/** What the printer's own properties say, as its contract has them. */
import type { DeviceDescription } from "@classhub/client";

export interface Heater {
  actual: number;
  target: number;
}

export interface Temperatures {
  tools: Heater[];
  bed: Heater | null;
  chamber: Heater | null;
}

export interface Prompt {
  message: string;
  choices: string[];
}

export interface LineCounts {
  sent: number;
  resent: number;
  refused: number;
  silences: number;
  garbled: number;
  filament: number;
}

export interface Firmware {
  name: string;
  machine: string;
  tools: number;
  capabilities: Record<string, boolean>;
}

export type PrinterState = "idle" | "busy" | "printing" | "paused" | "attention" | "halted";

/** One line of the plot: seconds since the epoch, nozzle, its target, plate, its target. */
export type TemperatureRow = [number, number | null, number | null, number | null, number | null];

/** Ready-made targets for the plastics of classrooms, °C. */
export const PRESETS = [
  { material: "PLA", tool: 205, bed: 60 },
  { material: "PETG", tool: 240, bed: 80 },
  { material: "TPU", tool: 225, bed: 50 },
] as const;

export const KEPT_SECONDS = 1800;

export function rowOf(time: number, now: Temperatures): TemperatureRow {
  const tool = now.tools[0];
  return [
    time,
    tool?.actual ?? null,
    tool?.target ?? null,
    now.bed?.actual ?? null,
    now.bed?.target ?? null,
  ];
}

/** The rows with a newer one behind them; what is older than half an hour goes. */
export function withRow(rows: TemperatureRow[], row: TemperatureRow): TemperatureRow[] {
  const last = rows.at(-1);
  if (last && row[0] <= last[0]) return rows;
  return [...rows.filter((one) => one[0] > row[0] - KEPT_SECONDS), row];
}

/** Rows as uPlot wants them: one list for each column. */
export function columns(rows: TemperatureRow[]): [number[], ...(number | null)[][]] {
  return [
    rows.map((row) => row[0]),
    ...([1, 2, 3, 4] as const).map((at) => rows.map((row) => row[at])),
  ];
}

const MINUTE = 60;
/** Between two labels of the time axis: whole minutes, so that none says the same as another. */
export const TIMES = [1, 2, 5, 10, 15, 30, 60].map((minutes) => minutes * MINUTE);

/** From when to when the curves are shown: to the newest row, over five minutes at least. */
export function span(low: number | null, high: number | null, now: number): [number, number] {
  const end = high ?? now;
  return [Math.min(low ?? end, end - 5 * MINUTE), end];
}

export function offers(description: DeviceDescription | null | undefined, action: string): boolean {
  return description?.actions[action] !== undefined;
}
