/** What the hub says of files that can be shown. */

export interface Part {
  id: string;
  /** As the file says it. */
  name: string;
  /** By language, as the school says it. */
  names: Record<string, string>;
}

export interface Material {
  asset: string;
  title: string;
  media_type: string;
  pages: number | null;
  parts: Part[];
}

/** What a part is called in a language; without a name it is numbered. */
export function nameOf(part: Part, language: string, at: number): string {
  return part.names[language] || part.names.kk || part.names.ru || part.name || String(at + 1);
}

/** The ids in an attribute: `"1,2"`. */
export function ids(text: string | null | undefined): Set<string> {
  return new Set((text ?? "").split(",").filter((one) => one !== ""));
}
