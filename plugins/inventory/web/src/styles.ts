import { base } from "@classhub/ui";
import { css } from "lit";

export const inventoryStyles = [
  base,
  css`
    section { display: grid; gap: var(--space-4); }
    .head { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; justify-content: space-between; }
    .tools { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr)); align-items: center; }
    .check { display: flex; gap: var(--space-3); align-items: center; min-height: var(--touch); }
    .tools .check input { margin: 0; width: 2.5rem; height: 2.5rem; min-height: 2.5rem; flex: none; accent-color: var(--accent); }
    ul.list { overflow: hidden; }
    ul.list a.item {
      display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: var(--space-4); align-items: center; color: inherit;
      text-decoration: none; padding: var(--space-3) var(--space-5); border-bottom: 1px solid var(--line); margin-bottom: -1px;
      min-height: calc(var(--touch) + 1rem);
    }
    ul.list a.item:hover { background: var(--hover); }
    .sign { color: var(--accent); }
    .marks { display: flex; flex-wrap: wrap; gap: var(--space-2); justify-content: flex-end; }
    .chip.bad { background: var(--bad-soft); }
    .chip.warn { background: var(--warn-soft); }
    .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: var(--space-4) var(--space-5); padding: var(--space-5); }
    .facts dt { font: var(--type-small); color: var(--muted); }
    .facts dd { overflow-wrap: anywhere; }
    .facts .wide { grid-column: 1 / -1; }
    .lines { white-space: pre-line; max-height: 16rem; overflow-y: auto; }
    .log li { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: var(--space-2) var(--space-4); align-items: start; padding: var(--space-4) var(--space-5); border-bottom: 1px solid var(--line); margin-bottom: -1px; }
    .log .open { color: var(--bad); }
    .log p { overflow-wrap: anywhere; }
    .calm { padding: var(--space-5); }
    form.fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(14rem, 100%), 1fr)); gap: var(--space-4); }
    form.fields .wide { grid-column: 1 / -1; }
    form input, form select, form textarea { margin-top: var(--space-2); }
    .danger-row { display: flex; flex-wrap: wrap; gap: var(--space-3); }
    .wrong { display: grid; gap: var(--space-3); max-height: 18rem; overflow: auto; }
    .wrong li { padding: var(--space-3) var(--space-4); border-radius: var(--radius-m); background: var(--sunken); overflow-wrap: anywhere; }
    .wrong p.muted { color: inherit; }
    @media (max-width: 44rem) {
      ul.list a.item { grid-template-columns: auto minmax(0, 1fr); padding-inline: var(--space-4); }
      .marks { grid-column: 2; justify-content: flex-start; }
      .log li { grid-template-columns: auto minmax(0, 1fr); }
      .log li > button { grid-column: 2; justify-self: start; }
    }
  `,
];
