/** Guides for people stand once, in `docs/<name>/<language>.md`; the builds ship them with the pages. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { lexer, walkTokens } from "marked";

export const DOCS = join(import.meta.dirname, "../../../docs");

/**
 * Copy a guide into a folder, and the images that it shows to where they stand from there: its text
 * stays as it is.
 */
export function copyGuide(name: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(join(DOCS, name)).filter((one) => one.endsWith(".md"))) {
    const source = join(DOCS, name, file);
    copyFileSync(source, join(folder, file));
    for (const image of imagesOf(readFileSync(source, "utf8"))) {
      const from = join(dirname(source), image);
      if (relative(DOCS, from).startsWith("..")) throw new Error(`${source} shows ${image}`);
      mkdirSync(dirname(join(folder, image)), { recursive: true });
      copyFileSync(from, join(folder, image));
    }
  }
}

/** The addresses of the images that a text in Markdown shows. */
export function imagesOf(text: string): string[] {
  const found: string[] = [];
  walkTokens(lexer(text), (token) => {
    if (token.type === "image") found.push(token.href);
  });
  return found;
}
