import { base, define, HubElement, icon, say, t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";
import { DRAW } from "../drawings.js";

/** Something to be put in elsewhere, letter by letter: shown whole, and copied with one tap. */
class CopyField extends HubElement {
  static override properties = { label: {}, value: {}, copied: { state: true } };
  static override styles = [
    base,
    css`
      .pair { display: flex; flex-wrap: wrap; gap: var(--space-2); margin-top: var(--space-1); }
      input { flex: 1 1 12rem; width: auto; font: 600 0.9375rem/1.3 ui-monospace, "DejaVu Sans Mono", monospace; }
      button { flex: none; }
      /* Nothing of what is to be typed is out of sight: the button goes below it instead. */
      .long input { flex-basis: 100%; letter-spacing: -0.02em; }
    `,
  ];
  declare label: string;
  declare value: string;
  declare copied: boolean;

  constructor() {
    super();
    this.label = "";
    this.value = "";
    this.copied = false;
  }

  private async copy(): Promise<void> {
    const field = this.renderRoot.querySelector("input");
    field?.select();
    // Browsers give the clipboard to pages of HTTPS only, and not always to those: then the old way.
    this.copied =
      (await navigator.clipboard?.writeText(this.value).then(
        () => true,
        () => false,
      )) || document.execCommand("copy");
    if (!this.copied) say(t("It is marked now: copy it with Ctrl+C, or hold your finger on it."));
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("value")) this.copied = false;
  }

  override render(): TemplateResult {
    return html`<label for="value">${this.label}</label>
      <div class="pair ${this.value.length > 30 ? "long" : ""}"><input id="value" readonly spellcheck="false" .value=${this.value} @focus=${(event: Event) => (event.target as HTMLInputElement).select()}>
        <button @click=${() => void this.copy()} aria-label=${t("Copy: {what}", { what: this.label })}>${this.copied ? icon("check") : DRAW.copy()}<span>${this.copied ? t("Copied") : t("Copy")}</span></button></div>`;
  }
}
define("hub-copy-field", CopyField);
