import { base, define, HubElement } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";
import { sizeFor } from "./fitting.js";
import { screen } from "./styles.js";

/** A message in letters as large as fit. Attribute: `text`. */
export class ScreenMessage extends HubElement {
  static override properties = { text: {} };
  static override styles = [
    base,
    screen,
    css`
      p { place-self: center; text-align: center; white-space: pre-line; text-wrap: balance; overflow-wrap: anywhere; padding: 3cqmin; max-width: 100%; font-family: var(--sans, system-ui, sans-serif); font-weight: 650; line-height: 1.2; font-size: calc(var(--size, 10) * 1cqmin); }
    `,
  ];
  declare text: string;

  constructor() {
    super();
    this.text = "";
  }

  protected override updated(): void {
    const size = sizeFor(this.text ?? "");
    this.renderRoot.querySelector("p")?.style.setProperty("--size", String(size));
  }

  override render(): TemplateResult {
    return html`<p>${this.text}</p>`;
  }
}
define("hub-screen-message", ScreenMessage);
