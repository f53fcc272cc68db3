import { base } from "@classhub/ui";
import { css } from "lit";

export const albumStyles = [
  base,
  css`
    .page { gap: var(--space-5); }
    header { display: flex; flex-wrap: wrap; gap: var(--space-3) var(--space-4); align-items: end; }
    .add { position: relative; overflow: hidden; }
    .add input { position: absolute; inset: 0; opacity: 0; cursor: pointer; min-height: 0; }
    .add:focus-within { outline: 3px solid var(--focus); outline-offset: 2px; }
    .work { display: grid; gap: var(--space-4); }
    .share { padding: var(--space-3) var(--space-5); }
    @media (min-width: 62rem) {
      .work { grid-template-columns: minmax(0, 1fr) minmax(0, 2fr); align-items: start; }
      .work > hub-panel-now, .work > hub-album-hand-ins { grid-column: 1 / -1; }
    }
    .empty { padding: var(--space-6); display: flex; gap: var(--space-5); align-items: start; }
    .empty > svg { width: 2.75rem; height: 2.75rem; color: var(--accent); flex: none; }
  `,
];
