import { base } from "@classhub/ui";
import { css } from "lit";

export const helpStyles = [
  base,
  css`
    .page { gap: var(--space-5); }
    .guides { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
    .guides a {
      display: flex; align-items: center; gap: var(--space-3); padding: var(--space-5); height: 100%;
      color: var(--ink); text-decoration: none; font: var(--type-heading);
    }
    .guides a:hover { background: var(--hover); }
    .guides svg { color: var(--accent); width: 1.8rem; height: 1.8rem; }
    .guides a[aria-current] { background: var(--accent-soft); }
  `,
];

export const guideStyles = [
  ...helpStyles,
  css`
    .tools { display: flex; flex-wrap: wrap; gap: var(--space-2); }
    .tools .grow { flex: 1; }
    .text { display: grid; gap: var(--space-5) var(--space-7); align-items: start; }
    nav.chapters { padding: var(--space-4); }
    nav.chapters ol { display: block; columns: 15rem; column-gap: var(--space-4); }
    nav.chapters li { break-inside: avoid; }
    nav.chapters a {
      display: flex; align-items: center; min-height: var(--touch); padding: 0.35rem var(--space-3);
      border-radius: var(--radius-m); text-decoration: none; font: var(--type-body); line-height: 1.3;
    }
    nav.chapters a:hover { background: var(--hover); }
    nav.chapters a[aria-current] { background: var(--accent-soft); font-weight: 600; }

    article { max-width: 46rem; font-size: 1.0625rem; line-height: 1.65; display: grid; gap: var(--space-6); min-width: 0; }
    article > *, section { display: grid; gap: var(--space-4); min-width: 0; grid-template-columns: minmax(0, 1fr); }
    article h1 { display: block; }
    section { scroll-margin-top: var(--space-4); }
    section h2 { font: 700 1.4rem/1.25 var(--sans); padding-top: var(--space-4); border-top: 1px solid var(--line); }
    section h2:focus { outline: none; }
    h3 { padding-top: var(--space-2); }
    ul, ol { display: grid; gap: var(--space-2); }
    article ul { list-style: disc; padding-inline-start: 1.4em; }
    article ol { list-style: decimal; padding-inline-start: 1.6em; }
    li::marker { color: var(--accent); font-weight: 600; }
    li { padding-inline-start: 0.2em; }
    li > ul, li > ol { margin-top: var(--space-2); }
    strong { font-weight: 650; }
    em { font-style: italic; }
    code { font-size: 0.92em; background: var(--sunken); border-radius: var(--radius-s); padding: 0.1em 0.35em; overflow-wrap: anywhere; }
    pre { margin: 0; padding: var(--space-4); background: var(--sunken); border-radius: var(--radius-m); overflow-x: auto; }
    pre code { padding: 0; background: none; overflow-wrap: normal; }
    blockquote { margin: 0; padding-inline-start: var(--space-4); border-inline-start: 4px solid var(--sun); display: grid; gap: var(--space-3); }
    img {
      width: 100%; height: auto; aspect-ratio: auto 16 / 9; border-radius: var(--radius-m); box-shadow: var(--shadow);
      background: var(--sunken);
    }
    table { border-collapse: collapse; width: 100%; line-height: 1.5; }
    th, td { text-align: start; vertical-align: top; padding: var(--space-3); border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
    th { font: var(--type-strong); color: var(--muted); }
    th:first-child, td:first-child { padding-inline-start: 0; }
    hr { border: 0; border-top: 1px solid var(--line); width: 100%; margin: 0; }

    @media (min-width: 72rem) {
      .text { grid-template-columns: 17rem minmax(0, 46rem); justify-content: center; }
      nav.chapters { position: sticky; top: var(--space-4); max-height: calc(100vh - 2 * var(--space-4)); overflow-y: auto; }
      nav.chapters ol { columns: auto; }
    }
    @media (max-width: 40rem) {
      table, tbody, tr, td, th, thead { display: block; }
      td, th { padding-inline: 0; }
      tr { border-bottom: 1px solid var(--line); padding-block: var(--space-2); }
      td, th { border: 0; padding-block: var(--space-1); }
      td:first-child { font-weight: 600; }
      thead { display: none; }
    }
    @media print {
      :host {
        --ink: #000; --muted: #333; --accent: #000; --paper: #fff; --line: #999; --sunken: #eee; --shadow: none;
        color: #000;
      }
      .page { display: block; padding: 0; max-width: none; }
      .tools, nav.chapters { display: none; }
      .text { display: block; }
      article { max-width: none; font-size: 11pt; line-height: 1.4; display: block; }
      section, article > div { display: block; }
      section > *, article > div > * { margin-top: 0.6rem; }
      section h2 { font-size: 14pt; break-after: avoid; margin-top: 1.2rem; }
      h3 { break-after: avoid; }
      li, tr, img, blockquote { break-inside: avoid; }
      img { max-width: 15cm; width: auto; max-height: 9cm; margin-inline: auto; }
    }
  `,
];
