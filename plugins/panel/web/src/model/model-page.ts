import { hub, type Problem, problemOf } from "@classhub/client";
import {
  base,
  define,
  HubElement,
  i18n,
  icon,
  LANGUAGE_NAMES,
  PanelState,
  type SetEvent,
  say,
  sayProblem,
  t,
} from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { type Material, nameOf, type Part } from "../material.js";
import type { PartTap } from "./model-view.js";
import "./results.js";
import { newTask, type TaskKind, taskOf } from "./task.js";
import "./task-view.js";

const LANGUAGES = ["kk", "ru", "en"] as const;

/** A 3D model: its parts by name, hidden, marked, taken apart; teachers show it and name parts. */
class ModelPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    material: { state: true },
    problem: { state: true },
    out: { state: true },
    marked: { state: true },
    explode: { state: true },
    names: { state: true },
    naming: { state: true },
    trying: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { gap: var(--space-4); max-width: none; grid-template-columns: minmax(0, 1fr); }
      .head { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; justify-content: space-between; }
      .both { display: grid; grid-template-columns: minmax(0, 3fr) minmax(18rem, 2fr); gap: var(--space-4); height: calc(100dvh - 13rem); min-height: 26rem; }
      hub-model-task { height: 100%; }
      aside { padding: var(--space-5); overflow-y: auto; display: grid; gap: var(--space-4); align-content: start; }
      li { display: flex; align-items: center; gap: var(--space-2); border-block-end: 1px solid var(--line); padding-block: var(--space-1); }
      li .name { flex: 1; justify-content: start; text-align: start; }
      [aria-pressed="true"], [aria-pressed="true"]:hover { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
      .fields { display: grid; gap: var(--space-2); padding-block: var(--space-3); border-block-end: 1px solid var(--line); }
      .fields div { display: grid; grid-template-columns: 6rem minmax(0, 1fr); align-items: center; gap: var(--space-2); }
      @media (max-width: 60rem), (orientation: portrait) {
        .both { grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(18rem, 50dvh) auto; height: auto; }
      }
    `,
  ];
  declare params: { id?: string };
  declare material: Material | null;
  declare problem: Problem | null;
  declare out: Set<string>;
  declare marked: Set<string>;
  declare explode: number;
  declare names: boolean;
  declare naming: boolean;
  /** The task that is done on this page, by whoever sits before it. */
  declare trying: string;
  private readonly panel = new PanelState(this);
  private readonly tell = this.settled(() => void this.follow(), 150);

  constructor() {
    super();
    this.params = {};
    this.material = null;
    this.problem = null;
    this.out = new Set();
    this.marked = new Set();
    this.explode = 0;
    this.names = true;
    this.naming = false;
    this.trying = "";
  }

  private get asset(): string {
    return this.params.id ?? "";
  }

  protected override arrive(): void {
    void this.load();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("params") && this.hasUpdated) void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.material = await hub.api.get<Material>(`/panel-files/${encodeURIComponent(this.asset)}`);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  /** How it looks here, as the class's screen is told. */
  private get look(): Record<string, string> {
    return {
      "hidden-parts": [...this.out].join(","),
      marked: [...this.marked].join(","),
      explode: this.explode ? String(this.explode) : "",
      names: this.names ? "yes" : "",
    };
  }

  private get side() {
    return this.panel.where({ asset: this.asset });
  }

  /** What is changed here is changed on the class's screen, while it shows this model. */
  private async follow(): Promise<void> {
    const { side } = this;
    if (side && hub.session.may("teacher")) await this.panel.change(side, this.look);
  }

  private async show(): Promise<void> {
    const { side } = this;
    if (side) return this.panel.clear(side);
    const look = Object.fromEntries(Object.entries(this.look).filter(([, value]) => value));
    await this.panel.show({ asset: this.asset, attributes: look });
  }

  private toggle(set: "out" | "marked", part: string): void {
    const next = new Set(this[set]);
    if (!next.delete(part)) next.add(part);
    this[set] = next;
    this.tell();
  }

  private async task(kind: TaskKind, running: boolean): Promise<void> {
    const { side } = this;
    if (!side) return;
    const task = running ? "" : newTask(kind, Math.random);
    await this.panel.change(side, { ...this.look, task });
  }

  private attempt(kind: TaskKind): void {
    this.trying = taskOf(this.trying) === kind ? "" : newTask(kind, Math.random);
  }

  private async keep(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const names: Record<string, Record<string, string>> = {};
    for (const [field, value] of form) {
      const [part, language] = field.split(":") as [string, string];
      names[part] = { ...names[part], [language]: String(value) };
    }
    try {
      const path = `/panel-files/${encodeURIComponent(this.asset)}/names`;
      this.material = await hub.api.put<Material>(path, { names });
      this.naming = false;
      say(t("It is kept."));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    const { material } = this;
    if (!material) {
      return html`<div class="page"><hub-notice .problem=${this.problem}></hub-notice></div>`;
    }
    const teacher = hub.session.may("teacher");
    const asset = { id: material.asset, media_type: material.media_type };
    return html`<div class="page"><div class="head"><h1>${material.title}</h1>
      <div class="row"><hub-asset-openers .asset=${asset} but="/models/:id"></hub-asset-openers>${teacher ? this.onScreen(material) : nothing}</div></div>
      <div class="both"><hub-model-task class="card" .material=${material} .address=${`/api/v1/assets/${encodeURIComponent(material.asset)}/content`}
          .hiddenParts=${this.out} .marked=${this.marked} .explode=${this.explode} .names=${this.names} .task=${this.trying}
          @part-tap=${(event: PartTap) => this.toggle("marked", event.part)}></hub-model-task>
        <aside class="card">${this.naming ? this.form(material) : this.controls(material, teacher)}</aside></div></div>`;
  }

  private onScreen(material: Material): TemplateResult {
    const thing = this.panel.things.find(({ thing }) => thing.attributes.asset === this.asset);
    const now = taskOf(thing?.thing.attributes.task);
    const task = (kind: TaskKind, words: string, sign: string) =>
      html`<button aria-pressed=${String(now === kind)} @click=${() => void this.task(kind, now === kind)}>${icon(sign)}${
        now === kind ? t("End the task") : words
      }</button>`;
    return html`<div class="row">${
      thing && material.parts.length > 1
        ? html`${task("find", t("Task: find the parts"), "search")}${task("assemble", t("Task: put it together"), "puzzle")}`
        : nothing
    }<button class=${thing ? "" : "primary"} @click=${() => void this.show()}>${icon("present")}${
      thing ? t("Take off the class's screen") : t("Show on the class's screen")
    }</button></div>`;
  }

  /** Tasks for whoever sits before this page. */
  private here(material: Material): TemplateResult | typeof nothing {
    if (material.parts.length < 2) return nothing;
    const now = taskOf(this.trying);
    const task = (kind: TaskKind, words: string, sign: string) =>
      html`<button aria-pressed=${String(now === kind)} @click=${() => this.attempt(kind)}>${icon(sign)}${words}</button>`;
    return html`<h2>${t("Try it")}</h2><div class="row">${task("find", t("Find the parts"), "search")}${task("assemble", t("Put it together"), "puzzle")}</div>`;
  }

  private controls(material: Material, teacher: boolean): TemplateResult {
    return html`${this.here(material)}<hub-range .label=${t("Taken apart")} unit="%" .minimum=${0} .maximum=${100} .step=${5} .value=${this.explode}
        @set=${(event: SetEvent<number>) => {
          this.explode = event.value;
          this.tell();
        }}></hub-range>
      <hub-switch .label=${t("Names at the parts")} .value=${this.names} @set=${(
        event: SetEvent<boolean>,
      ) => {
        this.names = event.value;
        this.tell();
      }}></hub-switch>
      <h2>${t("Parts")}</h2>
      <ul>${material.parts.map((part, at) => this.row(part, at))}</ul>
      <div class="row"><button @click=${() => {
        this.out = new Set();
        this.marked = new Set();
        this.explode = 0;
        this.tell();
      }}>${icon("undo")}${t("As at first")}</button>
      ${
        teacher
          ? html`<button @click=${() => {
              this.naming = true;
            }}>${icon("label")}${t("Name the parts")}</button>`
          : nothing
      }</div><hub-model-results .asset=${material.asset}></hub-model-results>`;
  }

  private row(part: Part, at: number): TemplateResult {
    const name = nameOf(part, i18n.language, at);
    return html`<li><button class="quiet name" aria-pressed=${String(this.marked.has(part.id))} @click=${() => this.toggle("marked", part.id)}>${name}</button>
      <button class="icon" aria-pressed=${String(this.out.has(part.id))} aria-label=${t("Hide {part}", { part: name })} title=${t("Hide {part}", { part: name })}
        @click=${() => this.toggle("out", part.id)}>${icon("eye-off")}</button></li>`;
  }

  private form(material: Material): TemplateResult {
    return html`<form @submit=${this.keep}><h2>${t("Name the parts")}</h2>${material.parts.map(
      (part, at) =>
        html`<div class="fields"><h3>${part.name || String(at + 1)}</h3>${LANGUAGES.map(
          (
            language,
          ) => html`<div><label class="small" for=${`${part.id}:${language}`}>${LANGUAGE_NAMES[language]}</label>
          <input id=${`${part.id}:${language}`} name=${`${part.id}:${language}`} maxlength="80" .value=${part.names[language] ?? ""}></div>`,
        )}</div>`,
    )}<div class="row"><button class="primary">${icon("check")}${t("Keep")}</button>
      <button type="button" @click=${() => {
        this.naming = false;
      }}>${t("Cancel")}</button></div></form>`;
  }
}
define("hub-model-page", ModelPage);
