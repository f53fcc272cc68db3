import { base } from "@classhub/ui";
import { css } from "lit";

export const exportStyles = [
  base,
  css`
    .page { gap: var(--space-5); }
    header { display: flex; gap: var(--space-3); align-items: center; }
    .pad { padding: var(--space-5); }
    .forms { border: 0; margin: 0; padding: 0; display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
    .form { display: flex; gap: var(--space-4); align-items: start; padding: var(--space-4); cursor: pointer; font: var(--type-body); position: relative; min-height: var(--touch); }
    .form input { position: absolute; opacity: 0; inset: 0; width: 100%; height: 100%; min-height: 0; cursor: pointer; }
    .form svg { color: var(--accent); margin-top: 0.1rem; }
    .form span span { display: block; margin-top: 0.2rem; }
    .form:has(:checked) { outline: 3px solid var(--accent); outline-offset: -3px; background: var(--accent-soft); }
    .form:has(:focus-visible) { outline: 3px solid var(--focus); }
    .options { display: grid; gap: var(--space-3); }
    .options select { max-width: 36rem; }
    .tick { display: flex; align-items: center; gap: var(--space-3); min-height: var(--touch); font: var(--type-body); cursor: pointer; }
    .tick input { width: 1.4rem; height: 1.4rem; min-height: 0; accent-color: var(--accent); flex: none; }
    progress { flex: 1 1 12rem; height: 0.8rem; }
    .ready { display: grid; gap: var(--space-3); }
    .ready h2 { display: flex; gap: var(--space-3); align-items: center; }
    .ready h2 svg { color: var(--good); }
    iframe { width: 100%; height: 60vh; border: 1px solid var(--line); border-radius: var(--radius-m); background: #fff; }
  `,
];
