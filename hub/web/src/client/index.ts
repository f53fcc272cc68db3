/** `@classhub/client`: the hub's API and stream for pages and plugins. */
export { Api } from "./api.js";
export { type AssetNews, assetNews, withLinks } from "./assets.js";
export { type FrameMessage, FramingError, parseFrame } from "./framing.js";
export { Hub, hub, hubAt, hubFor, includes, Session } from "./hub.js";
export { isAboutLesson, taskWords } from "./lessons.js";
export { N_ } from "./mark.js";
export { ApiProblem, problemOf, UNREACHABLE } from "./problem.js";
export { backOff, type FrameSubscription, Stream } from "./stream.js";
export type * from "./types.js";
