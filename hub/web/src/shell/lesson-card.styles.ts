import { base } from "@classhub/ui";
import { css } from "lit";

export const lessonCardStyles = [
  base,
  css`
    .card { display: flex; flex-wrap: wrap; gap: var(--space-6); padding: clamp(1.4rem, 3.5vw, 2.75rem); position: relative; overflow: hidden; }
    /* A quarter of the shanyrak looks in at the corner: ours, and quiet. */
    .card::after {
      content: ""; position: absolute; right: -9rem; bottom: -9rem; width: 20rem; height: 20rem;
      border-radius: 50%; border: 2.2rem solid var(--accent-soft); opacity: 0.6; pointer-events: none;
    }
    .card > * { position: relative; z-index: 1; }
    .words { flex: 1 1 20rem; min-width: 0; display: grid; gap: var(--space-3); justify-items: start; align-content: start; }
    .words h2 { font: var(--type-title); letter-spacing: -0.015em; }
    .words p { max-width: 36rem; }
    .begin .fields { flex: 1 1 19rem; display: grid; gap: var(--space-4); align-content: center; }
    .begin input { margin-top: var(--space-2); }
    .sun, .sun:hover { background: var(--sun); border-color: var(--sun); color: var(--on-sun); }
    .sun:hover { filter: brightness(0.96); }
    .now { background: var(--accent-soft); }
    .joined { display: inline-flex; align-items: center; gap: 0.6em; min-height: var(--touch); font: var(--type-strong); }
    .invitation { display: flex; flex-wrap: wrap; gap: var(--space-5); align-items: center; flex: 0 1 auto; }
    .showqr { padding: 0; border-radius: var(--radius-m); }
    .qr { background: #fff; border-radius: var(--radius-m); width: 11.5rem; height: 11.5rem; padding: 0.25rem; }
    .invitation .by { display: grid; gap: var(--space-1); justify-items: start; }
    .address { font: var(--type-strong); word-break: break-all; }
    .digits {
      font: 750 2.75rem/1.1 var(--sans); letter-spacing: 0.05em; font-variant-numeric: tabular-nums;
      margin-bottom: var(--space-2); white-space: nowrap;
    }
    .digits span { display: inline-block; width: 0.35em; }
    .poster {
      display: grid; grid-template-columns: auto minmax(0, 1fr); gap: clamp(1.5rem, 5vw, 6rem);
      align-items: center; justify-content: center; max-width: 100rem; margin: auto; padding: 1rem 3vw;
    }
    .poster .qr { width: min(44vw, 70vh); height: min(44vw, 70vh); padding: 0.75rem; border-radius: var(--radius-l); }
    .poster .by { display: grid; gap: clamp(0.75rem, 2.5vh, 2rem); }
    .poster .step { font: var(--type-title); }
    .poster .or { font: 400 clamp(1.1rem, 1.8vw, 1.75rem)/1.4 var(--sans); }
    .poster .digits { font-size: clamp(3.5rem, 9.5vw, 11rem); margin: 0; color: var(--accent); }
    .poster .count { display: flex; gap: 0.6em; align-items: center; font: var(--type-heading); }
    @media (max-width: 48rem) {
      .poster { grid-template-columns: minmax(0, 1fr); justify-items: center; text-align: center; }
      .poster .by { justify-items: center; }
      .poster .qr { width: min(78vw, 46vh); height: min(78vw, 46vh); }
      .poster .digits { font-size: clamp(3.25rem, 16vw, 6rem); }
    }
  `,
];
