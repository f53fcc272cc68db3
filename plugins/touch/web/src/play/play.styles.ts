import { base } from "@classhub/ui";
import { css, unsafeCSS } from "lit";
import { places } from "../model.js";

/** The colours of teams: told apart on light and dark ground, with white words on them. */
export const COLOURS = ["#1f5fae", "#a3370f", "#1d6b3c", "#6d3a9c"] as const;

/** Where each of so many teams is: the page's policy lets no style stand in the markup. */
const PLACES = [2, 3, 4]
  .flatMap((teams) =>
    places(teams).map(
      ({ x, y, width, height, turn }, at) =>
        `.of${teams}.at${at} { left: ${x * 100}%; top: ${y * 100}%; width: ${width * 100}%; height: ${height * 100}%; rotate: ${turn}deg; }`,
    ),
  )
  .concat(COLOURS.map((colour, at) => `.at${at} { --team: ${colour}; }`))
  .join("\n");

/** The table's surface, its places turned to each side, large words. */
export const playStyles = [
  base,
  css`
    :host { position: absolute; inset: 0; touch-action: none; user-select: none; -webkit-user-select: none; overflow: hidden; }
    .place { position: absolute; container-type: size; padding: 4px; }
    .team {
      height: 100%; border-radius: var(--radius-l); background: var(--surface); border: 4px solid var(--team);
      display: grid; grid-template-rows: auto minmax(0, 1fr); overflow: hidden; color: var(--ink);
    }
    .name {
      background: var(--team); color: #fff; display: flex; justify-content: space-between; gap: 1em; align-items: center;
      padding: 0.35em calc(var(--touch) + 0.6em); font-weight: 700; font-size: clamp(1rem, 5cqmin, 2.6rem);
    }
    .body { display: grid; gap: 2.5cqmin; padding: 3cqmin; min-height: 0; overflow: hidden; }
    button[data-tap] { touch-action: none; }
  `,
  unsafeCSS(PLACES),
];
