import { base } from "@classhub/ui";
import { css } from "lit";

export const deviceStyles = [
  base,
  css`
    .page { gap: var(--space-5); }
    header { display: flex; flex-wrap: wrap; gap: var(--space-4); align-items: end; }
    header .chip { margin-top: var(--space-3); background: var(--surface); box-shadow: var(--shadow); }
    .columns { columns: 21rem 3; column-gap: var(--space-5); }
    .columns > * { break-inside: avoid; margin-bottom: var(--space-5); }
    section { padding: var(--space-5); display: grid; gap: var(--space-5); }
    .view { padding: 0; overflow: hidden; }
    hub-live-view { aspect-ratio: 16 / 9; }
    dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-2) var(--space-4); }
    dt { color: var(--muted); }
    dd { overflow-wrap: anywhere; }
    code { font: 0.9em/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
    .events { display: grid; gap: var(--space-2); }
    .events li { display: flex; gap: var(--space-3); }
    time { color: var(--muted); font-variant-numeric: tabular-nums; }
  `,
];
