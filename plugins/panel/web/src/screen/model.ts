import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, i18n, icon, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { ids, type Material, nameOf } from "../material.js";
import type { PartTap } from "../model/model-view.js";
import { Task } from "../model/task.js";
import "../model/model-view.js";
import { screen } from "./styles.js";

const WRONG_MS = 1500;

/**
 * A 3D model on the class's screen. Attributes: `asset`; `hidden-parts` and `marked`, ids with
 * commas; `explode`, 0 to 100; `names` (any text): they stand at the parts; `task`: parts are asked
 * for and touched on the screen, anew with each new text.
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
    round: { state: true },
    wrong: { state: true },
  };
  static override styles = [
    base,
    screen,
    css`
      hub-model-view { grid-area: 1 / 1; height: 100%; }
      .asked { grid-area: 1 / 1; align-self: start; justify-self: center; z-index: 1; margin: 2cqmin; padding: 1cqmin 3cqmin; border-radius: 2cqmin; background: rgb(8 14 13 / 80%); text-align: center; font: 650 clamp(1.25rem, 4cqmin, 5rem)/1.3 var(--sans, system-ui, sans-serif); display: grid; gap: 0.3em; justify-items: center; }
      .asked small { font-size: 0.5em; color: #cbd6d1; }
    `,
  ];
  declare asset: string;
  declare hiddenParts: string | null;
  declare marked: string | null;
  declare explode: number;
  declare names: string | null;
  declare task: string | null;
  declare material: Material | null;
  declare problem: Problem | null;
  declare round: Task | null;
  declare wrong: Set<string>;
  private forget: ReturnType<typeof setTimeout> | undefined;

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
    this.round = null;
    this.wrong = new Set();
  }

  protected override leave(): void {
    clearTimeout(this.forget);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("asset") && this.asset) void this.load();
    const anew = ["task", "material", "hiddenParts"].some((name) => changed.has(name));
    if (anew) this.begin();
  }

  private async load(): Promise<void> {
    const { asset } = this;
    try {
      const found = await hub.api.get<Material>(`/panel-files/${encodeURIComponent(asset)}`);
      if (asset === this.asset) this.material = found;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private begin(): void {
    const named = this.material?.parts ?? [];
    const out = ids(this.hiddenParts);
    const asked = named.filter((one) => !out.has(one.id)).map((one) => one.id);
    this.round = this.task && asked.length > 1 ? new Task(asked, Math.random) : null;
    this.wrong = new Set();
  }

  private tapped(part: string): void {
    if (!this.round?.asked) return;
    clearTimeout(this.forget);
    this.wrong = this.round.tap(part) ? new Set() : new Set([part]);
    this.forget = setTimeout(() => {
      this.wrong = new Set();
    }, WRONG_MS);
  }

  override render(): TemplateResult {
    if (this.problem) return html`<p class="said">${this.problem.title}</p>`;
    const { round } = this;
    return html`<hub-model-view .material=${this.material}
        .address=${this.material ? `/api/v1/panel/content?asset=${encodeURIComponent(this.asset)}` : ""}
        .hiddenParts=${ids(this.hiddenParts)} .marked=${round ? new Set() : ids(this.marked)}
        .wrong=${this.wrong} .explode=${this.explode || 0} .names=${!!this.names && !round}
        @part-tap=${(event: PartTap) => this.tapped(event.part)}></hub-model-view>
      ${round ? this.question(round) : nothing}`;
  }

  private question(round: Task): TemplateResult {
    const at = this.material?.parts.findIndex((one) => one.id === round.asked) ?? -1;
    const part = this.material?.parts[at];
    if (!part) {
      return html`<div class="asked" role="status">${icon("check")}${t("All parts are found")}<small>${t("At the first tap: {n} of {all}", { n: round.atOnce, all: round.all })}</small></div>`;
    }
    return html`<div class="asked" role="status">${t("Where is: {part}?", { part: nameOf(part, i18n.language, at) })}<small>${
      this.wrong.size > 0
        ? t("That is another part.")
        : t("{n} of {all}", { n: round.found + 1, all: round.all })
    }</small></div>`;
  }
}
define("hub-screen-model", ScreenModel);
