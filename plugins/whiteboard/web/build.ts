/** Builds the plugin's pages: dist/{list,pages,elements}.js, dist/web.json. */
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
  // The list is small; what draws and keeps documents in step comes with a board.
  input: { list: source("list"), pages: source("pages"), elements: source("elements") },
  external: Object.values(SHARED),
  names: "[name].js",
});
copyFileSync(join(root, "web.json"), join(dist, "web.json"));
compress(dist);
