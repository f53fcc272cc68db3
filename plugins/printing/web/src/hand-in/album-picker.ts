import { type Asset, hub, type Page, type Problem, problemOf } from "@classhub/client";
import { base, day, define, HubElement, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { DRAW } from "../drawings.js";

/** The person has chosen a model of an album. */
export class PickedEvent extends Event {
  constructor(readonly asset: string) {
    super("picked");
  }
}

const MODELS = /^model\/|gcode/;
const SHOWN = 60;

/** The models that lie in albums already. */
class AlbumPicker extends HubElement {
  static override properties = { assets: { state: true }, problem: { state: true } };
  static override styles = [
    base,
    css`
      ul { display: grid; gap: var(--space-2); }
      button { width: 100%; justify-content: start; text-align: start; min-height: 4.5rem; }
      img { width: 3.5rem; height: 3.5rem; object-fit: contain; }
      small { display: block; font: var(--type-small); color: var(--muted); }
    `,
  ];
  declare assets: Asset[] | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.assets = null;
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const page = await hub.api.get<Page<Asset>>("/assets", {
        media_type: "model/*",
        limit: SHOWN,
      });
      this.assets = page.items.filter((asset) => MODELS.test(asset.media_type));
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    return html`<hub-notice .problem=${this.problem}></hub-notice>
      ${this.assets?.length === 0 ? html`<p class="muted">${t("There is no model in your albums yet. Choose a file instead.")}</p>` : nothing}
      <ul>${this.assets?.map(
        (asset) => html`<li><button @click=${() => this.dispatchEvent(new PickedEvent(asset.id))}>
          ${asset.links.thumbnail ? html`<img src=${asset.links.thumbnail} alt="">` : DRAW.box()}
          <span>${asset.title || t("Model")}<small>${day(asset.created)}</small></span></button></li>`,
      )}</ul>`;
  }
}
define("hub-print-album", AlbumPicker);
