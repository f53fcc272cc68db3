/** What is put on the class's screen: light parts, fetched only by the screen. */
export { ScreenMessage } from "./screen/message.js";
export { ScreenPdf } from "./screen/pdf.js";
export { ScreenTimer } from "./screen/timer.js";
export { ScreenVideo } from "./screen/video.js";
export { ScreenWeb } from "./screen/web.js";
