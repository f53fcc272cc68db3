import { base } from "@classhub/ui";
import { css } from "lit";

export const queueStyles = [
  base,
  css`
    .page { gap: var(--space-5); padding-top: var(--space-4); max-width: 90rem; }
    .printers { display: grid; gap: var(--space-5); grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); align-items: start; }
    .printer, .pad { padding: var(--space-5); display: grid; gap: var(--space-4); min-width: 0; }
    header { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: start; }
    header .chip { margin-top: var(--space-2); }
    .now { color: inherit; text-decoration: none; border-radius: var(--radius-m); overflow: hidden; box-shadow: 0 0 0 1px var(--line); display: block; }
    hub-print-progress { height: 15rem; }
    .plate { display: grid; gap: var(--space-3); padding: var(--space-4); border-radius: var(--radius-m); background: var(--warn-soft); }
    .plate h3 { font: var(--type-heading); overflow-wrap: anywhere; }
    .jobs { display: grid; gap: var(--space-2); }
    li[data-job] { display: flex; align-items: center; gap: var(--space-2); padding: var(--space-2); background: var(--sunken); border-radius: var(--radius-m); min-width: 0; }
    li.held { opacity: 0.55; }
    li.before { box-shadow: 0 -4px 0 var(--accent); }
    .jobs.last li:last-child:not(.held) { box-shadow: 0 4px 0 var(--accent); }
    .grip { cursor: grab; touch-action: none; color: var(--muted); }
    .place { font: var(--type-heading); min-width: 1.6em; text-align: center; color: var(--muted); }
    .what { flex: 1; display: flex; gap: var(--space-3); align-items: center; color: inherit; text-decoration: none; min-width: 0; min-height: var(--touch); }
    .what .grow { display: grid; }
    .what strong { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .picture { position: relative; width: 3.75rem; height: 3.75rem; flex: none; display: grid; place-content: center; background: var(--surface); border-radius: var(--radius-s); color: var(--muted); }
    .picture img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; padding: 3px; }
    .why { color: var(--muted); }
    .order { display: flex; gap: var(--space-1); }
    .empty { display: flex; gap: var(--space-5); align-items: center; padding: var(--space-6); }
    .empty svg { width: 3rem; height: 3rem; color: var(--accent); }
    @media (max-width: 30rem) { .order { flex-direction: column; } .grip { display: none; } }
  `,
];
