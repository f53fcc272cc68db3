/** The plugin's parts for everybody's pages. */
export { CaptureButton, CapturedEvent, CaptureFailedEvent } from "./capture-button.js";
