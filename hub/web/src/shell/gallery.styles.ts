import { base } from "@classhub/ui";
import { css } from "lit";

export const galleryStyles = [
  base,
  css`
    :host { display: grid; gap: var(--space-4); }
    .tools { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; }
    .search { position: relative; flex: 1 1 11rem; max-width: 26rem; }
    .search svg { position: absolute; inset-inline-start: 0.8rem; inset-block-start: calc(50% - 0.65rem); width: 1.3rem; height: 1.3rem; color: var(--muted); pointer-events: none; }
    .search input { padding-inline-start: 2.6rem; }
    .toggle[aria-pressed="true"] { background: var(--accent-soft); border-color: var(--accent); color: var(--accent-deep); }
    select { width: auto; max-width: 16rem; }
    .found { display: flex; align-items: center; justify-content: space-between; gap: var(--space-3); }
    .count { color: var(--muted); font: var(--type-small); }
    .bar {
      position: fixed; inset-inline: var(--space-3); inset-block-end: calc(var(--bottom-bar, 0px) + var(--space-3)); z-index: 5; margin-inline: auto; max-width: 70rem;
      display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-3); padding: var(--space-3) var(--space-4); background: var(--surface); border-radius: var(--radius-l); box-shadow: var(--shadow), 0 0 40px rgb(0 0 0 / 18%);
    }
    .bar .grow { font: var(--type-strong); }
    .room { height: 6rem; }
    @media (max-width: 62rem) { .bar { inset-block-end: 5.5rem; } }
    .none { padding: var(--space-6); color: var(--muted); text-align: center; }
  `,
];
