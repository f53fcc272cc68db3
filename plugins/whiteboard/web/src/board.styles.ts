import { base } from "@classhub/ui";
import { css } from "lit";

export const boardStyles = [
  base,
  css`
    :host { position: relative; display: grid; grid-template: minmax(0, 1fr) / auto minmax(0, 1fr); min-height: 16rem; height: 100%; background: var(--sunken, #e9e6dd); color: var(--ink, #14221f); container-type: size; }
    .stage { position: relative; grid-area: 1 / 2; min-width: 0; min-height: 0; overflow: hidden; background-color: #fffefb; touch-action: none; user-select: none; -webkit-user-select: none; contain: strict; }
    :host([plain]) .stage { grid-column: 1 / -1; }
    .stage.draws { cursor: crosshair; }
    .stage.hand { cursor: grab; }
    .stage.hand:active { cursor: grabbing; }
    .stage:focus-visible { outline-offset: -3px; }
    .sheets, .sheet, .lower, .upper, .stage > canvas, svg.over, .tips { position: absolute; inset: 0; pointer-events: none; }
    .sheet { transform-origin: 0 0; inset: 0 auto auto 0; width: 0; height: 0; will-change: transform; }
    .sheet canvas, .lower canvas, .upper canvas { position: absolute; max-width: none; }
    .stage > canvas.ghost { inset: 0 auto auto 0; transform-origin: 0 0; filter: drop-shadow(0 4px 8px rgb(20 34 31 / 30%)); }
    .backdrop { position: absolute; left: 0; top: 0; max-width: none; pointer-events: none; }
    svg.over { width: 100%; height: 100%; overflow: hidden; }
    .edge i { position: absolute; left: 0; top: 0; border: 0 dotted rgb(20 34 31 / 16%); border-width: 2px 0 0 2px; pointer-events: none; will-change: transform; }
    .framing { fill: rgb(10 104 108 / 9%); stroke: #0a686c; stroke-width: 1.5; stroke-dasharray: 6 5; }
    .picked { fill: none; stroke: #0a686c; stroke-width: 2; rx: 6px; }
    .grip { fill: #0a686c; stroke: #fff; stroke-width: 2; }
    .arrows { fill: none; stroke: #fff; stroke-width: 2; stroke-linecap: round; }
    .rubbing { fill: rgb(255 255 255 / 55%); stroke: #53625d; stroke-width: 1.5; }
    .tips span { position: absolute; left: 0; top: 0; display: block; width: 0; height: 0; will-change: transform; }
    .tips i { position: absolute; width: 0.7rem; height: 0.7rem; margin: -0.35rem; border-radius: 50%; background: var(--c); opacity: 0.35; }
    .tips b { position: absolute; left: 0.7rem; top: -2rem; white-space: nowrap; font: 600 0.8125rem/1 var(--sans, system-ui, sans-serif); color: #fff; background: color-mix(in srgb, var(--c) 78%, #000); padding: 0.35em 0.6em; border-radius: 0.5em; max-width: 12rem; overflow: hidden; text-overflow: ellipsis; }
    textarea.note { position: absolute; left: 0; top: 0; z-index: 2; color: #241a02; border: 2px solid #0a686c; border-radius: 0.4rem; font: 500 1.25rem/1.25 var(--sans, system-ui, sans-serif); padding: 0.6rem; resize: none; min-height: 0; user-select: text; -webkit-user-select: text; }
    textarea.note::placeholder { color: #5d4b12; opacity: 1; }
    .dock { grid-area: 1 / 1; display: flex; flex-direction: column; gap: 0.15rem; padding: 0.4rem; background: var(--surface, #fffefb); box-shadow: 1px 0 0 var(--line, #dcd8cc); overflow: hidden auto; scrollbar-width: none; align-items: center; position: relative; z-index: 3; }
    .dock .gap { flex: 1 1 0.6rem; }
    .dock hr { border: 0; border-top: 1px solid var(--line, #dcd8cc); width: 70%; margin: 0.2rem 0; flex: none; }
    .dock button { flex: none; border-color: transparent; background: transparent; padding: 0; width: var(--touch); height: var(--touch); }
    .dock button:hover { background: var(--hover, #e4e9e3); }
    .dock button[aria-pressed="true"], .dock button[aria-expanded="true"] { background: var(--accent, #0a686c); color: var(--on-accent, #fff); }
    .dock button svg { width: 1.5rem; height: 1.5rem; }
    .dock .ink i { width: 1.6rem; height: 1.6rem; border-radius: 50%; background: var(--c); box-shadow: 0 0 0 2px var(--surface, #fff), 0 0 0 3.5px var(--line-strong, #8c968f); display: grid; place-content: center; }
    .tray { position: absolute; z-index: 4; left: calc(var(--touch) + 1.3rem); bottom: 0.6rem; max-width: calc(100cqw - var(--touch) - 2rem); background: var(--surface, #fffefb); border-radius: var(--radius-l, 1.15rem); box-shadow: var(--shadow); padding: 0.5rem 0.7rem; display: flex; flex-wrap: wrap; gap: 0.3rem 0.9rem; align-items: center; }
    .tray .set { display: flex; flex-wrap: wrap; gap: 0.1rem; }
    .tray button { border-color: transparent; background: transparent; padding: 0; width: var(--touch); height: var(--touch); display: grid; place-content: center; }
    .tray button:hover { background: var(--hover, #e4e9e3); }
    .tray button[aria-pressed="true"] { background: var(--accent-soft, #d7ebe8); box-shadow: inset 0 0 0 2px var(--accent, #0a686c); }
    .swatch { width: 1.75rem; height: 1.75rem; border-radius: 50%; background: var(--c); box-shadow: inset 0 0 0 1px rgb(0 0 0 / 18%), 0 0 0 1.5px var(--line-strong, #8c968f); }
    .swatch.square { border-radius: 0.35rem; }
    .nib { width: var(--w); height: var(--w); border-radius: 50%; background: currentColor; }
    .tray .wordy { width: auto; padding: 0 0.9rem; grid-auto-flow: column; gap: 0.5rem; }
    .tray .wordy.danger { color: var(--bad, #a5281b); }
    .pill { position: absolute; z-index: 4; left: 50%; bottom: 1rem; transform: translateX(-50%); border-radius: 99px; box-shadow: var(--shadow); }
    .sun, .sun:hover { background: var(--sun, #f4b82e); border-color: var(--sun, #f4b82e); color: var(--on-sun, #241a02); }
    @container (orientation: portrait) or (max-width: 40rem) {
      .stage { grid-area: 1 / 1 / 2 / 3; }
      .dock { grid-area: 2 / 1 / 3 / 3; flex-direction: row; overflow: auto hidden; box-shadow: 0 -1px 0 var(--line, #dcd8cc); justify-content: safe center; padding-bottom: calc(0.4rem + env(safe-area-inset-bottom)); }
      .dock hr { border-top: 0; border-left: 1px solid var(--line, #dcd8cc); height: 70%; width: 0; margin: 0 0.2rem; }
      .tray { left: 50%; transform: translateX(-50%); bottom: calc(var(--touch) + 1.5rem); max-width: calc(100cqw - 1rem); width: max-content; justify-content: center; }
      .pill { bottom: calc(var(--touch) + 1.6rem); }
    }
  `,
];
