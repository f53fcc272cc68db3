/** Which guides there are, and which of their chapters belongs to a page. */
import type { GuideManifest, Role } from "@classhub/client";

/** A guide for people: a text in each of its languages, read at `/help/<name>`. */
export interface Guide {
  name: string;
  title: string;
  /** Who may read it; everyone signed in where it is left out. */
  roles?: Role[];
  languages: string[];
  /** The folder of its texts. */
  folder: string;
}

/** What is known of a plugin's guide. */
export interface Bringing {
  id: string;
  base: string;
  guide?: GuideManifest;
}

/** The guides that plugins bring; of two with one name the first is taken. */
export function guidesOf(own: Guide[], plugins: Bringing[]): Guide[] {
  const found = [...own];
  for (const { id, base, guide } of plugins) {
    if (!guide) continue;
    const name = guide.name ?? id;
    if (found.some((one) => one.name === name)) continue;
    found.push({ ...guide, name, folder: `${base}guide/` });
  }
  return found;
}

/** What a page of a plugin says about its help, with the plugin's own guide put in. */
export function helpOf(plugin: Bringing, help: string | undefined): string | undefined {
  const own = plugin.guide ? (plugin.guide.name ?? plugin.id) : "";
  return help?.startsWith("#") ? own + help : (help ?? (own || undefined));
}

export function mayRead(guide: Guide, role: Role | undefined): boolean {
  return role !== undefined && (guide.roles?.includes(role) ?? true);
}

/** Where the help for a page is: its chapter, else all guides; null where this role has none. */
export function helpHref(
  guides: Guide[],
  help: string | undefined,
  role: Role | undefined,
): string | null {
  const readable = guides.filter((guide) => mayRead(guide, role));
  if (readable.length === 0) return null;
  const [name, chapter] = (help ?? "").split("#");
  if (!readable.some((guide) => guide.name === name)) return "/help";
  return `/help/${name}${chapter ? `#${chapter}` : ""}`;
}

/** The language of a guide for a reader of `wanted`: theirs, else the hub's, else its first. */
export function languageOf(guide: Guide, wanted: string, hubs: string): string {
  const found = [wanted, hubs, "en"].find((one) => guide.languages.includes(one));
  return found ?? guide.languages[0] ?? "en";
}
