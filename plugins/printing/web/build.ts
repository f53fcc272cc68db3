/** Builds the plugin's pages. */
import { buildPlugin } from "../../../hub/web/tools/bundle.ts";

// A pupil's tablet fetches the other pages only when it opens them.
await buildPlugin(
  import.meta.dirname,
  ["pages", "teacher", "printer", "slicers", "elements", "card"],
  "printing",
);
