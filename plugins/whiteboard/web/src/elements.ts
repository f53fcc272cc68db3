/** The plugin's parts for everybody's pages. */
export { HubBoard } from "./board.js";
