import { base } from "@classhub/ui";
import { css } from "lit";

export const equipmentStyles = [
  base,
  css`
    .head { display: flex; flex-wrap: wrap; gap: var(--space-4); align-items: center; justify-content: space-between; }
    section { display: grid; gap: var(--space-4); }
    ul.list { padding: 0; overflow: hidden; }
    ul.list > li {
      display: flex; gap: var(--space-4); align-items: center; padding: var(--space-4) var(--space-5);
      border-bottom: 1px solid var(--line); margin-bottom: -1px; min-height: calc(var(--touch) + 1.5rem);
    }
    li .sign { color: var(--accent); flex: none; }
    li .about { flex: 1 1 16rem; min-width: 0; display: grid; gap: var(--space-1); }
    li .what { overflow-wrap: anywhere; }
    .new > li { border-inline-start: 4px solid var(--sun); }
    details > summary { cursor: pointer; min-height: var(--touch); display: flex; gap: var(--space-2); align-items: center; color: var(--muted); margin-bottom: var(--space-3); }
    details[open] > summary svg { rotate: 180deg; }
    .calm { display: flex; gap: var(--space-4); align-items: center; padding: var(--space-5); }
    .calm svg { color: var(--accent); width: 2.2rem; height: 2.2rem; }
    @media (max-width: 40rem) {
      ul.list > li { flex-wrap: wrap; padding: var(--space-4); }
      li .about { flex-basis: calc(100% - 3.5rem); }
      li > .button, li > button { width: 100%; }
    }
  `,
];
