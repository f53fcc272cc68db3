import { base } from "@classhub/ui";
import { css } from "lit";

export const gridStyles = [
  base,
  css`
    .head { display: flex; align-items: center; justify-content: space-between; gap: var(--space-4); flex-wrap: wrap; }
    .page { max-width: none; }
    ul { display: grid; gap: var(--space-4); grid-template-columns: repeat(var(--columns, 1), minmax(0, 1fr)); margin-inline: auto; width: 100%; }
    li { display: grid; min-width: 0; position: relative; }
    .put { position: absolute; z-index: 1; top: var(--space-2); right: var(--space-2); }
    .seat {
      display: grid; grid-template-rows: auto 1fr; place-items: stretch; place-content: stretch; gap: 0; width: 100%; white-space: normal;
      overflow: hidden; padding: 0; text-align: start; color: inherit; background: var(--surface); cursor: pointer; font: inherit;
    }
    .seat:focus-visible { outline-offset: 2px; }
    hub-live-view { display: block; width: 100%; aspect-ratio: 16 / 9; min-height: 0; }
    .text { display: flex; align-items: center; justify-content: space-between; gap: var(--space-3); padding: var(--space-3) var(--space-4); min-height: var(--touch); min-width: 0; }
    .name { display: grid; min-width: 0; font: var(--type-strong); }
    .name span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .chip { flex: none; max-width: 55%; }
    .large { display: grid; grid-template-rows: auto minmax(0, 1fr); gap: var(--space-3); height: calc(100dvh - 11rem); min-height: 20rem; }
    .large hub-live-view { aspect-ratio: auto; height: 100%; border-radius: var(--radius-l); }
    .bar { display: flex; align-items: center; gap: var(--space-3); flex-wrap: wrap; }
    .bar h2 { flex: 1 1 auto; min-width: 0; }
    .empty { padding: var(--space-6); display: flex; gap: var(--space-5); align-items: start; }
    .empty > svg { width: 2.75rem; height: 2.75rem; color: var(--accent); flex: none; }
  `,
];
