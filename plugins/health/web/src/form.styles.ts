import { css } from "lit";

/** Forms of the page of alerts. */
export const formStyles = css`
  form { display: grid; gap: var(--space-4); }
  form.card { padding: var(--space-5); }
  form label { display: grid; gap: var(--space-2); align-content: start; }
  form label.check { display: flex; gap: var(--space-3); align-items: center; }
  form .check input { width: 2.5rem; height: 2.5rem; min-height: 2.5rem; flex: none; accent-color: var(--accent); }
  form .two { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); align-items: end; }
`;
