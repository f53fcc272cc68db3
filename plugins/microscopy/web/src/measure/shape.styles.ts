import { css } from "lit";

/** What is drawn over a picture, and its scale bar. */
export const shapeStyles = css`
  .yellow { --c: #ffd84a; } .orange { --c: #ff9440; } .red { --c: #ff5e57; }
  .green { --c: #5fe08a; } .blue { --c: #5cb8ff; } .white { --c: #fff; }
  .shape polyline, .shape polygon { fill: none; stroke-linejoin: round; stroke-linecap: round; }
  .shape .line { stroke: var(--c); stroke-width: 2.5; }
  .shape polyline.edge, .shape polygon.edge { stroke: rgb(10 16 15 / 80%); stroke-width: 5.5; }
  .shape polygon.head { fill: var(--c); stroke: rgb(10 16 15 / 80%); stroke-width: 1; }
  .shape .grip { stroke: transparent; stroke-width: 26; pointer-events: stroke; }
  .shape polygon.fill { fill: color-mix(in srgb, var(--c) 16%, transparent); pointer-events: all; }
  .shape .dot { fill: var(--c); }
  .shape circle.edge { fill: rgb(10 16 15 / 80%); }
  .shape.draft .line { stroke-dasharray: 7 6; }
  .selected .line { stroke-width: 3.5; }
  .shape text { font: 650 16px/1 var(--sans); fill: var(--c); paint-order: stroke; stroke: rgb(8 13 12 / 88%); stroke-width: 4px; stroke-linejoin: round; font-variant-numeric: tabular-nums; }
  .shape text.number { font-size: 14px; }
  .scale { position: absolute; left: 1rem; bottom: 1rem; color: #fff; pointer-events: none; display: grid; justify-items: center; gap: 0.3rem; font: 650 1rem/1.1 var(--sans); text-shadow: 0 0 4px #000, 0 1px 2px #000; }
  .scale i { height: 0.4rem; background: #fff; box-shadow: 0 0 0 1.5px rgb(0 0 0 / 75%); }
`;
