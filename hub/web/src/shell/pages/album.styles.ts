import { base } from "@classhub/ui";
import { css } from "lit";

export const albumStyles = [
  base,
  css`
    .page { gap: var(--space-5); }
    header { display: flex; flex-wrap: wrap; gap: var(--space-4); align-items: end; }
    .grid { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(14rem, 40vw), 1fr)); }
    .tile {
      display: grid; grid-template: auto auto 1fr / minmax(0, 1fr); width: 100%; height: 100%; padding: 0; gap: 0; overflow: hidden;
      text-align: start; border: 0; box-shadow: var(--shadow); border-radius: var(--radius-m); align-items: start; justify-items: stretch;
    }
    .tile:focus-visible { outline-offset: 2px; }
    .tile img { width: 100%; aspect-ratio: 4 / 3; object-fit: cover; background: #0a0f0e; }
    .tile .none { width: 100%; aspect-ratio: 4 / 3; display: grid; place-content: center; background: var(--sunken); color: var(--muted); }
    .words { display: flex; justify-content: space-between; gap: var(--space-2); padding: var(--space-3) var(--space-3) var(--space-2); min-width: 0; }
    .who { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    time { color: var(--muted); font-weight: 400; font-variant-numeric: tabular-nums; }
    .note { font: var(--type-small); color: var(--muted); margin: 0 var(--space-3) var(--space-3); overflow: hidden; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; }
    .empty { padding: var(--space-6); display: flex; gap: var(--space-5); align-items: start; }
    .empty > svg { width: 2.75rem; height: 2.75rem; color: var(--accent); flex: none; }
  `,
];
