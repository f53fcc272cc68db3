import { base } from "@classhub/ui";
import { css } from "lit";

export const jobStyles = [
  base,
  css`
    .layout { display: grid; gap: var(--space-5); grid-template-columns: minmax(0, 3fr) minmax(20rem, 2fr); align-items: start; }
    .look { position: sticky; top: var(--space-4); display: grid; gap: var(--space-3); }
    hub-print-model, hub-print-layers { height: min(72vh, 42rem); }
    hub-print-model.nothing { height: 9rem; }
    .words { display: grid; gap: var(--space-4); min-width: 0; }
    header { display: grid; gap: var(--space-2); }
    h1 { overflow-wrap: anywhere; font: 700 1.5rem/1.2 var(--sans); }
    .pad { padding: var(--space-4) var(--space-5); }
    .big-chip { font: var(--type-strong); background: var(--accent-soft); }
    .next { font: var(--type-heading); }
    .note { padding: var(--space-4); border-radius: var(--radius-m); background: var(--warn-soft); white-space: pre-wrap; overflow-wrap: anywhere; }
    .working { display: grid; gap: var(--space-2); }
    progress { height: 0.8rem; }
    progress:indeterminate { background: linear-gradient(90deg, var(--sunken) 30%, var(--accent) 50%, var(--sunken) 70%) 0 0 / 200% 100%; animation: run 1.6s linear infinite; }
    progress:indeterminate::-webkit-progress-bar { background: transparent; }
    @keyframes run { from { background-position: 100% 0; } to { background-position: -100% 0; } }
    .decide { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 10rem), 1fr)); gap: var(--space-3); }
    hub-send-back { position: absolute; }
    .decide .big { padding-inline: 0.5em; }
    .facts { display: flex; flex-wrap: wrap; gap: var(--space-3); }
    .facts div { flex: 1 1 auto; display: grid; grid-template-columns: auto 1fr; gap: 0 var(--space-3); align-items: center; padding: var(--space-3); background: var(--surface); border-radius: var(--radius-m); box-shadow: var(--shadow); }
    .facts svg { grid-row: 1 / 3; color: var(--accent); }
    .facts dt { font: var(--type-small); color: var(--muted); }
    .facts dd { font: 650 1.125rem/1.3 var(--sans); white-space: nowrap; }
    details[open] { display: grid; gap: var(--space-3); }
    summary { min-height: var(--touch); display: flex; align-items: center; gap: 0.6em; font: var(--type-strong); cursor: pointer; list-style-position: inside; }
    .switch { display: flex; gap: var(--space-2); justify-content: center; }
    .switch [aria-pressed="true"] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
    .stopped { display: flex; gap: 0.6em; align-items: center; }
    .stopped svg { flex: none; width: 1.5rem; height: 1.5rem; color: var(--muted); }
    .further { padding-top: var(--space-2); }
    label.button:focus-within { outline: 3px solid var(--focus); outline-offset: 2px; }
    @media (max-width: 62rem) {
      .layout { grid-template-columns: minmax(0, 1fr); }
      .look { position: static; }
      hub-print-model:not(.nothing), hub-print-layers { height: min(48vh, 30rem); }
    }
  `,
];
