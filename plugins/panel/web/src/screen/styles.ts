import { css } from "lit";

/** Dark and calm, as the screen is where nothing is shown. */
export const screen = css`
  :host { display: grid; container-type: size; background: #0a0f0e; color: #f4f8f6; overflow: hidden; }
  .said { place-self: center; color: #cbd6d1; font: var(--type-heading); text-align: center; padding: 2rem; }
`;
