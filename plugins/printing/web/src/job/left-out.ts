import { base, define, HubElement, icon, number, t, tn } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";
import type { LeftOut } from "../model.js";

/** What of the G-code the printer is not sent: why, how many lines, and which commands. */
class LeftOutPart extends HubElement {
  static override properties = {
    kinds: { attribute: false },
    open: { type: Boolean },
    over: { type: Boolean },
  };
  static override styles = [
    base,
    css`
      details { padding: var(--space-3) var(--space-5); }
      details[open] { display: grid; gap: var(--space-3); padding-bottom: var(--space-4); }
      summary { min-height: var(--touch); display: flex; align-items: center; gap: 0.6em; font: var(--type-strong); cursor: pointer; }
      summary svg { color: var(--warn); width: 1.5rem; height: 1.5rem; flex: none; }
      ul { display: grid; gap: var(--space-3); }
      li { display: grid; grid-template-columns: 1fr auto; gap: var(--space-1) var(--space-3); border-top: 1px solid var(--line); padding-top: var(--space-3); }
      .count { white-space: nowrap; color: var(--muted); }
      .words { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: var(--space-2); }
      code { background: var(--sunken); border-radius: var(--radius-m); padding: 0.15em 0.5em; overflow-wrap: anywhere; }
    `,
  ];
  declare kinds: LeftOut[];
  declare open: boolean;
  /** The print is over: what was left out is told, not what will be. */
  declare over: boolean;

  constructor() {
    super();
    this.kinds = [];
    this.open = false;
    this.over = false;
  }

  override render(): TemplateResult {
    const lines = this.kinds.reduce((sum, kind) => sum + kind.count, 0);
    return html`<details class="card" ?open=${this.open}><summary>${icon("warning")}<span>${this.over ? tn("{n} line of the G-code was left out.", "{n} lines of the G-code were left out.", lines) : tn("{n} line of the G-code is left out.", "{n} lines of the G-code are left out.", lines)}</span></summary>
      <p>${this.over ? t("The printer was not sent these commands. All else was printed as it stood.") : t("The printer is not sent these commands. All else is printed as it stands.")}</p>
      <ul>${this.kinds.map((kind) => this.kind(kind))}</ul></details>`;
  }

  private kind(kind: LeftOut): TemplateResult {
    return html`<li data-reason=${kind.reason}><span>${kind.title}</span><span class="count">${tn("{figure} line", "{figure} lines", kind.count, { figure: number(kind.count) })}</span>
      <span class="words">${kind.words.map(
        (one) =>
          html`<code title=${t("first in line {line}", { line: number(one.line) })}>${one.word}${one.count > 1 ? ` × ${number(one.count)}` : ""}</code>`,
      )}</span></li>`;
  }
}
define("hub-print-left-out", LeftOutPart);
