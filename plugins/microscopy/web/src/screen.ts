/** What the plugin puts on the class's screen. */
export { MicroscopeGrid } from "./screen/grid.js";
export { ScreenMeasured } from "./screen/measured.js";
