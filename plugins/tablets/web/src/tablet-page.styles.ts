import { base } from "@classhub/ui";
import { css } from "lit";

export const tabletPageStyles = [
  base,
  css`
    .page { gap: var(--space-5); }
    .head { display: flex; flex-wrap: wrap; gap: var(--space-4); align-items: end; justify-content: space-between; }
    .head > div { display: grid; gap: var(--space-2); justify-items: start; }
    .columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-5); }
    @media (min-width: 64rem) { .columns { grid-template-columns: minmax(0, 1fr) 22rem; align-items: start; } }
    .side { display: grid; gap: var(--space-5); }
    .card { padding: var(--space-5); display: grid; gap: var(--space-4); }
    .bar { height: 1.2rem; }
    .meant::-webkit-progress-value { background: var(--sun); }
    .meant::-moz-progress-bar { background: var(--sun); }
    .live { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-4); align-items: center; }
    .dial { width: 6.5rem; height: 6.5rem; color: var(--muted); }
    .dial .pen { color: var(--accent); }
    dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-1) var(--space-3); }
    dd { font: var(--type-strong); font-variant-numeric: tabular-nums; }
    .turns { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: var(--space-2); }
    .turns button { padding-inline: 0; }
    [aria-pressed="true"] { background: var(--accent-soft); border-color: var(--accent); }
    input[type="range"] { padding: 0; accent-color: var(--accent); border: 0; background: none; }
    .ends { display: flex; justify-content: space-between; gap: var(--space-3); }
    hub-pen-sheet { max-width: 100%; }
  `,
];
