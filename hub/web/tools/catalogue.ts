/** Just enough of gettext's format for the words that are built into `elements.js`. */
import { existsSync, readFileSync } from "node:fs";

export function readCatalogue(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const messages: Record<string, string> = {};
  for (const block of readFileSync(file, "utf8").split(/\n\s*\n/)) {
    if (block.includes("msgid_plural")) continue;
    const id = field(block, "msgid");
    const text = field(block, "msgstr");
    if (id && text) messages[id] = text;
  }
  return messages;
}

function field(block: string, name: string): string {
  const found = new RegExp(`^${name} ((?:"(?:[^"\\\\]|\\\\.)*"\\s*)+)`, "m").exec(block);
  const parts = found?.[1]?.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return parts.map((part) => JSON.parse(part) as string).join("");
}
