import { base } from "@classhub/ui";
import { css } from "lit";

export const formStyles = [
  base,
  css`
    :host { display: grid; gap: var(--space-4); }
    .cards { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
    .pad { padding: var(--space-4) var(--space-5); }
    .spool { display: grid; gap: var(--space-3); }
    .row > svg { color: var(--accent); }
    form { display: grid; gap: var(--space-3); }
    .quota form { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); align-items: end; }
    .quota { display: grid; gap: var(--space-3); }
  `,
];
