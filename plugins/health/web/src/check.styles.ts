import { css } from "lit";
import { healthStyles } from "./health-page.styles.js";
import { pictureStyles } from "./pictures.js";

export const checkStyles = [
  ...healthStyles,
  pictureStyles,
  css`
    .check { padding: var(--space-4) var(--space-5); border-inline-start: 0.6rem solid var(--line-strong); }
    .check.good { border-color: var(--good); }
    .check.warn { border-color: var(--warn); }
    .check.bad { border-color: var(--bad-mark); }
    .sum { display: flex; flex-wrap: wrap; gap: var(--space-4); align-items: center; }
    .sum .grow { flex: 1 1 14rem; }
    .light { width: 2.2rem; height: 2.2rem; border-radius: 50%; background: var(--line-strong); flex: none; }
    .light.good { background: var(--good); }
    .light.warn { background: var(--warn); }
    .light.bad { background: var(--bad-mark); }
    .ill { display: grid; gap: var(--space-2); }
    .ill li { display: flex; gap: var(--space-3); align-items: center; }
    .ill .dot { flex: none; }
    .ill .picture { width: 5rem; height: 3.75rem; }
    .todo .pictures { margin-block: var(--space-2); }
    .ill a { min-height: var(--touch); display: inline-flex; align-items: center; }
    .todo .fault { font: var(--type-strong); color: var(--bad); }
    .verdict.idle { border-color: var(--accent); }
    .verdict progress, .check progress { width: 100%; }
    ul.list > li { grid-template-columns: auto minmax(10rem, 1fr) auto; }
    .took { font-variant-numeric: tabular-nums; }
  `,
];
