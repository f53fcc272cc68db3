import { hub, problemOf } from "@classhub/client";
import {
  base,
  define,
  HubElement,
  icon,
  PanelState,
  type Side,
  say,
  sayProblem,
  t,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** For teachers: the picture with what `author` has drawn on it, onto the class's screen and off. */
class ShowMeasured extends HubElement {
  static override properties = { asset: {}, author: {} };
  static override styles = [
    base,
    css`
      button, button:hover { background: rgb(255 255 255 / 9%); color: #fff; border-color: rgb(255 255 255 / 26%); }
      button:hover { background: rgb(255 255 255 / 18%); }
      [aria-pressed="true"], [aria-pressed="true"]:hover { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
    `,
  ];
  declare asset: string;
  declare author: string;
  private readonly panel = new PanelState(this);

  constructor() {
    super();
    this.asset = "";
    this.author = "";
  }

  private get side(): Side | null {
    const own = this.panel.things.find(
      ({ thing }) =>
        thing.element === "hub-screen-measured" && thing.attributes.asset === this.asset,
    );
    return own?.side ?? null;
  }

  private async toggle(): Promise<void> {
    if (this.side) {
      await this.panel.clear(this.side);
      return;
    }
    try {
      const path = `/captures/${encodeURIComponent(this.asset)}/annotations/screen`;
      await hub.api.put(path, { author: this.author || null });
      say(t("The class's screen shows it."));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult | typeof nothing {
    if (!hub.session.may("teacher") || !this.asset) return nothing;
    const words = this.side ? t("Take off the class's screen") : t("Show on the class's screen");
    return html`<button class="icon" aria-pressed=${String(this.side !== null)} aria-label=${words} title=${words}
      @click=${() => void this.toggle()}>${icon("present")}</button>`;
  }
}
define("hub-show-measured", ShowMeasured);
