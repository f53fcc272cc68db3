/** The 3D model on the class's screen, with three.js. */
export { ScreenModel } from "./screen/model.js";
