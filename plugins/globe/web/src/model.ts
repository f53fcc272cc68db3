/** What the hub tells of places and touches. */

export type PlaceKind = "country" | "region" | "constellation" | "star";

export interface PlaceShort {
  id: string;
  kind: PlaceKind;
  name: string;
  /** Longitude and latitude, degrees; of the sky right ascension and declination. */
  centre: [number, number] | null;
  /** ISO 3166-1 numeric, by which the map knows a country. */
  numeric: string;
}

export interface Fact {
  name: string;
  label: string;
  text: string;
  year: number | null;
  source: string;
  by: string;
  note: string;
  places: PlaceShort[];
}

export interface Source {
  id: string;
  title: string;
  version: string;
  date: string;
  licence: string;
  url: string;
}

export interface Place extends PlaceShort {
  names: Record<string, string>;
  flag: boolean;
  within: PlaceShort | null;
  /** Its regions, or the stars of it that have names. */
  parts: PlaceShort[];
  facts: Fact[];
  sentences: string[];
  sources: Source[];
}

export interface Tap {
  place: string | null;
  code: string | null;
  device: string | null;
  pen: string;
  map: string;
  kind: "tap" | "double" | "hold" | "mode";
  number: number;
  at: string;
}

// The build puts the flags beside this module.
const HERE = import.meta.url;

/** Where a country's flag is. */
export function flagOf(place: PlaceShort): string {
  return new URL(`flags/${place.id.toLowerCase()}.svg`, HERE).href;
}

/** Whether something happened just now: what is retained from before is shown, not told aloud. */
export function justNow(at: string, now: number = Date.now()): boolean {
  return Math.abs(now - Date.parse(at)) < 5_000;
}

/** A card of a content pack about a place. */
export interface Card {
  pack: string;
  kind:
    | "landmark"
    | "animal"
    | "bird"
    | "fish"
    | "dinosaur"
    | "history"
    | "art"
    | "anthem"
    | "other";
  title: string;
  text: string;
  picture: string | null;
  sound: string | null;
  source: string;
  date: string;
}

/** What a pupil who types some of a name means: the place of that name, else the one that begins so, or has it. */
export function meant(places: readonly PlaceShort[], text: string): PlaceShort | null {
  const plain = (name: string) =>
    name.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase().trim();
  const wanted = plain(text);
  if (!wanted) return null;
  const having = (fits: (name: string) => boolean) => places.find((one) => fits(plain(one.name)));
  return (
    having((name) => name === wanted) ??
    having((name) => name.startsWith(wanted)) ??
    having((name) => name.includes(wanted)) ??
    null
  );
}

/** Whether a place stands in the sky. */
export function heavenly(place: PlaceShort): boolean {
  return place.kind === "constellation" || place.kind === "star";
}

/** Two angles, the second within half a turn of the first: so the globe turns the short way. */
export function near(from: number, to: number): number {
  return from + ((((to - from + 180) % 360) + 360) % 360) - 180;
}
