/** The sky as the atlas knows it: stars to the fifth magnitude, and the lines of constellations. */

export type Point = [number, number];

export interface Sky {
  places: Record<string, { centre: Point; lines?: Point[][] }>;
  stars: { all: [number, number, number][] };
}

/** Fetched when the sky is shown. */
export async function sky(): Promise<Sky> {
  return (await import("../../../data/sky.json")).default as unknown as Sky;
}

/** How large a star is drawn, in pixels: the brightest about four. */
export function sizeOf(magnitude: number): number {
  return Math.max(0.6, 4.2 - 0.75 * (magnitude + 0.5));
}
