import { css } from "lit";

/** What every element's shadow root starts from: type, buttons, fields, cards, focus. */
export const base = css`
  :host { display: block; }
  :host([hidden]), [hidden] { display: none !important; }
  *, *::before, *::after { box-sizing: border-box; }
  h1, h2, h3, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
  ul, ol { list-style: none; }
  h1 { font: var(--type-title); letter-spacing: -0.015em; text-wrap: balance; }
  h2 { font: var(--type-heading); letter-spacing: -0.01em; text-wrap: balance; }
  h3 { font: var(--type-strong); }
  h1, h2, h3, p, li, dd, dt, label, button, a { overflow-wrap: break-word; min-width: 0; }
  p { text-wrap: pretty; }
  a { color: var(--accent); text-underline-offset: 0.2em; }
  img, svg { display: block; }
  svg { width: 1.5rem; height: 1.5rem; flex: none; }
  :focus { outline: none; }
  :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }

  .muted { color: var(--muted); }
  .small { font: var(--type-small); }
  .stack { display: grid; gap: var(--space-4); justify-items: start; }
  .row { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; }
  .grow { flex: 1 1 auto; min-width: 0; }
  .visually-hidden {
    position: absolute; width: 1px; height: 1px; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap;
  }
  .page {
    max-width: 76rem; margin: 0 auto; padding: var(--space-6) var(--gutter) var(--space-9);
    display: grid; gap: var(--space-7);
  }
  .card { background: var(--surface); border-radius: var(--radius-l); box-shadow: var(--shadow); }

  button, .button {
    font: var(--type-strong); color: var(--ink); background: var(--surface);
    border: 1px solid var(--line-strong); border-radius: var(--radius-m);
    min-height: var(--touch); min-width: var(--touch); padding: 0.5em 1.1em;
    display: inline-flex; align-items: center; justify-content: center; gap: 0.6em;
    text-decoration: none; text-align: center; cursor: pointer; max-width: 100%;
    -webkit-tap-highlight-color: transparent; touch-action: manipulation;
    transition: background-color 120ms, border-color 120ms, color 120ms, transform 80ms;
  }
  button:hover, .button:hover { background: var(--hover); }
  button:active, .button:active { transform: translateY(1px); }
  button:disabled { opacity: 0.5; cursor: default; transform: none; }
  button svg, .button svg { width: 1.3em; height: 1.3em; flex: none; }
  .primary, .primary:hover { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
  .primary:hover { background: var(--accent-deep); border-color: var(--accent-deep); }
  .big { font: var(--type-heading); min-height: calc(var(--touch) * 1.45); padding: 0.6em 1.5em; border-radius: var(--radius-l); }
  .quiet { background: transparent; border-color: transparent; }
  .quiet:hover { background: var(--hover); }
  .danger { color: var(--bad); }
  .icon { padding: 0; width: var(--touch); flex: none; }

  label { font: var(--type-strong); display: block; }
  input, select, textarea {
    font: var(--type-body); color: var(--ink); background: var(--field);
    border: 1px solid var(--line-strong); border-radius: var(--radius-m);
    min-height: var(--touch); padding: 0.5em 0.8em; width: 100%; min-width: 0;
  }
  textarea { min-height: 5.5rem; resize: vertical; }
  input::placeholder, textarea::placeholder { color: var(--muted); opacity: 1; }
  progress {
    appearance: none; width: 100%; height: 0.5rem; border: 0; border-radius: 99px;
    overflow: hidden; background: var(--sunken);
  }
  progress::-webkit-progress-bar { background: var(--sunken); }
  progress::-webkit-progress-value { background: var(--accent); }
  progress::-moz-progress-bar { background: var(--accent); }

  .chip {
    display: inline-flex; align-items: center; gap: 0.45em; font: var(--type-small);
    font-weight: 600; padding: 0.3em 0.75em; border-radius: 99px; background: var(--sunken);
    color: var(--ink); max-width: 100%;
  }
  .chip svg { width: 1.1em; height: 1.1em; flex: none; }
  .dot { width: 0.6em; height: 0.6em; border-radius: 50%; background: var(--muted); flex: none; }
  .dot.good { background: var(--good); }
  .dot.warn { background: var(--warn); }
  .dot.bad { background: var(--bad-mark); }

  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation-duration: 1ms !important; transition: none !important; }
  }
`;
