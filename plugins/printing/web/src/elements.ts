/** The plugin's parts for everybody's pages. */
export { PrintProgress } from "./print-progress.js";
