import { hub, type Problem, problemOf } from "@classhub/client";
import { base, cannotShow, define, HubElement } from "@classhub/ui";
import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { ids, type Material } from "../material.js";
import "../model/task-view.js";
import { screen } from "./styles.js";

/**
 * A 3D model on the class's screen. Attributes: `asset`; `hidden-parts` and `marked`, ids with
 * commas; `explode`, 0 to 100; `names` (any text): they stand at the parts; `task`: parts are asked
 * for and touched on the screen (`find:…`) or put together (`assemble:…`), anew with each new text.
 */
export class ScreenModel extends HubElement {
  static override properties = {
    asset: {},
    hiddenParts: { attribute: "hidden-parts" },
    marked: {},
    explode: { type: Number },
    names: {},
    task: {},
    material: { state: true },
    problem: { state: true },
  };
  static override styles = [base, screen, css`hub-model-task { grid-area: 1 / 1; height: 100%; }`];
  declare asset: string;
  declare hiddenParts: string | null;
  declare marked: string | null;
  declare explode: number;
  declare names: string | null;
  declare task: string | null;
  declare material: Material | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.asset = "";
    this.hiddenParts = null;
    this.marked = null;
    this.explode = 0;
    this.names = null;
    this.task = null;
    this.material = null;
    this.problem = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("asset") && this.asset) void this.load();
  }

  private async load(): Promise<void> {
    const { asset } = this;
    try {
      const found = await hub.api.get<Material>(`/panel-files/${encodeURIComponent(asset)}`);
      if (asset === this.asset) this.material = found;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
      cannotShow(this, "not-loaded");
    }
  }

  override render(): TemplateResult {
    if (this.problem) return html`<p class="said">${this.problem.title}</p>`;
    return html`<hub-model-task .material=${this.material}
        .address=${this.material ? `/api/v1/panel/content?asset=${encodeURIComponent(this.asset)}` : ""}
        .hiddenParts=${ids(this.hiddenParts)} .marked=${ids(this.marked)} .explode=${this.explode || 0}
        .names=${!!this.names} .task=${this.task}></hub-model-task>`;
  }
}
define("hub-screen-model", ScreenModel);
