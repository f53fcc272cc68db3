import { base } from "@classhub/ui";
import { css } from "lit";

export const lessonSeatsStyles = [
  base,
  css`
    section { display: grid; gap: var(--space-4); }
    .head { display: flex; flex-wrap: wrap; gap: var(--space-4); align-items: center; justify-content: space-between; }
    .head > div { flex: 1 1 18rem; min-width: 0; display: grid; gap: var(--space-1); }
    ul { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)); }
    li { display: grid; }
    .seat {
      display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--space-1); justify-content: stretch;
      justify-items: start; align-content: start; text-align: start;
      padding: var(--space-3) var(--space-4); border-radius: var(--radius-l); min-height: calc(var(--touch) * 1.8);
    }
    .seat > * { max-width: 100%; overflow-wrap: anywhere; }
    .name { font: var(--type-strong); }
    .who { display: flex; gap: 0.5em; align-items: center; }
    .free .who { color: var(--muted); font-weight: 400; }
    .free { border-style: dashed; }
    .own { background: var(--accent-soft); border-color: var(--accent); }
    .do:not(:empty) { color: var(--accent); font: var(--type-strong); margin-top: var(--space-1); }
    .choices { display: grid; gap: var(--space-3); }
    .choices button { justify-content: start; text-align: start; }
    .choices [aria-pressed="true"] { background: var(--accent-soft); border-color: var(--accent); }
  `,
];
