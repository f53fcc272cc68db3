/** What the builds of the shell and of plugins' pages share. */
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, type Plugin } from "vite";
import { copyGuide } from "./guide.ts";

/** The modules that the hub's import map gives to everyone: imported by name, never bundled. */
export const SHARED = {
  lit: /^lit(\/|$)/,
  "@classhub/client": /^@classhub\/client$/,
  "@classhub/ui": /^@classhub\/ui$/,
  "@classhub/live-view": /^@classhub\/live-view$/,
};

const SMALLEST = 1024;
/** Not index.html: the hub fills it in and sends it itself. */
const TEXT = /\.(js|css|json|svg|md)$/;

const require = createRequire(import.meta.url);

/** The inside of a Lucide icon's SVG. */
function insideOf(file: string): string {
  const svg = readFileSync(file, "utf8");
  const inside = svg.replace(/<!--.*?-->/gs, "").replace(/^\s*<svg[^>]*>|<\/svg>\s*$/g, "");
  return inside.replace(/\s+/g, " ").trim();
}

/** Every Lucide icon by its name: for kinds of device and pages that come from others. */
export function allIcons(): Record<string, string> {
  const folder = dirname(require.resolve("lucide-static/icons/cpu.svg"));
  const names = readdirSync(folder).filter((name) => name.endsWith(".svg"));
  return Object.fromEntries(names.map((name) => [name.slice(0, -4), insideOf(join(folder, name))]));
}

/** `import camera from "icon:camera"`: the inside of a lucide icon, put into the code. */
export function icons(): Plugin {
  return {
    name: "classhub-icons",
    enforce: "pre",
    resolveId: (id) => (id.startsWith("icon:") ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith("\0icon:")) return null;
      const file = require.resolve(`lucide-static/icons/${id.slice(6)}.svg`);
      return `export default ${JSON.stringify(insideOf(file))};`;
    },
  };
}

/** Templates of lit carry their indentation into every page: take it out. */
export function tightTemplates(): Plugin {
  return {
    name: "classhub-tight-templates",
    enforce: "pre",
    transform(code, id) {
      if (!id.endsWith(".ts") || !/\b(css|html)`/.test(code)) return null;
      return { code: code.replace(/\n[ \t]+/g, "\n"), map: null };
    },
  };
}

export interface Bundle {
  root: string;
  out: string;
  input: Record<string, string>;
  external?: RegExp[];
  names?: string;
  chunks?: string;
  alias?: Record<string, string>;
  single?: boolean;
  plugins?: Plugin[];
}

export interface Entry {
  file: string;
  /** The chunks beside it that it imports at once. */
  chunks: string[];
}

/** Bundle entries into ES modules; returns what became of them and of lazy parts, by their names. */
export async function bundle(options: Bundle): Promise<Record<string, Entry>> {
  const entries: Record<string, Entry> = {};
  await build({
    configFile: false,
    root: options.root,
    logLevel: "warn",
    base: "./",
    publicDir: false,
    resolve: { alias: options.alias ?? {} },
    plugins: [
      icons(),
      tightTemplates(),
      ...(options.plugins ?? []),
      {
        name: "classhub-entries",
        generateBundle(_, output) {
          for (const file of Object.values(output)) {
            if (file.type !== "chunk" || !(file.isEntry || file.isDynamicEntry)) continue;
            const chunks = file.imports.filter((name) => name in output);
            entries[file.name] = { file: file.fileName, chunks };
          }
        },
      },
    ],
    build: {
      outDir: options.out,
      emptyOutDir: false,
      target: "es2022",
      modulePreload: false,
      reportCompressedSize: false,
      // Of three.js: pages fetch it only where something is to be seen in 3D.
      chunkSizeWarningLimit: 800,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: options.input,
        external: options.external ?? [],
        preserveEntrySignatures: "strict",
        output: {
          format: "es",
          entryFileNames: options.names ?? "[name]-[hash].js",
          chunkFileNames: options.chunks ?? "[name]-[hash].js",
          assetFileNames: "[name]-[hash][extname]",
          codeSplitting: !options.single,
        },
      },
    },
  });
  return entries;
}

/** Put `.gz` and `.br` beside every text file that is large enough to gain from it. */
export function compress(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    if (!TEXT.test(name) || !statSync(path).isFile() || statSync(path).size <= SMALLEST) continue;
    const data = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(data, { level: 9 }));
    writeFileSync(
      `${path}.br`,
      brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    );
  }
}

export function emptyFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/**
 * Build a plugin's pages: `src/<entry>.ts` of each entry and `web.json`, into `dist/`; `guide` names
 * the folder of `docs` that has its guide for people.
 */
export async function buildPlugin(root: string, entries: string[], guide?: string): Promise<void> {
  const dist = join(root, "dist");
  emptyFolder(dist);
  await bundle({
    root,
    out: dist,
    input: Object.fromEntries(entries.map((name) => [name, join(root, `src/${name}.ts`)])),
    external: Object.values(SHARED),
    names: "[name].js",
  });
  copyFileSync(join(root, "web.json"), join(dist, "web.json"));
  if (guide) copyGuide(guide, join(dist, "guide"));
  compress(dist);
}
