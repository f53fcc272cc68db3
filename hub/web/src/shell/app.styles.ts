import { base } from "@classhub/ui";
import { css } from "lit";

export const appStyles = [
  base,
  css`
    :host { min-height: 100vh; min-height: 100dvh; display: flex; flex-direction: column; }
    main { flex: 1; min-width: 0; }
    main:focus { outline: none; }
    main.immersive { display: grid; }
    .skip {
      position: fixed; z-index: 100; top: 0.5rem; left: 0.5rem; padding: 0.8rem 1.2rem;
      background: var(--ink); color: var(--paper); border-radius: var(--radius-m); translate: 0 -6rem;
    }
    .skip:focus, .skip:focus:hover { translate: 0 0; background: var(--ink); }
    header {
      display: flex; align-items: center; gap: var(--space-4); position: relative; z-index: 20;
      padding: var(--space-2) var(--gutter); min-height: 4rem; container: bar / inline-size;
    }
    .brand {
      display: flex; align-items: center; gap: 0.7rem; color: var(--ink); text-decoration: none;
      font: var(--type-strong); min-height: var(--touch); min-width: var(--touch); flex: 0 1 auto; max-width: 16rem;
    }
    .brand svg { color: var(--accent); width: 2.1rem; height: 2.1rem; flex: none; }
    .brand span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    nav a {
      display: flex; align-items: center; color: var(--muted); text-decoration: none;
      font: var(--type-strong); min-height: var(--touch);
    }
    nav a svg { flex: none; }
    nav a[aria-current] { color: var(--accent); }
    nav.top { display: flex; gap: var(--space-1); margin-inline-start: var(--space-4); min-width: 0; }
    nav.top .links { display: flex; gap: var(--space-1); min-width: 0; overflow-x: auto; scrollbar-width: none; }
    .rest { position: relative; flex: none; }
    .rest > button { color: var(--muted); }
    .rest > button.here, .rest > button[aria-expanded="true"] { color: var(--accent); }
    .rest .menu { width: max-content; max-width: 90vw; padding: var(--space-2); gap: var(--space-1); z-index: 30; }
    nav .rest .menu a { flex-direction: row; justify-content: start; gap: var(--space-3); padding: 0 var(--space-4); border-radius: var(--radius-m); font: var(--type-strong); text-align: start; white-space: nowrap; }
    nav .rest .menu a svg { display: block; width: 1.4rem; height: 1.4rem; }
    nav .rest .menu a:hover { background: var(--hover); }
    nav .rest .menu a[aria-current] { background: var(--accent-soft); }
    nav.top a { gap: 0.5rem; padding: 0 0.9rem; white-space: nowrap; border-radius: var(--radius-m); flex: none; }
    nav.top a svg { width: 1.25rem; height: 1.25rem; }
    nav.top a:hover { background: var(--hover); }
    nav.top a[aria-current] { background: var(--accent-soft); }
    nav.bottom { display: none; }
    .tools { margin-inline-start: auto; display: flex; align-items: center; gap: var(--space-1); }
    .languages { display: flex; }
    .languages button { padding: 0 0.55rem; color: var(--muted); font-size: 0.9375rem; }
    .languages button[aria-pressed="true"] {
      color: var(--ink); text-decoration: underline 0.14em var(--sun); text-underline-offset: 0.35em;
    }
    .person { position: relative; }
    .person .name { max-width: 12rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .menu { position: absolute; right: 0; top: calc(100% + 0.4rem); padding: var(--space-4); display: grid; gap: var(--space-3); min-width: 15rem; }
    .trouble { max-width: 76rem; margin: 0 auto; padding: var(--space-4) var(--gutter); }
    .trouble.passing {
      position: fixed; z-index: 30; inset: auto 0 calc(env(safe-area-inset-bottom) + 1rem) 0; width: min(40rem, 100vw);
      padding-block: 0; filter: drop-shadow(0 8px 24px rgb(0 0 0 / 30%));
    }
    .wait {
      width: 2.75rem; height: 2.75rem; margin: 20vh auto; border-radius: 50%;
      border: 3px solid var(--line); border-top-color: var(--accent); animation: turn 1.1s linear infinite;
    }
    @keyframes turn { to { rotate: 1turn; } }
    /* Six pages in Kazakh or Russian beside the school's name: the words stay, the drawings go. */
    @container bar (max-width: 104rem) {
      nav.top { margin-inline-start: 0; }
      nav.top a svg { display: none; }
      nav.top a { padding: 0 0.75rem; }
      .person .name { max-width: 7.5rem; }
    }
    @container bar (max-width: 84rem) {
      nav.top a { padding: 0 0.55rem; }
      .person .name { display: none; }
    }
    @container bar (max-width: 70rem) {
      nav.top a { padding: 0 0.45rem; font-size: 0.9375rem; }
      .brand { max-width: 9rem; }
    }
    @media (max-width: 56rem) {
      header { padding-inline: var(--space-4) var(--space-2); gap: var(--space-2); }
      nav.top { display: none; }
      main { padding-bottom: calc(4.25rem + env(safe-area-inset-bottom)); }
      main.immersive { padding-bottom: 0; }
      .trouble.passing { bottom: calc(env(safe-area-inset-bottom) + 5rem); }
      nav.bottom {
        display: flex; position: fixed; inset: auto 0 0 0; z-index: 20; background: var(--surface);
        box-shadow: 0 -1px 0 var(--line); padding-bottom: env(safe-area-inset-bottom);
      }
      nav.bottom a {
        flex: 1; flex-direction: column; justify-content: center; gap: 0.15rem; padding: 0.55rem 0.25rem;
        font: 600 0.75rem/1.2 var(--sans); text-align: center; min-width: 0;
      }
      nav.bottom .links { display: contents; }
      nav.bottom .rest { flex: 1; display: grid; }
      nav.bottom .rest > button { flex-direction: column; gap: 0.15rem; padding: 0.55rem 0.25rem; font: 600 0.75rem/1.2 var(--sans); min-width: 0; border: 0; }
      nav.bottom .rest > button svg { width: 1.5rem; height: 1.5rem; }
      nav.bottom .rest .menu { position: fixed; top: auto; right: var(--space-2); bottom: calc(4.6rem + env(safe-area-inset-bottom)); max-height: 70vh; overflow-y: auto; }
      nav.bottom span { max-width: 100%; overflow: hidden; text-overflow: ellipsis; }
    }
    @media (max-width: 26rem) {
      :host { --touch: 2.75rem; }
      header { padding-inline: var(--space-2) var(--space-1); gap: var(--space-1); }
      .tools { gap: 0; }
      .brand span { display: none; }
    }
    @media print {
      header, nav.bottom, .skip { display: none; }
      main { padding: 0; }
    }
  `,
];
