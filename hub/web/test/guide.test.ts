import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Guide, guidesOf, helpHref, helpOf, languageOf } from "../src/shell/guide/guides.js";
import { GUIDES } from "../src/shell/guide/own.js";
import { parseGuide, slugOf } from "../src/shell/guide/parse.js";
import { imageOf, linkOf } from "../src/shell/guide/places.js";
import { render } from "../src/shell/guide/render.js";
import { DOCS, imagesOf } from "../tools/guide.js";

const TEXT = `# Warm and cold

<!-- repository -->
[По-русски](ru.md)

- [Reading it](#reading-it)
<!-- /repository -->

What stands **before** it.

<!-- chapter: read -->
## Reading *it*

1. Look. See [below](#over).
2. Write <script>alert(1)</script> down.

### Twice

| a | b |
|---|---|
| 1 | 2 |

## Over
`;

/** What would be seen of templates: their words, and the tags that they are made of. */
function seen(part: unknown): string {
  if (Array.isArray(part)) return part.map(seen).join("");
  if (typeof part === "string" || typeof part === "number")
    return String(part).replace("<", "&lt;");
  const template = part as { strings?: string[]; values?: unknown[] };
  if (!template?.strings) return "";
  return template.strings
    .map(
      (text, at) => text + (at < (template.values?.length ?? 0) ? seen(template.values?.[at]) : ""),
    )
    .join("");
}

const places = { link: (href: string) => href, image: (href: string) => href };

describe("a guide's text", () => {
  const parsed = parseGuide(TEXT);

  it("is taken apart into title, lead and chapters, which keep their names in every language", () => {
    expect(parsed.title).toBe("Warm and cold");
    expect(parsed.chapters.map(({ id, title }) => [id, title])).toEqual([
      ["read", "Reading it"],
      ["over", "Over"],
    ]);
    expect(parsed.slugs.get("reading-it")).toBe("read");
  });

  it("has nothing of what stands for readers of the repository", () => {
    expect(seen(render(parsed.lead, places))).toBe(
      "<p>What stands <strong>before</strong> it.</p>",
    );
  });

  it("is never taken for HTML", () => {
    const body = seen(render(parsed.chapters[0]?.body ?? [], places));
    expect(body).toContain("<h3>Twice</h3>");
    expect(body).toContain("<td><p>1</p></td>");
    expect(body).not.toContain("<script");
    const hostile = parseGuide(
      '# x\n\n<img src=x onerror="alert(1)">\n\n[a](javascript:alert(1)) `<b>`',
    );
    const shown = seen(
      render(hostile.lead, { ...places, link: (href) => linkOf(href, "g", new Map(), () => true) }),
    );
    expect(shown).not.toContain("<img");
    expect(shown).not.toContain("javascript:");
    expect(shown).toContain("<code>&lt;b></code>");
  });

  it("keeps list numbers that do not begin with one", () => {
    expect(seen(render(parseGuide("# x\n\n4. four").lead, places))).toContain("start=4");
  });
});

describe("the links of a guide", () => {
  const slugs = new Map([["reading-it", "read"]]);
  const known = (name: string) => name === "printing" || name === "lesson";

  it("lead to its chapters, to other guides, to pages and sites, and nowhere else", () => {
    const to = (href: string) => linkOf(href, "lesson", slugs, known);
    expect(to("#reading-it")).toBe("/help/lesson#read");
    expect(to("../printing/kk.md")).toBe("/help/printing");
    expect(to("ru.md")).toBe("/help/lesson");
    expect(to("../secret/en.md")).toBeNull();
    expect(to("../file-formats.md")).toBeNull();
    expect(to("/health")).toBe("/health");
    expect(to("//elsewhere.example/x")).toBeNull();
    expect(to("https://example.kz/")).toBe("https://example.kz/");
    expect(to("javascript:alert(1)")).toBeNull();
  });

  it("show images of the hub alone", () => {
    const text = new URL("http://hub:8420/plugins/x/abc/guide/en.md");
    expect(imageOf("../images/a.jpg", text)).toBe("http://hub:8420/plugins/x/abc/images/a.jpg");
    expect(imageOf("https://elsewhere.example/a.jpg", text)).toBeNull();
    expect(imageOf("data:image/png;base64,AA", text)).toBeNull();
  });
});

describe("which guide belongs to a page", () => {
  const guide = (name: string, roles?: Guide["roles"]): Guide => ({
    name,
    title: name,
    roles,
    languages: ["kk", "ru", "en"],
    folder: `/static/${name}/`,
  });
  const brought = { id: "thermometer", base: "/plugins/thermometer/1/" };

  it("is said by the plugin: of its own guide, of another, or its guide as a whole", () => {
    const plugin = { ...brought, guide: { title: "Thermometer", languages: ["en"] } };
    expect(helpOf(plugin, "#read")).toBe("thermometer#read");
    expect(helpOf(plugin, "lesson#boards")).toBe("lesson#boards");
    expect(helpOf(plugin, undefined)).toBe("thermometer");
    expect(helpOf(brought, undefined)).toBeUndefined();
    expect(guidesOf([guide("lesson")], [plugin, brought]).map(({ folder }) => folder)).toEqual([
      "/static/lesson/",
      "/plugins/thermometer/1/guide/",
    ]);
  });

  it("does not replace another guide of the same name", () => {
    const second = { ...brought, guide: { title: "x", name: "lesson", languages: ["en"] } };
    expect(guidesOf([guide("lesson")], [second])).toHaveLength(1);
  });

  it("leads to all guides where there is none, and nowhere where somebody may read none", () => {
    const guides = [guide("lesson", ["teacher"]), guide("printing", ["teacher", "pupil"])];
    expect(helpHref(guides, "lesson#boards", "teacher")).toBe("/help/lesson#boards");
    expect(helpHref(guides, "printing", "teacher")).toBe("/help/printing");
    expect(helpHref(guides, undefined, "teacher")).toBe("/help");
    expect(helpHref(guides, "lesson#boards", "pupil")).toBe("/help");
    expect(helpHref([guides[0] as Guide], "lesson", "pupil")).toBeNull();
    expect(helpHref(guides, "lesson", undefined)).toBeNull();
  });

  it("is read in the reader's language, else in the hub's, else in one that it has", () => {
    const one = { ...guide("x"), languages: ["ru"] };
    expect(languageOf(guide("x"), "kk", "ru")).toBe("kk");
    expect(languageOf({ ...one, languages: ["ru", "en"] }, "kk", "ru")).toBe("ru");
    expect(languageOf(one, "kk", "kk")).toBe("ru");
  });
});

describe("the guides of the repository", () => {
  const names = [...GUIDES.map(({ name }) => name), "microscope", "printing"];
  const text = (name: string, language: string) =>
    readFileSync(join(DOCS, name, `${language}.md`), "utf8");

  it.each(names)("%s has the same named chapters in every language", (name) => {
    const chapters = (language: string) =>
      parseGuide(text(name, language)).chapters.map(({ id }) => id);
    expect(chapters("en").length).toBeGreaterThan(3);
    expect(chapters("kk")).toEqual(chapters("en"));
    expect(chapters("ru")).toEqual(chapters("en"));
    for (const id of chapters("ru")) expect(id).toMatch(/^[a-z][a-z-]*$/);
  });

  it.each(names)("%s leads nowhere where there is nothing", (name) => {
    for (const language of ["kk", "ru", "en"]) {
      const source = text(name, language);
      const slugs = [...source.matchAll(/^#+ (.*)$/gm)].map((found) => slugOf(found[1] ?? ""));
      for (const [, href = ""] of source.matchAll(/\]\(([^)]+)\)/g)) {
        if (href.startsWith("#")) expect(slugs, href).toContain(href.slice(1));
        else if (!href.startsWith("http")) readFileSync(join(DOCS, name, href));
      }
      for (const image of imagesOf(source)) expect(image).toMatch(/^\.\.\/images\//);
    }
  });

  it("have every chapter that a page names", () => {
    const plugins = join(DOCS, "../plugins");
    const named = readdirSync(plugins).flatMap((id) => {
      let manifest: { guide?: { name?: string }; pages: { path: string; help?: string }[] };
      try {
        manifest = JSON.parse(readFileSync(join(plugins, id, "web/web.json"), "utf8"));
      } catch {
        return []; // a plugin without pages
      }
      const guide = manifest.guide && { title: "", languages: [], ...manifest.guide };
      return manifest.pages.map(({ path, help }) => [
        path,
        helpOf({ id, base: "", guide }, help) ?? "",
      ]);
    });
    const shell = readFileSync(join(DOCS, "../hub/web/src/shell/routes.ts"), "utf8");
    for (const [, help = ""] of shell.matchAll(/help: "(.*)"/g)) named.push(["shell", help]);
    expect(named.length).toBeGreaterThan(40);
    for (const [path, help = ""] of named) {
      const [name = "", chapter] = help.split("#");
      expect(names, `${path} names ${help}`).toContain(name);
      const { chapters } = parseGuide(text(name, "en"));
      if (chapter)
        expect(
          chapters.map(({ id }) => id),
          path,
        ).toContain(chapter);
    }
  });
});
