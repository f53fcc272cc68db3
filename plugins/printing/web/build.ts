/** Builds the plugin's pages: dist/{pages,teacher,printer,elements}.js, dist/web.json, lazy parts. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, compress, emptyFolder, SHARED } from "../../../hub/web/tools/bundle.ts";

const root = import.meta.dirname;
const dist = join(root, "dist");
const source = (name: string) => join(root, `src/${name}.ts`);

emptyFolder(dist);
await bundle({
  root,
  out: dist,
  // A pupil's tablet fetches the teacher's pages and the printer's only when it opens them.
  input: {
    pages: source("pages"),
    teacher: source("teacher"),
    printer: source("printer"),
    elements: source("elements"),
  },
  external: Object.values(SHARED),
  names: "[name].js",
});
copyFileSync(join(root, "web.json"), join(dist, "web.json"));
compress(dist);
