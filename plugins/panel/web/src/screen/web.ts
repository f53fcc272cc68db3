import { hub } from "@classhub/client";
import { base, define, HubElement, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { mayShow } from "./fitting.js";
import { screen } from "./styles.js";

/**
 * A web page of a server that the school has listed, in a frame that reaches nothing of the hub's.
 * Attribute: `address`.
 */
export class ScreenWeb extends HubElement {
  static override properties = { address: {}, origins: { state: true } };
  static override styles = [
    base,
    screen,
    css`iframe { width: 100%; height: 100%; border: 0; background: #fff; }`,
  ];
  declare address: string;
  /** Null while they are not known. */
  declare origins: string[] | null;

  constructor() {
    super();
    this.address = "";
    this.origins = null;
  }

  protected override arrive(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.origins = (await hub.api.get<{ origins: string[] }>("/panel-web")).origins;
    } catch {
      this.origins = [];
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (this.origins === null) return nothing;
    if (!mayShow(this.address, this.origins)) {
      return html`<p class="said">${t("This server is not among those that the school shows.")}</p>`;
    }
    return html`<iframe title=${t("Web page")} src=${this.address} referrerpolicy="no-referrer"
      sandbox="allow-scripts allow-same-origin allow-forms" allow="fullscreen 'none'; camera 'none'; microphone 'none'; geolocation 'none'"></iframe>`;
  }
}
define("hub-screen-web", ScreenWeb);
