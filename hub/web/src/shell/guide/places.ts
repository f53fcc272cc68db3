/** What the links of a guide are on the page: texts lead to each other as files of the repository. */

const OTHER = /^(?:\.\.\/([a-z][a-z0-9-]*)\/)?[a-z]{2}\.md(?:#(.*))?$/;

/**
 * The address of a guide's link: a chapter of it, another guide, a page of the hub, a site; null
 * where it leads to a file that is not shipped.
 */
export function linkOf(
  href: string,
  guide: string,
  slugs: ReadonlyMap<string, string>,
  known: (name: string) => boolean,
): string | null {
  if (href.startsWith("#")) {
    const slug = decoded(href.slice(1));
    return `/help/${guide}#${slugs.get(slug) ?? slug}`;
  }
  const other = OTHER.exec(href);
  if (other) {
    const name = other[1] ?? guide;
    // Headings of another text are not known here: its beginning will do.
    return known(name) ? `/help/${name}` : null;
  }
  if (/^\/(?!\/)/.test(href) || /^https?:\/\//.test(href)) return href;
  return null;
}

/** The address of a guide's image, null where it is on another server or no picture's address. */
export function imageOf(href: string, text: URL): string | null {
  const address = new URL(href, text);
  return address.origin === text.origin ? address.href : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
