import { base } from "@classhub/ui";
import { css } from "lit";

export const healthStyles = [
  base,
  css`
    section { display: grid; gap: var(--space-4); }
    .verdict {
      display: flex; gap: var(--space-5); align-items: center; padding: var(--space-5) var(--space-6);
      border-radius: var(--radius-l); background: var(--surface); box-shadow: var(--shadow);
      border-inline-start: 0.6rem solid var(--good);
    }
    .verdict.warn { border-color: var(--warn); background: var(--warn-soft); }
    .verdict.bad { border-color: var(--bad-mark); background: var(--bad-soft); }
    .verdict svg { width: 2.6rem; height: 2.6rem; }
    .verdict.good svg { color: var(--good); }
    .verdict.bad svg { color: var(--bad); }
    .verdict { flex-wrap: wrap; }
    .verdict .grow { flex: 1 1 12rem; }
    .verdict svg { flex: none; }
    .verdict button svg { width: 1.25em; height: 1.25em; }
    .verdict p { font: var(--type-body); }
    .todo { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(24rem, 100%), 1fr)); }
    .todo li { padding: var(--space-5); display: grid; gap: var(--space-2); border-inline-start: 4px solid var(--warn); align-content: start; }
    .todo li.bad { border-color: var(--bad-mark); }
    .todo .now { font: var(--type-strong); color: var(--bad); }
    hub-health-alerts { display: grid; gap: var(--space-4); }
    :host(hub-health-alerts) { display: grid; gap: var(--space-4); }
    .row { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-3); }
    .names { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-3); }
    .todo .names li { padding: 0.2rem 0.7rem; border: 0; display: inline-flex; }
    .calm svg { vertical-align: middle; margin-inline-end: var(--space-2); }
    form.note { display: grid; gap: var(--space-3); }
    form.note label { display: grid; gap: var(--space-2); }
    ul.list > li {
      display: grid; grid-template-columns: auto minmax(10rem, 1fr) auto 4.5rem auto; gap: var(--space-4); align-items: center;
      padding: var(--space-3) var(--space-5); border-bottom: 1px solid var(--line); min-height: calc(var(--touch) + 1rem);
    }
    ul.list > li:last-child { border-bottom: 0; }
    .sign { color: var(--accent); position: relative; }
    .sign .dot { position: absolute; inset: auto -0.25rem -0.15rem auto; width: 0.8em; height: 0.8em; border: 2px solid var(--surface); box-sizing: content-box; }
    .week { display: flex; gap: var(--space-1); }
    .week .day { display: grid; justify-items: center; gap: 2px; width: 1.7rem; font: 500 0.7rem/1 var(--sans); color: var(--muted); }
    .week i { display: block; width: 1.25rem; height: 1.25rem; border-radius: var(--radius-s); background: var(--sunken); }
    .week i.good { background: var(--good); }
    .week i.warn { background: var(--warn); }
    .week i.bad { background: var(--bad-mark); }
    .share { text-align: end; font: var(--type-strong); font-variant-numeric: tabular-nums; }
    .tiles { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); }
    .tile { padding: var(--space-4) var(--space-5); display: grid; gap: var(--space-2); }
    .tile strong { font: 700 1.6rem/1.1 var(--sans); font-variant-numeric: tabular-nums; }
    .tile .dot { display: inline-block; vertical-align: 0.1em; }
    .log { padding: var(--space-2) var(--space-5); }
    .log li { display: grid; grid-template-columns: 9.5rem auto minmax(0, 1fr); gap: var(--space-3); align-items: baseline; padding: var(--space-2) 0; border-bottom: 1px solid var(--line); }
    .log li:last-child { border-bottom: 0; }
    .log time { color: var(--muted); font-variant-numeric: tabular-nums; }
    .calm { padding: var(--space-5); }
    .head { display: flex; flex-wrap: wrap; gap: var(--space-3); justify-content: space-between; align-items: baseline; }
    .head h1 { margin-inline-end: auto; }
    @media (max-width: 36rem) {
      ul.list .week { grid-column: 2 / -1; grid-row: 2; }
    }
    @media (max-width: 52rem) {
      ul.list > li { grid-template-columns: auto minmax(0, 1fr) auto 3.8rem auto; column-gap: var(--space-3); }
      ul.list .word { display: none; }
      .log li { grid-template-columns: auto minmax(0, 1fr); }
      .log time { grid-column: 1 / -1; }
    }
  `,
];
