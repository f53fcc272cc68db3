/** A game as the hub tells it. */
import type { PlaceShort } from "../model.js";

export const KINDS = [
  "find",
  "capital",
  "flag",
  "neighbour",
  "continent",
  "currency",
  "constellation",
] as const;
export type Kind = (typeof KINDS)[number];

export interface Game {
  id: string;
  over: boolean;
  ended: string | null;
  players: { name: string; right: number; asked: number }[];
  question: {
    number: number;
    of: number;
    player: number;
    kind: Kind | "own";
    text: string;
    picture: string | null;
    choices: PlaceShort[];
    answered: boolean;
    answer: PlaceShort | null;
    right: boolean | null;
    solution: PlaceShort[];
    explained: string[];
  };
}

/** A question of a teacher's own table. */
export interface Own {
  text: string;
  right: string;
  wrong: string[];
}

/**
 * A table, one question a line: the question; the right place; other places. Columns stand apart by
 * semicolons, tabs or commas, as spreadsheets write them; places are names in the reader's language, or ids.
 * `wrong` are the lines that cannot be understood, counted from 1.
 */
export function table(
  text: string,
  places: readonly PlaceShort[],
): { own: Own[]; wrong: number[] } {
  const ids = new Map<string, string>();
  for (const one of places) {
    ids.set(one.name.toLocaleLowerCase(), one.id);
    ids.set(one.id.toLocaleLowerCase(), one.id);
  }
  const own: Own[] = [];
  const wrong: number[] = [];
  text.split(/\r?\n/).forEach((line, at) => {
    if (!line.trim()) return;
    const sign = [";", "\t", ","].find((one) => line.includes(one)) ?? ";";
    const cells = line.split(sign).map((cell) =>
      cell
        .trim()
        .replace(/^"(.*)"$/, "$1")
        .trim(),
    );
    const [asked = "", ...named] = cells.filter((cell) => cell !== "");
    const found = named.map((name) => ids.get(name.toLocaleLowerCase()));
    const [right, ...others] = found.filter((id) => id !== undefined);
    if (!asked || !right || others.length + 1 !== named.length || others.length > 5)
      wrong.push(at + 1);
    else own.push({ text: asked, right, wrong: others });
  });
  return { own, wrong };
}

/** Who is ahead: the names of the best, several where they are equal. */
export function winners(players: Game["players"]): string[] {
  const most = Math.max(0, ...players.map((one) => one.right));
  return players.filter((one) => one.right === most).map((one) => one.name);
}
