/** Builds the plugin's pages: dist/{pages,play,teacher}.js, dist/web.json, the lazy map. */
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
  input: { pages: source("pages"), play: source("play"), teacher: source("teacher") },
  external: Object.values(SHARED),
  names: "[name].js",
});
copyFileSync(join(root, "web.json"), join(dist, "web.json"));
compress(dist);
