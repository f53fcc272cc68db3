/** Builds the plugin's pages. */
import { buildPlugin } from "../../../hub/web/tools/bundle.ts";

await buildPlugin(import.meta.dirname, ["pages", "elements", "screen"], "microscope");
