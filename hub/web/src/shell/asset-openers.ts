import type { Asset } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { openersFor } from "./openers.js";

/**
 * The pages that open an asset, for pages of plugins that show one: `asset`, and in `but` the path
 * of the page on which it stands. A model is printed so, without its page knowing of printing.
 */
class AssetOpeners extends HubElement {
  static override properties = { asset: { attribute: false }, but: {} };
  static override styles = [
    base,
    css`
      :host { display: contents; }
      nav { display: contents; }
    `,
  ];
  declare asset: Pick<Asset, "id" | "media_type"> | null;
  declare but: string;

  constructor() {
    super();
    this.asset = null;
    this.but = "";
  }

  override render(): TemplateResult | typeof nothing {
    const { asset } = this;
    const found = asset ? openersFor([asset]).filter(({ page }) => page.path !== this.but) : [];
    if (found.length === 0) return nothing;
    return html`<nav aria-label=${t("What else can be done with it")}>${found.map(
      ({ page, href }) =>
        html`<a class="button" href=${href}>${icon(page.icon ?? "device")}${t(page.opens?.title ?? page.title)}</a>`,
    )}</nav>`;
  }
}
define("hub-asset-openers", AssetOpeners);
