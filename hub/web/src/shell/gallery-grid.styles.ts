import { base } from "@classhub/ui";
import { css } from "lit";

export const gridStyles = [
  base,
  css`
    :host { contain: layout style; }
    .canvas { position: relative; }
    .line { position: absolute; inset-inline: 0; top: 0; contain: layout style; }
    .heading { display: flex; align-items: end; gap: var(--space-3); padding-bottom: var(--space-3); height: 100%; }
    .heading h2 { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .heading span { color: var(--muted); white-space: nowrap; }
    .row { display: grid; flex-wrap: nowrap; gap: var(--gap); grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); height: 100%; align-items: stretch; }
    .cell { position: relative; min-width: 0; height: 100%; }
    .tile {
      display: grid; grid-template: minmax(0, 1fr) auto / minmax(0, 1fr); width: 100%; height: 100%; padding: 0; gap: 0; overflow: hidden;
      text-align: start; border: 0; box-shadow: var(--shadow); border-radius: var(--radius-m); justify-items: stretch; align-items: stretch;
    }
    .tile:active { transform: none; }
    .tile:focus-visible { outline-offset: 2px; }
    .tile img { width: 100%; height: 100%; object-fit: cover; background: #0a0f0e; min-height: 0; }
    .none { display: grid; place-content: center; background: var(--sunken); color: var(--muted); min-height: 0; }
    .none svg { width: 2.2rem; height: 2.2rem; }
    .words { display: grid; padding: var(--space-2) var(--space-3); gap: 0.1rem; min-width: 0; height: 3.6rem; align-content: center; }
    .first { display: flex; justify-content: space-between; gap: var(--space-2); min-width: 0; }
    .who, .note { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    time { color: var(--muted); font-weight: 400; font-variant-numeric: tabular-nums; }
    .note { font: var(--type-small); color: var(--muted); }
    .love, .love:hover {
      position: absolute; inset-block-start: var(--space-1); inset-inline-end: var(--space-1); border-color: transparent;
      background: rgb(8 14 13 / 45%); color: #fff; border-radius: 50%;
    }
    .love[aria-pressed="true"] svg { fill: var(--sun); stroke: var(--sun); }
    .given { position: absolute; inset-block-start: var(--space-2); inset-inline-start: var(--space-2); background: var(--accent); color: var(--on-accent); }
    .given svg { width: 1rem; height: 1rem; }
    /* In the middle of the picture, which ends where the words begin. */
    .video {
      position: absolute; inset: 0 0 3.6rem; margin: auto; width: 3rem; height: 3rem; border-radius: 50%; pointer-events: none;
      background: rgb(8 14 13 / 62%); color: #fff; display: grid; place-content: center; border: 2px solid rgb(255 255 255 / 85%);
    }
    .video svg { fill: currentColor; width: 1.3rem; height: 1.3rem; translate: 0.1rem 0; }
    .long {
      position: absolute; inset-block-end: calc(3.6rem + var(--space-2)); inset-inline-end: var(--space-2); pointer-events: none;
      background: rgb(8 14 13 / 78%); color: #fff; font-variant-numeric: tabular-nums;
    }
    .mark {
      position: absolute; inset-block-start: var(--space-2); inset-inline-end: var(--space-2); width: 2rem; height: 2rem; border-radius: 50%;
      border: 2px solid #fff; background: rgb(8 14 13 / 45%); color: transparent; display: grid; place-content: center; pointer-events: none;
    }
    .chosen .mark { background: var(--accent); color: var(--on-accent); border-color: var(--on-accent); }
    .chosen .tile { outline: 4px solid var(--accent); outline-offset: -4px; }
    .wait { background: var(--sunken); border-radius: var(--radius-m); height: 100%; }
  `,
];
