/** A guide's text, taken apart: its title, what stands before the first chapter, its chapters. */
import { lexer, type Token, type Tokens } from "marked";

export interface Chapter {
  /** In the page's address, the same in every language where the text names it. */
  id: string;
  title: string;
  heading: Token[];
  body: Token[];
}

export interface Parsed {
  title: string;
  lead: Token[];
  chapters: Chapter[];
  /** Chapters by what the repository's pages call them: their headings. */
  slugs: Map<string, string>;
}

const CHAPTER = /^\s*<!--\s*chapter:\s*([a-z][a-z0-9-]*)\s*-->\s*$/;
const ASIDE = /^\s*<!--\s*repository\s*-->\s*$/;
const ASIDE_ENDS = /^\s*<!--\s*\/repository\s*-->\s*$/;

/**
 * Take a guide apart. `<!-- chapter: name -->` before a heading names the chapter; what stands
 * between `<!-- repository -->` and `<!-- /repository -->` is for readers of the repository alone.
 */
export function parseGuide(text: string): Parsed {
  const parsed: Parsed = { title: "", lead: [], chapters: [], slugs: new Map() };
  let named = "";
  let aside = false;
  for (const token of lexer(text)) {
    if (token.type === "html") {
      if (ASIDE.test(token.raw)) aside = true;
      else if (ASIDE_ENDS.test(token.raw)) aside = false;
      named = CHAPTER.exec(token.raw)?.[1] ?? named;
      continue;
    }
    if (aside || token.type === "space") continue;
    if (isHeading(token) && token.depth === 1 && !parsed.title) {
      parsed.title = token.text;
    } else if (isHeading(token) && token.depth <= 2) {
      const slug = slugOf(token.text);
      const id = named || slug;
      parsed.chapters.push({ id, title: plain(token.tokens), heading: token.tokens, body: [] });
      parsed.slugs.set(slug, id);
      named = "";
    } else {
      (parsed.chapters.at(-1)?.body ?? parsed.lead).push(token);
    }
  }
  return parsed;
}

/** A heading's anchor, as the repository's pages make it. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
}

function isHeading(token: Token): token is Tokens.Heading {
  return token.type === "heading";
}

/** The words of a heading without what sets them off. */
function plain(tokens: Token[]): string {
  return tokens
    .map((token) => ("tokens" in token && token.tokens ? plain(token.tokens) : wordsOf(token)))
    .join("");
}

function wordsOf(token: Token): string {
  return "text" in token && token.type !== "html" ? String(token.text) : "";
}
