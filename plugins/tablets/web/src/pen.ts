/** What a tablet tells of its pen; see the contract `tablet`. */
export interface PenSample {
  time: number;
  x: number;
  y: number;
  pressure: number;
  tilt_x: number | null;
  tilt_y: number | null;
  twist: number | null;
  distance: number | null;
  contact: boolean;
  near: boolean;
  eraser: boolean;
  buttons: number[];
}

/** How hard somebody presses. */
export interface PressureCurve {
  lightest: number;
  hardest: number;
  softness: number;
}

export interface Mapping {
  left: number;
  top: number;
  right: number;
  bottom: number;
  rotation: 0 | 90 | 180 | 270;
}

export const EVEN: PressureCurve = { lightest: 0, hardest: 1, softness: 0 };

/** What is meant by a measured pressure: `PressureCurve.shape` of the contract. */
export function shape(curve: PressureCurve, pressure: number): number {
  const part = (pressure - curve.lightest) / (curve.hardest - curve.lightest);
  return Math.min(Math.max(part, 0), 1) ** (4 ** -curve.softness);
}

export function samplesOf(payload: unknown): PenSample[] {
  return (payload as { samples?: PenSample[] } | null)?.samples ?? [];
}
