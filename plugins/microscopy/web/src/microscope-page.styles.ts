import { base } from "@classhub/ui";
import { css } from "lit";

export const microscopeStyles = [
  base,
  css`
    :host { display: grid; height: 100vh; height: 100dvh; overflow: hidden; background: #0a0f0e; }
    .stage { display: grid; grid-template: minmax(0, 1fr) auto / minmax(0, 1fr); min-height: 0; }
    .stage.with-controls { grid-template-columns: minmax(0, 1fr) min(23rem, 42vw); }
    .picture { position: relative; min-height: 0; min-width: 0; }
    hub-live-view { position: absolute; inset: 0; --badge-top: 4.6rem; --badge-left: 1rem; }
    header {
      position: absolute; inset: 0 0 auto 0; display: flex; align-items: center; gap: var(--space-2);
      padding: var(--space-3) var(--space-4); color: #fff;
      background: linear-gradient(rgb(6 11 10 / 72%), transparent);
    }
    h1 {
      font: var(--type-heading); display: flex; align-items: center; gap: 0.6em; min-width: 0;
      text-shadow: 0 1px 3px rgb(0 0 0 / 60%);
    }
    .lens { font: var(--type-small); font-weight: 700; padding: 0.15em 0.65em; border-radius: 99px; border: 1.5px solid rgb(255 255 255 / 65%); white-space: nowrap; }
    h1 .name { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .over, .over:hover { background: rgb(8 14 13 / 60%); color: #fff; border-color: rgb(255 255 255 / 28%); }
    .over:hover { background: rgb(8 14 13 / 82%); }
    .scale {
      position: absolute; left: 1rem; bottom: 1rem; color: #fff; pointer-events: none; display: grid; justify-items: center; gap: 0.3rem;
      font: 650 1rem/1.1 var(--sans); text-shadow: 0 0 4px #000, 0 1px 2px #000; font-variant-numeric: tabular-nums;
    }
    .scale i { height: 0.4rem; background: #fff; box-shadow: 0 0 0 1.5px rgb(0 0 0 / 75%); }
    .trouble { position: absolute; inset: auto var(--space-4) var(--space-4); max-width: 40rem; margin: auto; }
    footer {
      grid-column: 1; display: grid; grid-template-columns: minmax(0, 1fr) auto minmax(0, 1fr); gap: var(--space-4); align-items: center;
      padding: var(--space-3) var(--space-4) calc(var(--space-3) + env(safe-area-inset-bottom)); background: #0a0f0e; color: #cbd6d1;
    }
    .strip { mask-image: linear-gradient(to right, #000 calc(100% - 2rem), transparent); display: flex; gap: var(--space-2); min-width: 0; overflow-x: auto; overflow-y: hidden; padding: 4px; scrollbar-width: none; }
    .strip li { flex: none; }
    .strip a { display: block; width: 5.4rem; height: 3.6rem; border-radius: var(--radius-s); overflow: hidden; background: #1b2523; }
    .strip a:focus-visible { outline-offset: 1px; }
    .strip img { width: 100%; height: 100%; object-fit: cover; }
    .strip.nothing { mask-image: none; font: var(--type-small); color: #9fb0aa; align-self: center; }
    .take { display: flex; gap: var(--space-3); align-items: center; justify-content: center; flex-wrap: wrap; }
    .album { justify-self: end; background: transparent; color: #eaf1ee; border-color: rgb(255 255 255 / 30%); }
    .album:hover { background: rgb(255 255 255 / 10%); }
    aside {
      grid-row: 1 / span 2; grid-column: 2; background: var(--surface); color: var(--ink); overflow: auto; overscroll-behavior: contain;
      padding: var(--space-3) var(--space-5) var(--space-6);
    }
    .aside-head { display: flex; align-items: center; justify-content: space-between; margin-bottom: var(--space-3); margin-inline-end: calc(-1 * var(--space-3)); }
    @media (max-width: 48rem), (max-width: 62rem) and (orientation: portrait) {
      .wide, .album span { display: none; }
      h1 { flex-direction: column; align-items: start; gap: 0.15rem; font: var(--type-strong); flex: 0 1 auto; }
      h1 .name { max-width: 100%; }
      .album { width: max(3.75rem, 60px); height: max(3.75rem, 60px); padding: 0; border-radius: 50%; }
      .stage.with-controls { grid-template: minmax(0, 1fr) auto auto / minmax(0, 1fr); }
      aside { grid-row: 2; grid-column: 1; max-height: 44vh; padding-top: var(--space-2); border-radius: var(--radius-l) var(--radius-l) 0 0; }
      .aside-head { position: sticky; top: calc(-1 * var(--space-2)); background: var(--surface); z-index: 1; }
      footer { grid-template-columns: minmax(0, 1fr) auto; }
      .strip { grid-column: 1 / -1; }
      hub-capture-button { flex: 0 1 28rem; }
      .stage.with-controls .strip { display: none; }
    }
    @media (max-width: 62rem) and (min-width: 48.01rem) and (orientation: landscape) {
      .album span { display: none; }
    }
  `,
];
