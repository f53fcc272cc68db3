/** Teachers' own questions from a table, as a spreadsheet saves it or as it is pasted from one. */
import type { PlaceShort } from "../model.js";
import type { Own } from "./game.js";

const MOST_WRONG = 5;

/** The text of a file: UTF-8 or UTF-16 by its mark, else as Windows in Kazakhstan writes Cyrillic. */
export function decoded(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1251").decode(bytes);
  }
}

/**
 * A table, one question a line: the question; the right place; other places. Columns stand apart by
 * tabs, semicolons or commas, and may be quoted, as spreadsheets do; places are names in the reader's
 * language, or ids. `wrong` are the lines that cannot be understood, counted from 1.
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
    const [asked = "", ...named] = cells(line).filter((cell) => cell !== "");
    const found = named.map((name) => ids.get(name.toLocaleLowerCase()));
    const [right, ...others] = found.filter((id) => id !== undefined);
    const choices = [...new Set(others)].filter((id) => id !== right);
    const known = found.every((id) => id !== undefined);
    if (!asked || !right || !known || choices.length > MOST_WRONG) wrong.push(at + 1);
    else own.push({ text: asked, right, wrong: choices });
  });
  return { own, wrong };
}

/** The cells of a line: what is quoted may have the sign that divides columns, and quotes doubled. */
function cells(line: string): string[] {
  const bare = line.replace(/"(?:[^"]|"")*"/g, "");
  const sign = ["\t", ";", ","].find((one) => bare.includes(one)) ?? ";";
  const made: string[] = [""];
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const one = line.charAt(at);
    const cell = made[made.length - 1] ?? "";
    if (quoted && one === '"' && line.charAt(at + 1) === '"') {
      made[made.length - 1] = `${cell}"`;
      at++;
    } else if (one === '"' && (quoted || cell.trim() === "")) quoted = !quoted;
    else if (one === sign && !quoted) made.push("");
    else made[made.length - 1] = cell + one;
  }
  return made.map((cell) => cell.trim());
}
