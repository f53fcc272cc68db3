import { base } from "@classhub/ui";
import { css } from "lit";

export const calibrateStyles = [
  base,
  css`
    :host { display: grid; height: 100vh; height: 100dvh; overflow: hidden; background: #0a0f0e; }
    .stage { display: grid; grid-template: minmax(0, 1fr) / minmax(0, 1fr) min(25rem, 42vw); min-height: 0; }
    .picture { position: relative; min-height: 0; min-width: 0; overflow: hidden; }
    hub-live-view { position: absolute; inset: 0; --badge-top: 4.6rem; --badge-left: 1rem; }
    header {
      position: absolute; inset: 0 0 auto 0; display: flex; align-items: center; gap: var(--space-3);
      padding: var(--space-3) var(--space-4); color: #fff; pointer-events: none;
      background: linear-gradient(rgb(6 11 10 / 72%), transparent);
    }
    header > * { pointer-events: auto; }
    h1 { font: var(--type-heading); text-shadow: 0 1px 3px rgb(0 0 0 / 60%); }
    .over, .over:hover { background: rgb(8 14 13 / 60%); color: #fff; border-color: rgb(255 255 255 / 28%); }
    svg.marks { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: crosshair; }
    .line { stroke: #f4b82e; stroke-width: 2; }
    .under { stroke: rgb(0 0 0 / 75%); stroke-width: 5; }
    .tick { stroke: #2ee6d6; stroke-width: 1.5; opacity: 0.9; }
    .handle { fill: rgb(244 184 46 / 16%); stroke: #f4b82e; stroke-width: 2.5; cursor: grab; }
    .cross { stroke: #f4b82e; stroke-width: 1.5; }
    g:focus { outline: none; }
    g:focus-visible .handle { stroke: #fff; stroke-width: 4; }
    .loupe {
      position: absolute; top: 4.6rem; right: 1rem; width: 12rem; height: 12rem; border-radius: 50%;
      border: 3px solid #f4b82e; box-shadow: 0 4px 18px rgb(0 0 0 / 60%); pointer-events: none;
    }
    .loupe.aside { right: auto; left: 1rem; }
    aside {
      background: var(--surface); color: var(--ink); overflow: auto; overscroll-behavior: contain;
      padding: var(--space-5); display: grid; gap: var(--space-5); align-content: start;
    }
    .part { display: grid; gap: var(--space-3); }
    .result { display: grid; gap: var(--space-1); padding: var(--space-4); border-radius: var(--radius-m); background: var(--accent-soft); }
    .result strong { font: var(--type-heading); font-variant-numeric: tabular-nums; }
    .with-unit { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: var(--space-3); align-items: center; }
    .adding { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: var(--space-2); }
    .list { display: grid; gap: var(--space-2); }
    .list li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: var(--space-2); align-items: center; padding: var(--space-2) var(--space-3); border-radius: var(--radius-m); background: var(--sunken); min-height: var(--touch); }
    .list .now { outline: 2px solid var(--accent); }
    .list p { font-variant-numeric: tabular-nums; }
    @media (max-width: 48rem), (max-width: 62rem) and (orientation: portrait) {
      .stage { grid-template: minmax(0, 1fr) minmax(0, 50vh) / minmax(0, 1fr); }
      .loupe { width: 9rem; height: 9rem; }
      aside { border-radius: var(--radius-l) var(--radius-l) 0 0; padding: var(--space-4); gap: var(--space-4); }
    }
  `,
];
