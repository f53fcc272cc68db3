import { base } from "@classhub/ui";
import { css } from "lit";

export const homeStyles = [
  base,
  css`
    .devices { display: grid; gap: var(--space-4); }
    /* What has a picture is as tall as two of those that have none: a class has fifteen pens. */
    .grid { display: grid; gap: var(--space-5); grid-auto-flow: dense; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
    .grid > li { display: grid; }
    .tall { grid-row: span 2; }
    .device { overflow: hidden; display: flex; flex-direction: column; }
    .main { display: flex; flex-direction: column; flex: 1; color: inherit; text-decoration: none; }
    .main:focus-visible { outline-offset: -3px; border-radius: var(--radius-l); }
    .main:hover h3 { color: var(--accent); }
    .text { padding: var(--space-4) var(--space-5) var(--space-4); display: grid; gap: var(--space-1); justify-items: start; }
    .text h3 { font: var(--type-heading); }
    .chip { margin-top: var(--space-2); }
    .hint { font: var(--type-small); margin-top: var(--space-1); }
    .open {
      display: flex; align-items: center; justify-content: space-between; justify-self: stretch; gap: 0.5em;
      margin-top: var(--space-3); min-height: var(--touch); padding: 0 1.1em; border-radius: var(--radius-m);
      background: var(--accent); color: var(--on-accent); font: var(--type-strong);
    }
    .open svg { width: 1.3em; height: 1.3em; }
    .main:hover .open { background: var(--accent-deep); }
    .short .main { flex-direction: row; align-items: start; gap: var(--space-4); padding: var(--space-4) var(--space-5); }
    .short .text { flex: 1; min-width: 0; padding: 0; }
    .kind {
      flex: none; width: 3.5rem; height: 3.5rem; display: grid; place-content: center; border-radius: var(--radius-m);
      background: var(--sunken); color: var(--muted);
    }
    .kind svg { width: 1.9rem; height: 1.9rem; }
    .onward { flex: none; align-self: center; color: var(--accent); }
    .onward svg { display: block; width: 1.5rem; height: 1.5rem; }
    .details {
      position: relative; display: flex; align-items: center; justify-content: space-between; gap: var(--space-2);
      padding: 0 var(--space-5); min-height: var(--touch); border-top: 1px solid var(--line);
      font: var(--type-strong); text-decoration: none; color: var(--muted);
    }
    .details:hover { color: var(--accent); background: var(--hover); }
    .details:focus-visible { outline-offset: -3px; }
    .details svg { width: 1.2rem; height: 1.2rem; }
    .empty { padding: var(--space-6); display: flex; gap: var(--space-5); align-items: start; }
    .empty > svg { width: 2.75rem; height: 2.75rem; color: var(--accent); flex: none; }
    .empty p { max-width: 36rem; }
  `,
];
