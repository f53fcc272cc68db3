/** A film's storyboard as the hub keeps it, and when what is shown in it. */

export type Language = "kk" | "ru" | "en";
export type Words = Record<Language, string>;

export const LANGUAGES: readonly Language[] = ["kk", "ru", "en"];
export const MOST_ITEMS = 100;
export const MOST_SECONDS = 900;
export const LONGEST = 120;
export const SHORTEST = 0.5;
/** Seconds of a picture, a card and a cross-fade to begin with. */
export const STILL = 4;
export const FADE = 0.5;

/** One thing that is shown: a picture, a clip, or (without an asset) a card with a title. */
export interface Item {
  asset: string | null;
  seconds: number;
  begin: number;
  fade: number;
  bar: boolean;
  title: Words;
  caption: Words;
}

export interface Narration {
  kind: "none" | "recording" | "spoken";
  asset: string | null;
}

export interface Storyboard {
  language: Language;
  items: Item[];
  narration: Narration;
}

export interface Film {
  id: string;
  title: string;
  owner: { id: string; name: string };
  lesson: string | null;
  storyboard: Storyboard;
  revision: number;
  created: string;
  changed: string;
  /** The newest video that was made of it. */
  asset: string | null;
  /** The operation that is making one now. */
  making: string | null;
  /** Whether this hub can speak the words. */
  speech: boolean;
}

/** When an item is on the screen, in seconds of the film; `fade` is at its beginning. */
export interface Showing {
  start: number;
  end: number;
  fade: number;
}

export function noWords(): Words {
  return { kk: "", ru: "", en: "" };
}

export function newItem(asset: string | null, seconds = STILL): Item {
  const fit = clamp(seconds, SHORTEST, LONGEST);
  const words = { title: noWords(), caption: noWords() };
  return { asset, seconds: fit, begin: 0, fade: FADE, bar: true, ...words };
}

export function emptyStoryboard(language: string): Storyboard {
  const known = LANGUAGES.find((one) => one === language) ?? "kk";
  return { language: known, items: [], narration: { kind: "none", asset: null } };
}

/** The words in this language, else in the first that has some: as the film will have them. */
export function wordsOf(words: Words, language: Language): string {
  return words[language] || words[LANGUAGES.find((one) => words[one]) ?? language];
}

/** Return the list with what is at `from` at `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(clamp(to, 0, next.length), 0, one);
  return next;
}

/**
 * When each item is shown. A fade takes at most half of either side, and a video lasts no longer
 * than it is: `lengths` has the seconds of those that are known, by asset.
 */
export function timeline(
  items: readonly Item[],
  lengths: ReadonlyMap<string, number> = new Map(),
): Showing[] {
  const showings: Showing[] = [];
  for (const [index, item] of items.entries()) {
    const long = lasting(item, lengths);
    const before = showings.at(-1);
    const beforeLong = before ? before.end - before.start : long;
    const fade = Math.min(item.fade, long / 2, beforeLong / 2);
    const start = index && before ? before.end - fade : 0;
    showings.push({ start, end: start + long, fade });
  }
  return showings;
}

export function lasting(item: Item, lengths: ReadonlyMap<string, number>): number {
  const whole = item.asset === null ? undefined : lengths.get(item.asset);
  return whole === undefined
    ? item.seconds
    : Math.min(item.seconds, Math.max(0, whole - item.begin));
}

/** The film's whole length in seconds. */
export function lengthOf(showings: readonly Showing[]): number {
  return showings.at(-1)?.end ?? 0;
}

/** A number that a person typed, within its limits; null where it is none. */
export function bounded(text: string, least: number, most: number): number | null {
  const value = Number.parseFloat(text.replace(",", "."));
  return Number.isFinite(value) ? clamp(value, least, most) : null;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
