import { base } from "@classhub/ui";
import { css } from "lit";

export const accountStyles = [
  base,
  css`
    .page { gap: var(--space-5); padding-top: var(--space-4); max-width: 90rem; }
    .parts { display: flex; flex-wrap: wrap; gap: var(--space-2); }
    .parts [aria-selected="true"] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
    .choices { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
    .pad { padding: var(--space-4) var(--space-5); }
    .scroll { overflow-x: auto; }
    .cards { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
    table { width: 100%; border-collapse: collapse; }
    th, td { padding: var(--space-3); text-align: start; border-bottom: 1px solid var(--line); vertical-align: middle; }
    thead th { color: var(--muted); font: var(--type-small); }
    tbody th { font: var(--type-strong); }
    tfoot th, tfoot td { border: 0; font: var(--type-strong); }
    .lost { display: block; }
    .figure { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
    meter { display: block; width: 100%; height: 0.5rem; margin-top: var(--space-1); appearance: none; background: var(--sunken); border: 0; border-radius: 99px; overflow: hidden; }
    meter::-webkit-meter-inner-element { display: block; height: 100%; }
    meter::-webkit-meter-bar { background: var(--sunken); border: 0; border-radius: 99px; height: 100%; }
    meter::-webkit-meter-optimum-value { background: var(--accent); }
    meter::-moz-meter-bar { background: var(--accent); }
  `,
];
