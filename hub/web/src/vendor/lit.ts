/** The one `lit` of every page and plugin: all that plugins may import from it, in one file. */
export * from "lit";
export * from "lit/directives/class-map.js";
export * from "lit/directives/guard.js";
export * from "lit/directives/if-defined.js";
export * from "lit/directives/keyed.js";
export * from "lit/directives/live.js";
export * from "lit/directives/ref.js";
export * from "lit/directives/repeat.js";
export * from "lit/directives/unsafe-svg.js";
export * from "lit/directives/until.js";
