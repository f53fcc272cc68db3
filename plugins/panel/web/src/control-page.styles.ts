import { base } from "@classhub/ui";
import { css } from "lit";

export const controlPageStyles = [
  base,
  css`
    .page { gap: var(--space-5); }
    .head { display: flex; flex-wrap: wrap; gap: var(--space-4); align-items: end; justify-content: space-between; }
    .head > div { display: grid; gap: var(--space-2); justify-items: start; }
    .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: var(--space-5); align-items: start; }
    .card { padding: var(--space-5); display: grid; gap: var(--space-4); }
    .both { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 12rem), 1fr)); gap: var(--space-3); }
    .both button { width: 100%; }
    .now { display: flex; align-items: center; gap: var(--space-3); min-height: var(--touch); }
    .failed { display: grid; gap: var(--space-2); padding: 0; list-style: none; }
    .time { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-3); align-items: center; padding-block: var(--space-3); border-block-start: 1px solid var(--line); }
    .time input, .time select { width: auto; }
    .days { display: flex; flex-wrap: wrap; gap: var(--space-1); }
    .days button { padding-inline: 0.5em; min-width: var(--touch); }
    [aria-pressed="true"], [aria-pressed="true"]:hover { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
    .fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 10rem), 1fr)); gap: var(--space-3); align-items: end; }
    dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-1) var(--space-3); }
    dd { font: var(--type-strong); font-variant-numeric: tabular-nums; text-align: end; }
  `,
];
