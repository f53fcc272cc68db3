import { base } from "@classhub/ui";
import { css } from "lit";

export const boardPageStyles = [
  base,
  css`
    :host { display: grid; grid-template-rows: minmax(0, 1fr); height: 100vh; height: 100dvh; overflow: hidden; background: var(--surface); }
    .frame { display: grid; grid-template: auto minmax(0, 1fr) / minmax(0, 1fr); min-height: 0; min-width: 0; }
    header { display: flex; align-items: center; gap: 0.15rem; padding: 0.3rem var(--space-2); box-shadow: 0 1px 0 var(--line); z-index: 5; position: relative; background: var(--surface); }
    h1 { font: var(--type-heading); margin-inline: 0.3rem; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 0 1 auto; }
    header .grow { flex: 1 1 0; }
    .pages { display: flex; align-items: center; background: var(--sunken); border-radius: var(--radius-m); flex: none; margin-inline: 0.4rem; }
    .pages .number { padding-inline: 0.4rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .count { font-variant-numeric: tabular-nums; }
    .on, .on:hover { background: var(--accent); color: var(--on-accent); }
    .kept { color: var(--good); display: grid; place-content: center; width: 2rem; flex: none; }
    .kept svg { width: 1.3rem; height: 1.3rem; }
    .kept.waits { color: var(--muted); opacity: 0.5; }
    .main { position: relative; min-height: 0; display: grid; }
    hub-board { min-height: 0; }
    aside { position: absolute; z-index: 6; right: 0.75rem; top: 0.75rem; bottom: 0.75rem; width: min(24rem, calc(100% - 1.5rem)); height: fit-content; max-height: calc(100% - 1.5rem); overflow: auto; overscroll-behavior: contain; padding: 0 var(--space-4) var(--space-4); display: grid; gap: var(--space-3); align-content: start; }
    .aside-head { display: flex; align-items: center; justify-content: space-between; position: sticky; top: 0; background: var(--surface); padding-top: var(--space-2); z-index: 1; }
    .part { display: grid; gap: var(--space-2); justify-items: stretch; }
    .part + .part { border-top: 1px solid var(--line); padding-top: var(--space-3); }
    .part > .button, .part > button { justify-content: flex-start; text-align: start; }
    .authors li { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; align-items: center; gap: 0.6rem; padding: 0.25rem 0; border-bottom: 1px solid var(--line); }
    .authors .name { font: var(--type-strong); overflow-wrap: anywhere; }
    .authors .acts { display: flex; flex-wrap: wrap; justify-content: flex-end; max-width: 11rem; }
    .authors .hide { grid-column: 1 / -1; font: var(--type-small); font-weight: 600; padding-inline: 0.6rem; }
    .swatch { width: 1.5rem; height: 1.5rem; border-radius: 50%; background: var(--c); box-shadow: 0 0 0 1.5px var(--line-strong); }
    .list li { display: grid; border-radius: var(--radius-m); }
    .list .here { background: var(--sunken); }
    .list .go { justify-content: flex-start; text-align: start; }
    .list .acts { display: flex; flex-wrap: wrap; padding: 0 0.4rem 0.4rem; }
    .list .acts button { font: var(--type-small); font-weight: 600; padding-inline: 0.7rem; }
    .papers { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 0.4rem; }
    .papers button { flex-direction: column; gap: 0.3rem; padding: 0.4rem 0.2rem; font: var(--type-small); font-weight: 600; border-color: var(--line); }
    .papers button[aria-pressed="true"] { box-shadow: inset 0 0 0 2px var(--accent); }
    .sample { width: 100%; height: 2.4rem; border-radius: 0.3rem; background-color: #fffefb; box-shadow: inset 0 0 0 1px rgb(20 34 31 / 15%); --i: rgb(38 92 122 / 45%); }
    .lines .sample { background-image: linear-gradient(var(--i) 1px, transparent 1px); background-size: 10px 10px; background-position: 0 5px; }
    .squares .sample { background-image: linear-gradient(var(--i) 1px, transparent 1px), linear-gradient(90deg, var(--i) 1px, transparent 1px); background-size: 9px 9px; }
    .dots .sample { background-image: radial-gradient(circle, var(--i) 1.2px, transparent 1.8px); background-size: 9px 9px; }
    .making { display: grid; gap: 0.4rem; }
    .making progress { width: 100%; accent-color: var(--accent); }
    .album { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.4rem; }
    .album button { padding: 0; aspect-ratio: 4 / 3; overflow: hidden; height: auto; }
    .album img { width: 100%; height: 100%; object-fit: cover; }
    .album span { padding: 0.3rem; font: var(--type-small); overflow-wrap: anywhere; }
    .replay { position: absolute; z-index: 6; left: 50%; bottom: 1rem; transform: translateX(-50%); width: min(38rem, calc(100% - 1.5rem)); display: flex; align-items: center; gap: var(--space-3); padding: 0.5rem 0.75rem; }
    .replay input { flex: 1; padding: 0; border: 0; background: none; accent-color: var(--accent); }
    .replay time { font: var(--type-strong); font-variant-numeric: tabular-nums; min-width: 3rem; }
    .trouble { position: absolute; z-index: 7; inset: 0; display: grid; place-content: center; padding: 1rem; background: color-mix(in srgb, var(--paper) 82%, transparent); }
    .trouble hub-notice { max-width: 34rem; box-shadow: var(--shadow); border-radius: var(--radius-m); }
    .wait { position: absolute; inset: 0; pointer-events: none; display: grid; place-content: center; }
    .wait::after { content: ""; width: 2.5rem; height: 2.5rem; border-radius: 50%; border: 4px solid var(--line-strong); border-top-color: var(--accent); animation: turn 900ms linear infinite; }
    @keyframes turn { to { rotate: 1turn; } }
    @media (max-width: 60rem) {
      .pages { margin-inline: 0; }
      header .off { position: absolute; top: calc(100% + 0.5rem); left: 50%; transform: translateX(-50%); width: max-content; max-width: calc(100vw - 1rem); }
    }
    @media (max-width: 48rem) {
      h1 { display: none; }
      aside { inset: auto 0.5rem 0.5rem; top: auto; width: auto; max-height: 70%; }
      .replay { bottom: 5rem; }
    }
  `,
];
