import type { Problem } from "@classhub/client";
import { css, html, nothing, type TemplateResult } from "lit";
import { define, HubElement } from "./element.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { base } from "./styles.js";

/** What went wrong and what to do now, where it happened. */
export class Notice extends HubElement {
  static override properties = { problem: { attribute: false } };
  static override styles = [
    base,
    css`
      .notice {
        display: flex; gap: var(--space-3); align-items: start; padding: var(--space-4);
        border-radius: var(--radius-m); background: var(--bad-soft); color: var(--ink);
      }
      .notice.warning { background: var(--warn-soft); }
      .mark { color: var(--bad); flex: none; }
      .warning .mark { color: var(--warn); }
      .mark svg { width: 1.5rem; height: 1.5rem; }
      strong { font: var(--type-strong); display: block; }
    `,
  ];
  declare problem: Problem | null;

  protected override willUpdate(): void {
    this.hidden = !this.problem;
  }

  override render(): TemplateResult | typeof nothing {
    const problem = this.problem;
    if (!problem) return nothing;
    return html`<div class="notice ${problem.severity === "warning" ? "warning" : ""}" role="alert">
      <span class="mark">${icon("warning")}</span>
      <div class="grow">
        <strong>${t(problem.title, problem.params)}</strong>
        ${problem.hint ? html`<p>${t(problem.hint, problem.params)}</p>` : nothing}
        ${problem.errors?.map((e) => html`<p class="small">${e.field}: ${e.message}</p>`) ?? nothing}
        <slot></slot>
      </div>
    </div>`;
  }
}
define("hub-notice", Notice);

interface Said {
  id: number;
  text: string;
  problem: Problem | null;
}

const STAYS = 5_000;
const AT_MOST = 3;

/** Short messages at the edge of the page; use `say` and `sayProblem`. */
class Messages extends HubElement {
  static override styles = [
    base,
    css`
      :host {
        position: fixed; z-index: 90; inset: auto 0 calc(env(safe-area-inset-bottom) + 5.5rem) 0;
        margin: 0 auto; width: min(32rem, calc(100vw - 2rem)); display: grid; gap: var(--space-2);
        pointer-events: none; border: 0; padding: 0; background: none; overflow: visible; height: auto;
      }
      .said {
        background: var(--ink); color: var(--paper); border-radius: var(--radius-m);
        padding: var(--space-3) var(--space-4); font: var(--type-strong);
        animation: come 180ms ease-out; box-shadow: 0 0 0 1px rgb(255 255 255 / 22%), 0 10px 28px -14px rgb(0 0 0 / 60%);
      }
      .said p { font: var(--type-small); opacity: 0.85; }
      @keyframes come { from { opacity: 0; translate: 0 0.75rem; } }
    `,
  ];
  private said: Said[] = [];
  private last = 0;

  show(text: string, problem: Problem | null): void {
    this.last += 1;
    const id = this.last;
    this.said = [...this.said.slice(1 - AT_MOST), { id, text, problem }];
    this.requestUpdate();
    this.raise();
    setTimeout(
      () => {
        this.said = this.said.filter((one) => one.id !== id);
        this.requestUpdate();
      },
      problem ? STAYS * 2 : STAYS,
    );
  }

  /** Come to the top layer, above a dialog that may be open. */
  private raise(): void {
    if (!("showPopover" in this)) return;
    this.popover = "manual";
    if (this.matches(":popover-open")) this.hidePopover();
    this.showPopover();
  }

  override render(): TemplateResult {
    return html`<div role="status" aria-live="polite">${this.said.map(
      ({ text, problem }) => html`<div class="said">
        ${problem ? t(problem.title, problem.params) : text}
        ${problem?.hint ? html`<p>${t(problem.hint, problem.params)}</p>` : nothing}
      </div>`,
    )}</div>`;
  }
}
define("hub-messages", Messages);

let messages: Messages | undefined;

function shown(): Messages {
  messages ??= document.body.appendChild(document.createElement("hub-messages") as Messages);
  return messages;
}

/** Say something in passing. */
export function say(text: string): void {
  shown().show(text, null);
}

/** Say in passing what could not be done. */
export function sayProblem(problem: Problem): void {
  shown().show("", problem);
}
