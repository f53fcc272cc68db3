/** Builds the plugin's pages. */
import { buildPlugin } from "../../../hub/web/tools/bundle.ts";

// A pupil's tablet fetches the teacher's pages and the printer's only when it opens them.
await buildPlugin(import.meta.dirname, ["pages", "teacher", "printer", "elements"]);
