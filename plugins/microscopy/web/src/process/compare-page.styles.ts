import { base } from "@classhub/ui";
import { css } from "lit";

export const compareStyles = [
  base,
  css`
    :host { display: grid; grid-template-rows: auto minmax(0, 1fr); height: 100vh; height: 100dvh; background: #0a0f0e; color: #eaf1ee; }
    header { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-3); padding: var(--space-3) var(--space-4); }
    h1 { font: var(--type-heading); flex: 1 1 8rem; }
    .over, .over:hover { background: rgb(255 255 255 / 10%); color: #fff; border-color: rgb(255 255 255 / 28%); }
    .ways { display: flex; }
    .ways button:first-child { border-start-end-radius: 0; border-end-end-radius: 0; }
    .ways button:last-child { border-start-start-radius: 0; border-end-start-radius: 0; border-inline-start: 0; }
    .ways .over[aria-pressed="true"] { background: #66cfc8; color: #04211f; border-color: #66cfc8; }
    .views { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); gap: 4px; min-height: 0; touch-action: none; cursor: grab; isolation: isolate; }
    @media (orientation: portrait) { .views { grid-auto-flow: row; grid-auto-rows: minmax(0, 1fr); } }
    figure { position: relative; overflow: hidden; min-height: 0; background: #000; }
    .views.blink { grid-auto-flow: row; grid-template: minmax(0, 1fr) / minmax(0, 1fr); }
    .views.blink figure { grid-area: 1 / 1; }
    /* Below the other one and not hidden: it stays drawn, and a slow computer shows no black between both. */
    .views.blink figure.hidden { z-index: -1; }
    img { width: 100%; height: 100%; object-fit: contain; transform-origin: 0 0; user-select: none; -webkit-user-drag: none; }
    figcaption {
      position: absolute; left: 0.75rem; top: 0.75rem; max-width: calc(100% - 1.5rem); background: rgb(8 14 13 / 78%); color: #fff;
      padding: 0.5em 0.9em; border-radius: var(--radius-m); font: var(--type-small); pointer-events: none; display: grid; gap: 0.15rem;
    }
    figcaption b { font: var(--type-strong); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    figcaption span { overflow-wrap: anywhere; }
    .scale {
      position: absolute; left: 1rem; bottom: 1rem; color: #fff; pointer-events: none; display: grid; justify-items: center; gap: 0.3rem;
      font: 650 1rem/1.1 var(--sans); text-shadow: 0 0 4px #000, 0 1px 2px #000; font-variant-numeric: tabular-nums;
    }
    .scale i { height: 0.4rem; background: #fff; box-shadow: 0 0 0 1.5px rgb(0 0 0 / 75%); }
    .note {
      position: absolute; left: 50%; translate: -50% 0; bottom: 0.9rem; width: max-content; max-width: calc(100% - 2rem); z-index: 1; pointer-events: none;
      background: #f4b82e; color: #241a02; border-radius: 99px; padding: 0.45em 1em; font: var(--type-small); font-weight: 600; text-align: center;
    }
    .room { position: relative; min-height: 0; display: grid; }
    .empty { place-content: center; justify-items: center; gap: var(--space-4); padding: var(--space-6); text-align: center; display: grid; }
    .empty svg { width: 3rem; height: 3rem; color: #66cfc8; }
  `,
];
