/** Builds the plugin's pages: dist/pages.js, dist/web.json, lazy parts. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { bundle, compress, emptyFolder, SHARED } from "../../../hub/web/tools/bundle.ts";

const root = import.meta.dirname;
const dist = join(root, "dist");

emptyFolder(dist);
await bundle({
  root,
  out: dist,
  input: { pages: join(root, "src/pages.ts") },
  external: Object.values(SHARED),
  names: "[name].js",
});
copyFileSync(join(root, "web.json"), join(dist, "web.json"));
compress(dist);
