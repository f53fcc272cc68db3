import { base } from "@classhub/ui";
import { css } from "lit";

export const filmStyles = [
  base,
  css`
    .page { gap: var(--space-4); padding-top: var(--space-4); }
    header { display: grid; grid-template-columns: auto minmax(0, 1fr) auto auto; gap: var(--space-3); align-items: center; }
    header input { font: var(--type-title); background: transparent; border-color: transparent; padding-inline: 0.3em; }
    header input:hover, header input:focus { border-color: var(--line-strong); background: var(--field); }
    .state { color: var(--muted); font: var(--type-small); white-space: nowrap; }
    .state.wrong { color: var(--bad); font-weight: 600; }
    .desk { display: grid; gap: var(--space-5); grid-template-columns: minmax(0, 1fr) minmax(0, 24rem); align-items: start; }
    .left { display: grid; gap: var(--space-4); min-width: 0; }
    .pad { padding: var(--space-5); display: grid; gap: var(--space-4); }
    .part-head { display: flex; gap: var(--space-1); align-items: center; }
    .made video { width: 100%; max-height: 60vh; border-radius: var(--radius-m); background: #101614; }
    .whole { display: grid; gap: var(--space-5); grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); align-items: start; }
    .making progress { flex: 1 1 12rem; height: 0.8rem; }
    @media (max-width: 60rem) {
      .desk { grid-template-columns: minmax(0, 1fr); }
    }
    @media (max-width: 34rem) {
      header { grid-template-columns: auto minmax(0, 1fr) auto; }
      .state { grid-column: 1 / -1; grid-row: 2; }
    }
  `,
];
