/** What the plugin puts on the class's screen. */
export { GlobeScreen } from "./screen/globe-screen.js";
