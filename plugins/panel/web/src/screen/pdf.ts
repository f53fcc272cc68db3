import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Material } from "../material.js";
import { screen } from "./styles.js";

/** A page of a PDF; it can be turned on the screen, too. Attributes: `asset`, `page` (from 1). */
export class ScreenPdf extends HubElement {
  static override properties = {
    asset: {},
    page: { type: Number },
    here: { state: true },
    pages: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    screen,
    css`
      .sheet { grid-area: 1 / 1; width: 100%; height: 100%; object-fit: contain; background: #fff; min-height: 0; }
      nav { grid-area: 1 / 1; align-self: end; justify-self: center; display: flex; gap: 0.75rem; align-items: center; margin: 1rem; padding: 0.35rem 0.75rem; border-radius: 99px; background: rgb(8 14 13 / 70%); font: var(--type-strong); }
      nav button { background: transparent; border-color: transparent; color: #fff; }
      nav button:hover { background: rgb(255 255 255 / 14%); }
    `,
  ];
  declare asset: string;
  declare page: number;
  declare here: number;
  declare pages: number;
  declare problem: Problem | null;

  constructor() {
    super();
    this.asset = "";
    this.page = 1;
    this.here = 1;
    this.pages = 0;
    this.problem = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("page")) this.here = Math.max(1, this.page || 1);
    if (changed.has("asset") && this.asset) void this.load();
  }

  private async load(): Promise<void> {
    const { asset } = this;
    try {
      const about = await hub.api.get<Material>(`/panel-files/${encodeURIComponent(asset)}`);
      if (asset === this.asset) this.pages = about.pages ?? 0;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    if (this.problem) return html`<p class="said">${this.problem.title}</p>`;
    const turn = (by: number) => () => {
      this.here = Math.min(this.pages, Math.max(1, this.here + by));
    };
    const now = Math.min(this.here, this.pages || this.here);
    return html`<img class="sheet" alt=${t("Page {n} of {all}", { n: now, all: this.pages })} src="/api/v1/panel-files/${encodeURIComponent(this.asset)}/pages/${now}">
      ${
        this.pages > 1
          ? html`<nav><button class="icon" ?disabled=${now <= 1} aria-label=${t("Previous page")} @click=${turn(-1)}>${icon("left")}</button>
            <span>${now} / ${this.pages}</span>
            <button class="icon" ?disabled=${now >= this.pages} aria-label=${t("Next page")} @click=${turn(1)}>${icon("right")}</button></nav>`
          : nothing
      }`;
  }
}
define("hub-screen-pdf", ScreenPdf);
