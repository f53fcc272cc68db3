/** Builds the plugin's pages. */
import { buildPlugin } from "../../../hub/web/tools/bundle.ts";

// The list is small; what draws and keeps documents in step comes with a board.
await buildPlugin(import.meta.dirname, ["list", "pages", "elements"]);
