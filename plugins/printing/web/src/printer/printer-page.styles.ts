import { base } from "@classhub/ui";
import { css } from "lit";

export const printerStyles = [
  base,
  css`
    .bar { position: sticky; top: 0; z-index: 10; display: flex; align-items: center; gap: var(--space-3); padding: var(--space-3) var(--gutter);
      background: var(--paper); box-shadow: 0 1px 0 var(--line); max-width: 90rem; margin: 0 auto; }
    .bar .grow { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-4); align-items: center; }
    .bar h1 { font: var(--type-heading); overflow-wrap: anywhere; }
    .stop, .stop:hover { background: #b3160b; color: #fff; border: 3px solid #ffd9d3; border-radius: var(--radius-m); font: 800 1.25rem/1 var(--sans); min-height: calc(var(--touch) * 1.3); padding: 0 1.4em; letter-spacing: 0.04em; }
    .stop:hover { background: #8e0f06; }
    .stop svg { width: 1.6em; height: 1.6em; }
    .page { gap: var(--space-4); padding-top: var(--space-4); max-width: 90rem; }
    .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: var(--space-5); align-items: start; }
    .columns > div { display: grid; gap: var(--space-5); min-width: 0; }
    .all { min-height: var(--touch); display: inline-flex; align-items: center; }
    section { padding: var(--space-5); display: grid; gap: var(--space-4); min-width: 0; }
    .view { padding: 0; overflow: hidden; }
    hub-live-view { aspect-ratio: 4 / 3; }
    hub-print-progress { height: 14rem; border-radius: var(--radius-m); box-shadow: 0 0 0 1px var(--line); }
    .prompt { background: var(--warn-soft); border-radius: var(--radius-l); }
    .prompt p { font: var(--type-heading); overflow-wrap: anywhere; white-space: pre-wrap; }
    .running { padding: var(--space-4); display: grid; gap: var(--space-2); }
    progress:indeterminate { background: linear-gradient(90deg, var(--sunken) 30%, var(--accent) 50%, var(--sunken) 70%) 0 0 / 200% 100%; animation: run 1.6s linear infinite; }
    progress:indeterminate::-webkit-progress-bar { background: transparent; }
    @keyframes run { from { background-position: 100% 0; } to { background-position: -100% 0; } }
    dl { display: grid; gap: var(--space-1); }
    dl div { display: flex; justify-content: space-between; gap: var(--space-4); }
    dt { color: var(--muted); }
    dd { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; text-align: end; }
    .gcode { display: grid; gap: var(--space-2); justify-items: start; }
    textarea, pre { font: 0.9rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
    pre { margin: 0; padding: var(--space-3); background: var(--sunken); border-radius: var(--radius-m); overflow: auto; max-height: 14rem; white-space: pre-wrap; overflow-wrap: anywhere; }
  `,
];
