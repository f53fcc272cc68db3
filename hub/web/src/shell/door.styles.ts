import { base } from "@classhub/ui";
import { css } from "lit";

/** The pages in front of the door: welcome and join. */
export const doorStyles = [
  base,
  css`
    .door {
      max-width: 33rem; margin: 0 auto; padding: var(--space-5) var(--space-4) var(--space-7);
      display: grid; gap: var(--space-5);
    }
    .mark { color: var(--accent); }
    .mark svg { width: 4rem; height: 4rem; }
    .card { padding: var(--space-6) clamp(1.1rem, 5vw, 2.25rem); display: grid; gap: var(--space-3); }
    hub-join-form { margin-top: var(--space-3); }
    .teacher { padding: 0 clamp(1.1rem, 5vw, 2.25rem); display: grid; gap: var(--space-2); }
    code {
      font: 0.95rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; background: var(--sunken);
      padding: 0.6em 0.9em; border-radius: var(--radius-s); justify-self: start;
    }
  `,
];
