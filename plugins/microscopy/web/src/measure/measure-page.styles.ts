import { base } from "@classhub/ui";
import { css } from "lit";
import { shapeStyles } from "./shape.styles.js";

export const measureStyles = [
  base,
  shapeStyles,
  css`
    /* The dialog beside the frame takes no room. */
    :host { display: grid; grid-template-rows: minmax(0, 1fr); height: 100vh; height: 100dvh; overflow: hidden; background: #0a0f0e; }
    .frame { display: grid; grid-template: auto minmax(0, 1fr) / auto minmax(0, 1fr) min(22rem, 34vw); min-height: 0; min-width: 0; }
    header { grid-column: 1 / -1; display: flex; align-items: center; gap: var(--space-2); padding: var(--space-2) var(--space-3); color: #fff; }
    h1 { font: var(--type-heading); min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .state { font: var(--type-small); color: #a9bab4; white-space: nowrap; }
    .state.wrong { color: #ffb3a7; }
    .dark, .dark:hover { background: rgb(255 255 255 / 9%); color: #fff; border-color: rgb(255 255 255 / 26%); }
    .dark:hover:not(:disabled) { background: rgb(255 255 255 / 18%); }
    .whose { width: auto; max-width: min(14rem, 40vw); background: #16211f; color: #fff; border-color: rgb(255 255 255 / 30%); }
    .tools { display: grid; gap: var(--space-1); align-content: start; padding: 0 var(--space-2) var(--space-3); overflow: auto; scrollbar-width: none; }
    .tools button { flex-direction: column; gap: 0.15rem; font: 600 0.8rem/1.15 var(--sans); min-width: 5rem; min-height: 3.7rem; padding: 0.4em 0.5em; background: transparent; border-color: transparent; color: #dfe8e4; }
    .tools button svg { width: 1.55rem; height: 1.55rem; }
    .tools button:hover { background: rgb(255 255 255 / 12%); }
    .tools button[aria-pressed="true"] { background: #f4b82e; color: #241a02; }
    .stage { position: relative; min-width: 0; min-height: 0; overflow: hidden; background: #000; border-radius: var(--radius-m); touch-action: none; }
    .stage.drawing { cursor: crosshair; }
    .stage img { position: absolute; max-width: none; user-select: none; -webkit-user-drag: none; pointer-events: none; }
    .stage img.close { image-rendering: pixelated; }
    svg.over { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; user-select: none; -webkit-user-select: none; }
    .handle { fill: rgb(8 13 12 / 35%); stroke: var(--c); stroke-width: 2.5; cursor: grab; }
    .handle:focus { outline: none; }
    .handle.now { fill: var(--c); fill-opacity: 0.45; stroke: #fff; }
    .loupe { position: absolute; width: 9rem; height: 9rem; border-radius: 50%; border: 3px solid #fff; box-shadow: 0 4px 18px rgb(0 0 0 / 55%); background-color: #000; background-repeat: no-repeat; pointer-events: none; image-rendering: pixelated; }
    .loupe::before, .loupe::after { content: ""; position: absolute; background: #fff; mix-blend-mode: difference; }
    .loupe::before { left: calc(50% - 0.5px); top: 20%; width: 1px; height: 60%; }
    .loupe::after { top: calc(50% - 0.5px); left: 20%; height: 1px; width: 60%; }
    .zoom { position: absolute; right: 0.75rem; bottom: 0.75rem; display: grid; gap: var(--space-1); }
    .over-picture, .over-picture:hover { background: rgb(8 14 13 / 66%); color: #fff; border-color: rgb(255 255 255 / 30%); }
    .hint { position: absolute; inset: 0.75rem 0.75rem auto; display: flex; flex-wrap: wrap; gap: var(--space-2); align-items: center; justify-content: center; pointer-events: none; }
    .hint p { background: rgb(8 14 13 / 74%); color: #fff; padding: 0.5em 0.9em; border-radius: 99px; font: var(--type-strong); }
    .hint button { pointer-events: auto; }
    aside { background: var(--surface); overflow: auto; overscroll-behavior: contain; padding: var(--space-4); display: grid; gap: var(--space-4); align-content: start; margin-inline-start: var(--space-2); border-radius: var(--radius-l) 0 0 0; }
    aside h2 { font: var(--type-heading); }
    .aside-head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: var(--space-2); }
    .unknown { background: var(--warn-soft); border-radius: var(--radius-m); padding: var(--space-3) var(--space-4); display: grid; gap: var(--space-1); }
    .unknown strong { font: var(--type-strong); }
    .fields { display: grid; gap: var(--space-3); }
    @media (max-width: 48rem), (max-width: 62rem) and (orientation: portrait) {
      .frame { grid-template: auto auto minmax(0, 1fr) minmax(9rem, 32vh) / minmax(0, 1fr); }
      .tools { grid-auto-flow: column; grid-auto-columns: minmax(4.4rem, 1fr); padding: 0 var(--space-2) var(--space-2); }
      .tools button { min-width: 0; padding: 0.35em 0.2em; }
      aside { margin: var(--space-2) 0 0; border-radius: var(--radius-l) var(--radius-l) 0 0; }
      .wide { display: none; }
      .stage { border-radius: 0; }
    }
  `,
];
