/** Globe maps as the hub tells them. */
import type { PlaceKind, PlaceShort } from "./model.js";

export interface MapShort {
  id: string;
  title: string;
  shipped: boolean;
  count: number;
  taught: number;
  coverage: { kind: PlaceKind; known: number; of: number }[];
}

export interface GlobeMap extends MapShort {
  codes: Record<string, string>;
}

/** The places of a kind that a map does not know, by name; all of them without a map. */
export function untaught(
  places: readonly PlaceShort[],
  map: GlobeMap | null,
  kind: PlaceKind,
  language: string,
): PlaceShort[] {
  const known = new Set(Object.values(map?.codes ?? {}));
  return places
    .filter((one) => one.kind === kind && !known.has(one.id))
    .sort((a, b) => a.name.localeCompare(b.name, language));
}
