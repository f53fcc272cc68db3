import { base } from "@classhub/ui";
import { css } from "lit";

export const showPageStyles = [
  base,
  css`
    .page { gap: var(--space-5); }
    hub-screen-time[over] { order: -1; }
    .card { padding: var(--space-5); display: grid; gap: var(--space-4); align-content: start; }
    .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: var(--space-5); align-items: start; }
    .thing { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2); border-block-start: 1px solid var(--line); padding-block-start: var(--space-3); }
    .thing .title { font: var(--type-strong); flex: 1 1 12rem; overflow: hidden; text-overflow: ellipsis; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; }
    .trouble { display: flex; gap: var(--space-3); align-items: center; padding: var(--space-3) var(--space-4); border-radius: var(--radius-m); background: var(--warn-soft); }
    .trouble svg { flex: none; width: 1.4rem; height: 1.4rem; }
    .digits { font: var(--type-strong); font-variant-numeric: tabular-nums; }
    .minutes { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: var(--space-2); }
    .minutes button { padding-inline: 0.3em; }
    li { display: flex; align-items: center; gap: var(--space-2); padding-block: var(--space-1); border-block-start: 1px solid var(--line); }
    li .title { flex: 1; min-width: 0; display: flex; gap: var(--space-2); align-items: center; }
    li .title span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    label.button { justify-self: start; }
    label.button:focus-within { outline: 3px solid var(--focus); outline-offset: 2px; }
  `,
];
