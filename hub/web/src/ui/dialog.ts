import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { define, HubElement } from "./element.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { base } from "./styles.js";

/**
 * A dialog over the page: `open`, `heading`, `variant` "middle", "side" or "full". Dispatches
 * `close` when the person closes it; the owner sets `open` to false.
 */
export class Dialog extends HubElement {
  static override properties = {
    open: { type: Boolean },
    heading: {},
    variant: { reflect: true },
  };
  static override styles = [
    base,
    css`
      dialog {
        border: 0; padding: 0; color: var(--ink); background: var(--surface); margin: auto;
        border-radius: var(--radius-l); width: min(34rem, calc(100vw - 2rem));
        max-width: none; max-height: min(90vh, 90dvh); box-shadow: var(--shadow); overflow: auto;
        overscroll-behavior: contain;
      }
      dialog::backdrop { background: var(--scrim); }
      dialog[open] { animation: come 160ms ease-out; }
      header {
        display: flex; align-items: center; gap: var(--space-3); position: sticky; top: 0;
        background: inherit; padding: var(--space-3) var(--space-3) var(--space-3) var(--space-5);
        z-index: 1;
      }
      h2 { flex: 1; }
      .body { padding: var(--space-2) var(--space-5) var(--space-5); display: grid; gap: var(--space-4); }
      :host([variant="side"]) dialog {
        margin: 0 0 0 auto; height: 100dvh; max-height: none; width: min(24rem, 100vw);
        border-radius: var(--radius-l) 0 0 var(--radius-l);
      }
      :host([variant="full"]) dialog {
        width: 100vw; height: 100dvh; max-height: none; border-radius: 0;
        background: var(--paper);
      }
      :host([variant="full"]) dialog[open] { display: grid; grid-template-rows: auto 1fr; }
      @keyframes come { from { opacity: 0; translate: 0 0.5rem; } }
    `,
  ];
  declare open: boolean;
  declare heading: string;
  declare variant: "middle" | "side" | "full";

  constructor() {
    super();
    this.open = false;
    this.heading = "";
    this.variant = "middle";
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has("open")) return;
    const dialog = this.renderRoot.querySelector("dialog");
    if (this.open && !dialog?.open) dialog?.showModal();
    else if (!this.open && dialog?.open) dialog.close();
  }

  private ask(): void {
    this.dispatchEvent(new Event("close"));
  }

  override render(): TemplateResult {
    return html`<dialog aria-label=${this.heading}
      @cancel=${(event: Event) => {
        event.preventDefault();
        this.ask();
      }}
      @click=${(event: Event) => event.target === event.currentTarget && this.ask()}>
      <header>
        <h2>${this.heading}</h2>
        <button class="quiet icon" @click=${this.ask} aria-label=${t("Close")}>${icon("close")}</button>
      </header>
      <div class="body"><slot></slot></div>
    </dialog>`;
  }
}
define("hub-dialog", Dialog);
