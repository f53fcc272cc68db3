import { base } from "@classhub/ui";
import { css } from "lit";

export const printStyles = [
  base,
  css`
    .page { gap: var(--space-5); padding-top: var(--space-4); max-width: 90rem; }
    .drop { display: grid; justify-items: center; gap: var(--space-3); text-align: center; padding: var(--space-6) var(--space-5);
      border: 0.18rem dashed var(--line-strong); box-shadow: none; }
    .over .drop { border-color: var(--accent); background: var(--accent-soft); }
    .drawing { color: var(--accent); }
    .drawing svg { width: 4.5rem; height: 4.5rem; stroke-width: 1.2; }
    .own { display: inline-flex; gap: 0.5em; align-items: center; min-height: var(--touch); }
    .own svg { width: 1.2rem; height: 1.2rem; }
    .center { justify-content: center; }
    label.button:focus-within { outline: 3px solid var(--focus); outline-offset: 2px; }
    .mine, section { display: grid; gap: var(--space-4); }
    .drop.card { gap: var(--space-3); }
    h2 { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; }
    .asks { background: var(--warn-soft); }
    .cards { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
  `,
];
