/** Builds the plugin's pages, and puts the flags beside them. */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buildPlugin } from "../../../hub/web/tools/bundle.ts";

await buildPlugin(import.meta.dirname, ["pages", "play", "teacher", "screen"]);

const FLAG = /^[a-z]{2}\.svg$/;
const require = createRequire(import.meta.url);
const flags = join(dirname(require.resolve("flag-icons/package.json")), "flags/4x3");
const into = join(import.meta.dirname, "dist/flags");
mkdirSync(into);
for (const name of readdirSync(flags).filter((one) => FLAG.test(one))) {
  copyFileSync(join(flags, name), join(into, name));
}
