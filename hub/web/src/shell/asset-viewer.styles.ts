import { base } from "@classhub/ui";
import { css } from "lit";

export const viewerStyles = [
  base,
  css`
    dialog { border: 0; padding: 0; margin: 0; width: 100vw; height: 100vh; height: 100dvh; max-width: none; max-height: none; background: #0a0f0e; color: var(--ink); }
    .viewer { display: grid; grid-template: minmax(0, 1fr) / minmax(0, 1fr) min(24rem, 38vw); height: 100%; }
    figure { position: relative; min-width: 0; min-height: 0; touch-action: pan-y pinch-zoom; }
    .place { color: var(--muted); font: var(--type-small); font-variant-numeric: tabular-nums; white-space: nowrap; padding-top: 0.85rem; }
    figure img, figure video { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
    .broken { position: absolute; inset: 0; display: grid; place-content: center; color: #cbd6d1; padding: var(--space-7); text-align: center; }
    .broken p { max-width: 28rem; }
    .over, .over:hover { position: absolute; top: calc(50% - var(--touch) / 2); background: rgb(8 14 13 / 60%); color: #fff; border-color: rgb(255 255 255 / 28%); }
    .before { left: var(--space-3); }
    .after { right: var(--space-3); }
    aside { background: var(--surface); padding: var(--space-4) var(--space-5) var(--space-6); display: grid; gap: var(--space-5); align-content: start; overflow: auto; }
    .head { display: flex; align-items: start; gap: var(--space-2); margin-inline-end: calc(-1 * var(--space-3)); }
    .head h2 { flex: 1; padding-top: 0.5rem; }
    dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-2) var(--space-4); }
    dt { color: var(--muted); }
    dd { font: var(--type-strong); }
    .openers { display: flex; flex-wrap: wrap; gap: var(--space-2); }
    textarea { margin-top: var(--space-2); }
    .note { white-space: pre-wrap; }
    .ask { background: var(--bad-soft); border-radius: var(--radius-m); padding: var(--space-4); display: grid; gap: var(--space-3); }
    @media (max-width: 48rem), (max-width: 62rem) and (orientation: portrait) {
      .viewer { grid-template: minmax(0, 1fr) auto / minmax(0, 1fr); }
      aside { max-height: 46vh; max-height: 46dvh; border-radius: var(--radius-l) var(--radius-l) 0 0; gap: var(--space-4); }
      .head { position: sticky; top: calc(-1 * var(--space-4)); background: var(--surface); }
    }
  `,
];
