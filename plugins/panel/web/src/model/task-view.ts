import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, i18n, icon, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { type Material, nameOf } from "../material.js";
import { Assembly } from "./assembly.js";
import type { ModelView, PartDrop, PartTap } from "./model-view.js";
import { Task, type TaskKind, taskOf } from "./task.js";
import "./model-view.js";

const WRONG_MS = 1500;
const FEWEST = 2;

/** What came of a task, as the hub keeps it with the lesson. */
export interface TaskResult {
  task: TaskKind;
  token: string;
  at_once: number;
  of: number;
  seconds: number;
}

/**
 * A 3D model and what pupils do with it: finding its parts, or putting them together. With no
 * `task` it is to be looked at. What came of a task is kept with the lesson (event `task-kept`).
 */
export class ModelTask extends HubElement {
  static override properties = {
    material: { attribute: false },
    address: {},
    hiddenParts: { attribute: false },
    marked: { attribute: false },
    explode: { type: Number },
    names: { type: Boolean },
    task: {},
    round: { state: true },
    assembly: { state: true },
    version: { state: true },
    wrong: { state: true },
    said: { state: true },
    problem: { state: true },
    ready: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; min-height: 0; min-width: 0; overflow: hidden; container-type: size; }
      hub-model-view { grid-area: 1 / 1; height: 100%; }
      .asked { grid-area: 1 / 1; align-self: start; justify-self: center; z-index: 1; margin: 2cqmin; padding: 1cqmin 3cqmin; border-radius: 2cqmin; background: rgb(8 14 13 / 80%); color: #f4f8f6; text-align: center; font: 650 clamp(1.25rem, 4cqmin, 5rem)/1.3 var(--sans, system-ui, sans-serif); display: grid; gap: 0.3em; justify-items: center; pointer-events: none; }
      .asked small { font-size: 0.5em; color: #cbd6d1; }
      .asked svg { width: 1.4em; height: 1.4em; color: #66cfc8; }
    `,
  ];
  declare material: Material | null;
  declare address: string;
  declare hiddenParts: Set<string>;
  declare marked: Set<string>;
  declare explode: number;
  declare names: boolean;
  declare task: string | null;
  declare round: Task | null;
  declare assembly: Assembly | null;
  /** Counts what changed in the assembly, which is changed in its place. */
  declare version: number;
  declare wrong: Set<string>;
  /** What was just said of a part that was put down. */
  declare said: "" | "right" | "wrong";
  /** Why the result is not kept. */
  declare problem: Problem | null;
  declare ready: boolean;
  private forget: ReturnType<typeof setTimeout> | undefined;
  private begun = 0;

  constructor() {
    super();
    this.material = null;
    this.address = "";
    this.hiddenParts = new Set();
    this.marked = new Set();
    this.explode = 0;
    this.names = false;
    this.task = null;
    this.round = null;
    this.assembly = null;
    this.version = 0;
    this.wrong = new Set();
    this.said = "";
    this.problem = null;
    this.ready = false;
  }

  protected override leave(): void {
    clearTimeout(this.forget);
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get("hiddenParts") as Set<string> | undefined;
    const other = before !== undefined && [...before].join() !== [...this.hiddenParts].join();
    if (changed.has("address")) this.ready = false;
    if (other || ["task", "material", "ready"].some((name) => changed.has(name))) this.begin();
  }

  private begin(): void {
    const kind = taskOf(this.task);
    const parts = this.material?.parts ?? [];
    const asked = parts.filter((one) => !this.hiddenParts.has(one.id)).map((one) => one.id);
    const possible = asked.length >= FEWEST;
    this.round = kind === "find" && possible ? new Task(asked, Math.random) : null;
    const view = this.renderRoot?.querySelector<ModelView>("hub-model-view");
    this.assembly =
      kind === "assemble" && possible && this.ready && view
        ? new Assembly(view.pieces(asked), Math.random)
        : null;
    this.wrong = new Set();
    this.said = "";
    this.problem = null;
    this.begun = performance.now();
  }

  private tapped(part: string): void {
    const { round } = this;
    if (!round?.asked) return;
    this.say(round.tap(part) ? "right" : "wrong");
    this.wrong = round.wrong ? new Set([round.wrong]) : new Set();
    if (!round.asked) void this.keep("find", round.atOnce, round.all);
  }

  private dropped({ tried, part }: PartDrop): void {
    if (tried.said === "away" || !this.assembly) return;
    this.say(tried.said);
    this.wrong = tried.said === "wrong" ? new Set([part]) : new Set();
    this.version += 1;
    const { assembly } = this;
    if (assembly.done) void this.keep("assemble", assembly.atOnce, assembly.all);
  }

  private say(what: "right" | "wrong"): void {
    clearTimeout(this.forget);
    this.said = what;
    this.forget = setTimeout(() => {
      this.wrong = new Set();
      this.said = "";
    }, WRONG_MS);
  }

  private async keep(task: TaskKind, atOnce: number, of: number): Promise<void> {
    const token = this.task ?? "";
    const seconds = Math.round((performance.now() - this.begun) / 1000);
    const result: TaskResult = { task, token, at_once: atOnce, of, seconds };
    try {
      const asset = encodeURIComponent(this.material?.asset ?? "");
      await hub.api.post(`/panel-files/${asset}/results`, result);
      this.dispatchEvent(new Event("task-kept", { bubbles: true, composed: true }));
    } catch (error) {
      if (token === this.task) this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    const { round, assembly } = this;
    const busy = round !== null || assembly !== null;
    return html`<hub-model-view .material=${this.material} .address=${this.address}
        .hiddenParts=${this.hiddenParts} .marked=${busy ? new Set() : this.marked}
        .wrong=${this.wrong} .explode=${this.explode || 0} .names=${this.names && !busy} .assembly=${assembly}
        @model-ready=${() => {
          this.ready = true;
        }}
        @part-drop=${this.dropped}
        @part-tap=${(event: PartTap) => {
          if (!round) return;
          event.stopPropagation();
          this.tapped(event.part);
        }}></hub-model-view>
      ${round ? this.question(round) : assembly ? this.progress(assembly) : nothing}`;
  }

  private question(round: Task): TemplateResult {
    const at = this.material?.parts.findIndex((one) => one.id === round.asked) ?? -1;
    const part = this.material?.parts[at];
    if (!part) return this.done(t("All parts are found"), round.atOnce, round.all);
    return html`<div class="asked" role="status">${t("Where is: {part}?", { part: nameOf(part, i18n.language, at) })}<small>${
      this.said === "wrong"
        ? t("That is another part.")
        : t("{n} of {all}", { n: round.found + 1, all: round.all })
    }</small></div>`;
  }

  private progress(assembly: Assembly): TemplateResult {
    if (assembly.done)
      return this.done(t("It is put together"), assembly.atOnce, assembly.all, false);
    const words =
      this.said === "wrong"
        ? t("It does not belong there. Try another place.")
        : this.said === "right"
          ? t("Right!")
          : t("Put each part where it belongs");
    return html`<div class="asked" role="status">${words}<small>${t("{n} of {all}", { n: assembly.placed, all: assembly.all })}</small></div>`;
  }

  private done(words: string, atOnce: number, all: number, tap = true): TemplateResult {
    return html`<div class="asked" role="status">${icon("check")}${words}<small>${
      tap
        ? t("At the first tap: {n} of {all}", { n: atOnce, all })
        : t("At the first try: {n} of {all}", { n: atOnce, all })
    }</small>${this.problem ? html`<small>${this.problem.title}</small>` : nothing}</div>`;
  }
}
define("hub-model-task", ModelTask);
