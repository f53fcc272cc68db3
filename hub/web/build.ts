/**
 * Builds the shell: dist/index.html, dist/importmap.json, dist/static/*, dist/elements.js.
 *
 * Each shared module is a bundle of its own that imports the others by name, so that the import map
 * gives pages and plugins the very same `lit`, client and controls.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { GUIDES } from "./src/shell/guide/own.ts";
import { allIcons, bundle, compress, type Entry, emptyFolder, SHARED } from "./tools/bundle.ts";
import { readCatalogue } from "./tools/catalogue.ts";
import { copyGuide } from "./tools/guide.ts";

const root = import.meta.dirname;
const dist = join(root, "dist");
const out = join(dist, "static");
const source = (path: string) => join(root, "src", path);

const SOURCES = {
  lit: source("vendor/lit.ts"),
  "@classhub/client": source("client/index.ts"),
  "@classhub/ui": source("ui/index.ts"),
  "@classhub/live-view": source("live/live-view.ts"),
} as const;

/** The parts of lit that pages import by their own names; all are in the one file. */
const LIT = [
  "lit",
  "lit/directives/class-map.js",
  "lit/directives/guard.js",
  "lit/directives/if-defined.js",
  "lit/directives/keyed.js",
  "lit/directives/live.js",
  "lit/directives/ref.js",
  "lit/directives/repeat.js",
  "lit/directives/unsafe-svg.js",
  "lit/directives/until.js",
];

const FIRST = ["lit", "@classhub/client", "@classhub/ui"] as const;

function writeCss(): string {
  const css = readFileSync(source("ui/base.css"), "utf8")
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/\s*\n\s*/g, "\n")
    .trim();
  const name = `base-${createHash("sha256").update(css).digest("hex").slice(0, 8)}.css`;
  writeFileSync(join(out, name), css);
  return `/static/${name}`;
}

/** Put the hub's own guides where their address changes with what is in them; returns it. */
function writeGuides(): string {
  const folder = join(out, "guides");
  for (const { name } of GUIDES) copyGuide(name, join(folder, name));
  const digest = createHash("sha256");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const file = join(folder, name);
    if (statSync(file).isFile()) digest.update(name).update(readFileSync(file));
  }
  const named = `guides-${digest.digest("hex").slice(0, 8)}`;
  renameSync(folder, join(out, named));
  return `/static/${named}/`;
}

async function buildShared(): Promise<Record<string, string>> {
  const imports: Record<string, string> = {};
  for (const name of Object.keys(SOURCES) as (keyof typeof SOURCES)[]) {
    const others = Object.entries(SHARED).filter(([other]) => other !== name);
    const short = name.replace("@classhub/", "");
    const built = await bundle({
      root,
      out,
      input: { [short]: SOURCES[name] },
      external: others.map(([, pattern]) => pattern),
    });
    const url = `/static/${built[short]?.file}`;
    if (name === "lit") for (const part of LIT) imports[part] = url;
    else imports[name] = url;
  }
  return imports;
}

function writeIndex(imports: Record<string, string>, main: Entry, door: Entry, css: string): void {
  // A pupil's first page comes through the door: it is fetched with the rest, not after it.
  const own = [...new Set([main.file, ...main.chunks, door.file, ...door.chunks])].map(
    (file) => `/static/${file}`,
  );
  const preload = [...FIRST.map((name) => imports[name]), ...own]
    .map((url) => `  <link rel="modulepreload" href="${url}">`)
    .join("\n");
  writeFileSync(
    join(dist, "index.html"),
    `<!doctype html>
<html lang="kk">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
  <meta name="referrer" content="same-origin">
  <meta name="theme-color" content="#f4f2ec" media="(prefers-color-scheme: light)">
  <meta name="theme-color" content="#0e1615" media="(prefers-color-scheme: dark)">
  <title>Classroom hub</title>
  <link rel="icon" href="/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="${css}">
  <!--importmap-->
${preload}
  <!--hub-data-->
  <script type="module" src="/static/${main.file}"></script>
</head>
<body>
  <noscript>JavaScript: қажет · нужен · is needed</noscript>
</body>
</html>
`,
  );
  writeFileSync(join(dist, "importmap.json"), JSON.stringify({ imports }, null, 2));
}

/** The public elements of the plugins that stand in this repository. */
function parts(): string[] {
  const plugins = join(root, "../../plugins");
  return readdirSync(plugins)
    .map((name) => join(plugins, name, "web/src/elements.ts"))
    .filter((file) => existsSync(file));
}

/** The files of the public elements. */
const SAID =
  /src\/(live|client)\/.*\.ts$|src\/(capture-button|print-progress|words|board)\.ts$|src\/tools\/.*\.ts$/;

/** The words that the public elements say, in the languages that we speak. */
function words(): string {
  const folders = ["live", "client"].map(source);
  const code = [...folders, ...parts().map(dirname)]
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
    )
    .filter((file) => SAID.test(file))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  const catalogues = Object.fromEntries(
    ["kk", "ru"].map((language) => [
      language,
      Object.assign(
        readCatalogue(join(root, "../locale", `${language}.po`)),
        ...parts().map((file) =>
          readCatalogue(join(dirname(file), "../../locale", `${language}.po`)),
        ),
      ) as Record<string, string>,
    ]),
  );
  for (const words of Object.values(catalogues)) {
    for (const id of Object.keys(words)) if (!code.includes(JSON.stringify(id))) delete words[id];
  }
  return JSON.stringify(catalogues);
}

emptyFolder(dist);
emptyFolder(out);
const imports = await buildShared();
const guides = writeGuides();
const { main, door } = await bundle({
  root,
  out,
  input: { main: source("shell/main.ts") },
  external: Object.values(SHARED),
  plugins: [
    {
      name: "classhub-guides",
      enforce: "pre",
      resolveId: (id) => (id === "hub:guides" ? "\0hub:guides" : null),
      load: (id) => (id === "\0hub:guides" ? `export default ${JSON.stringify(guides)};` : null),
    },
  ],
});
if (!main || !door) throw new Error("the shell has no entry");
writeFileSync(join(out, "icon.svg"), readFileSync(source("icon.svg")));
writeFileSync(join(dist, "icons.json"), JSON.stringify(allIcons()));
writeIndex(imports, main, door, writeCss());
await bundle({
  root,
  out: dist,
  input: { elements: source("elements.ts") },
  names: "elements.js",
  single: true,
  alias: Object.fromEntries(Object.entries(SOURCES).filter(([name]) => name !== "lit")),
  plugins: [
    {
      name: "classhub-elements",
      enforce: "pre",
      load(id) {
        if (!id.endsWith("/elements-parts.ts")) return null;
        const imports = parts().map((file) => `import ${JSON.stringify(file)};`);
        return `${imports.join("\n")}\nexport const WORDS = ${words()};`;
      },
    },
  ],
});
compress(dist);
