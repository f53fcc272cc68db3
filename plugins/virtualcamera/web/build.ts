/** Builds the plugin's page and its card. */
import { buildPlugin } from "../../../hub/web/tools/bundle.ts";

await buildPlugin(import.meta.dirname, ["pages", "card"]);
