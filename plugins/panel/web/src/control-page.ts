import { type Device, hub, N_, type Problem, problemOf, type Reading } from "@classhub/client";
import {
  define,
  deviceName,
  deviceStatus,
  HubElement,
  icon,
  number,
  type SetEvent,
  say,
  sayProblem,
  t,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import "./show/screen-time.js";
import { controlPageStyles } from "./control-page.styles.js";
import "./holidays.js";
import {
  type HolidaysEvent,
  type PanelShown,
  type Plan,
  type SceneState,
  withDay,
  withTime,
} from "./plan.js";

const POWERS: Record<string, string> = {
  on: N_("The panel is on"),
  off: N_("The panel is off"),
  warming: N_("The panel is warming up"),
  cooling: N_("The panel is cooling down"),
};
const SWITCHES = ["blank", "freeze", "mute", "lock", "touch_lock"] as const;
const STEPS: Record<string, string> = {
  power: N_("Switching…"),
  warming: N_("Waiting until it is on…"),
  cooling: N_("Waiting until it has cooled down…"),
  waking: N_("Waking it over the network…"),
};

interface Named {
  id: string;
  name: string;
}

/** A panel: the lesson's start and end on it, what it shows and how loud, and when it goes off. */
class ControlPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    device: { state: true },
    panel: { state: true },
    problem: { state: true },
  };
  static override styles = controlPageStyles;
  declare params: { id?: string };
  declare device: Device | null;
  declare panel: PanelShown | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.params = {};
    this.device = null;
    this.panel = null;
    this.problem = null;
  }

  private get id_(): string {
    return this.params.id ?? "";
  }

  protected override arrive(): void {
    const topics = [`${this.id_}/state`, `${this.id_}/td`];
    this.keepLoaded(() => this.load(), { topics, sources: [hub.session] });
    this.until(
      hub.stream.subscribe(`${this.id_}/p/+`, (topic, payload) => {
        const name = topic.split("/").at(-1) ?? "";
        if (!this.device) return;
        const properties = { ...this.device.properties, [name]: payload as Reading };
        this.device = { ...this.device, properties };
      }),
    );
    this.until(
      hub.stream.subscribe(`x/panel/${this.id_}/scene`, (_, payload) => {
        if (this.panel && payload) this.panel = { ...this.panel, scene: payload as SceneState };
      }),
    );
  }

  private async load(): Promise<void> {
    try {
      const path = encodeURIComponent(this.id_);
      this.device = await hub.api.get<Device>(`/devices/${path}`);
      this.panel = await hub.api.get<PanelShown>(`/panels/${path}`);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async begin(scene: "start" | "end"): Promise<void> {
    try {
      const path = `/panels/${encodeURIComponent(this.id_)}/scenes/${scene}`;
      this.panel = await hub.api.post<PanelShown>(path);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async set(name: string, value: unknown): Promise<void> {
    try {
      await hub.api.put(`/devices/${encodeURIComponent(this.id_)}/properties/${name}`, { value });
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code !== "superseded") sayProblem(problem);
    }
    this.requestUpdate();
  }

  private async act(name: string): Promise<void> {
    try {
      await hub.api.post(`/devices/${encodeURIComponent(this.id_)}/actions/${name}`, {});
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async keep(plan: Plan): Promise<void> {
    try {
      const path = `/panels/${encodeURIComponent(this.id_)}/plan`;
      this.panel = await hub.api.put<PanelShown>(path, plan);
      say(t("It is kept."));
    } catch (error) {
      sayProblem(problemOf(error));
      await this.load();
    }
  }

  private value<T>(name: string): T | null {
    const reading = this.device?.properties[name];
    return reading && reading.quality !== "bad" ? (reading.value as T) : null;
  }

  private has(name: string, writable = true): boolean {
    const found = this.device?.description?.properties[name];
    return !!found && (!writable || found.writable);
  }

  private titleOf(name: string): string {
    return t(this.device?.description?.properties[name]?.title ?? name);
  }

  /** What a switch or slider is called; what is only known to have been set is said to be. */
  private labelOf(name: string): string {
    const assumed = this.value<string[]>("assumed")?.includes(name);
    return assumed ? `${this.titleOf(name)} (${t("assumed")})` : this.titleOf(name);
  }

  private get sources(): Named[] {
    return this.value<Named[]>("sources") ?? [];
  }

  override render(): TemplateResult {
    const { device, panel } = this;
    if (!device || !panel) {
      return html`<div class="page"><hub-notice .problem=${this.problem}></hub-notice></div>`;
    }
    const status = deviceStatus(device.state);
    const power = this.value<string>("power");
    return html`<div class="page">
      <div class="head"><div>
        <p class="muted small">${t(device.kind_title)}</p>
        <h1>${deviceName(device)}</h1>
        <p class="chip"><span class="dot ${status.tone}"></span>${device.state.reachable && power ? t(POWERS[power] ?? power) : status.text}${this.assumed("power")}</p>
      </div><a class="button" href="/devices/${encodeURIComponent(device.id)}">${icon("sliders")}${t("All about it")}</a></div>
      <hub-notice .problem=${device.state.problem ?? device.state.health ?? this.problem}></hub-notice>
      <hub-screen-time></hub-screen-time>
      <div class="columns">${this.lesson(panel)}${this.now(power)}</div>
      <div class="columns">${this.wanted(panel.plan)}${this.clock(panel.plan)}</div>
    </div>`;
  }

  private assumed(name: string): TemplateResult | typeof nothing {
    const assumed = this.value<string[]>("assumed") ?? [];
    return assumed.includes(name) ? html` (${t("assumed")})` : nothing;
  }

  private lesson(panel: PanelShown): TemplateResult {
    const scene = panel.scene;
    return html`<section class="card"><h2>${t("Lesson")}</h2>
      <div class="both">
        <button class="primary big" @click=${() => void this.begin("start")}>${icon("play")}${t("Start the lesson")}</button>
        <button class="big" @click=${() => void this.begin("end")}>${icon("stop")}${t("End the lesson")}</button>
      </div>
      <div class="now" role="status">${scene ? this.progress(scene) : html`<span class="muted">${t("One button sets the panel as the lesson wants it.")}</span>`}</div>
      ${
        scene?.failed.length
          ? html`<ul class="failed">${scene.failed.map(
              (one) =>
                html`<li class="chip"><span class="dot bad"></span>${this.titleOf(one.property)}: ${t(one.title)} ${t(one.hint)}</li>`,
            )}</ul>`
          : nothing
      }</section>`;
  }

  private progress(scene: SceneState): TemplateResult {
    if (scene.state === "running") {
      const step = STEPS[scene.step];
      return html`<progress></progress><span>${step ? t(step) : this.titleOf(scene.step)}</span>`;
    }
    if (scene.state === "failed") return html`<span>${t("Not all could be set.")}</span>`;
    return html`${icon("check")}<span>${scene.scene === "start" ? t("The panel is ready for the lesson.") : t("The lesson is ended on the panel.")}</span>`;
  }

  private now(power: string | null): TemplateResult {
    const off = power !== "on";
    const on = power === "on" || power === "warming";
    return html`<section class="card"><h2>${t("Now")}</h2>
      <button class="${on ? "" : "primary"}" ?disabled=${!this.device?.state.reachable} @click=${() => void this.set("power", on ? "off" : "on")}>
        ${on ? t("Switch the panel off") : t("Switch the panel on")}</button>
      ${this.has("source") ? this.source(off) : nothing}
      ${
        this.has("volume")
          ? html`<hub-range .label=${this.labelOf("volume")} unit="%" .minimum=${0} .maximum=${100} .step=${1} .value=${this.value<number>("volume")} .disabled=${off}
            @set=${(event: SetEvent<number>) => void this.set("volume", event.value)}></hub-range>`
          : nothing
      }
      ${
        this.device?.description?.actions.louder
          ? html`<div class="both"><button ?disabled=${off} @click=${() => void this.act("quieter")}>${t("Quieter")}</button>
            <button ?disabled=${off} @click=${() => void this.act("louder")}>${t("Louder")}</button></div>`
          : nothing
      }
      ${SWITCHES.filter((name) => this.has(name)).map(
        (name) =>
          html`<hub-switch .label=${this.labelOf(name)} .value=${this.value<boolean>(name)} .disabled=${off}
          @set=${(event: SetEvent<boolean>) => void this.set(name, event.value)}></hub-switch>`,
      )}
      ${this.hours()}</section>`;
  }

  private source(off: boolean): TemplateResult {
    const now = this.value<string>("source");
    return html`<div><label for="source">${this.labelOf("source")}</label><select id="source" ?disabled=${off}
      @change=${(event: Event) => void this.set("source", (event.target as HTMLSelectElement).value)}>
      ${now ? nothing : html`<option value="" selected>–</option>`}
      ${this.sources.map((one) => html`<option value=${one.id} ?selected=${one.id === now}>${one.name}</option>`)}
    </select></div>`;
  }

  private hours(): TemplateResult | typeof nothing {
    const rows: [string, number | null][] = [
      ["on_hours", this.value<number>("on_hours")],
      ["lamps", this.value<{ hours: number }[]>("lamps")?.[0]?.hours ?? null],
      ["filter_hours", this.value<number>("filter_hours")],
    ];
    const known = rows.filter(([, value]) => value !== null);
    if (known.length === 0) return nothing;
    return html`<dl>${known.map(
      ([name, value]) =>
        html`<dt>${this.labelOf(name)}</dt><dd>${t("{n} h", { n: number(value ?? 0, 0) })}</dd>`,
    )}</dl>`;
  }

  private wanted(plan: Plan): TemplateResult {
    const change = (start: Partial<Plan["start"]>): void =>
      void this.keep({ ...plan, start: { ...plan.start, ...start } });
    const flags = ["lock", "touch_lock", "mute"] as const;
    return html`<section class="card"><h2>${t("What a lesson sets")}</h2>
      <hub-switch .label=${t("With every lesson, by itself")} .value=${plan.with_lessons}
        @set=${(event: SetEvent<boolean>) => void this.keep({ ...plan, with_lessons: event.value })}></hub-switch>
      <div class="fields">
        ${
          this.has("source")
            ? html`<div><label for="wanted">${this.titleOf("source")}</label><select id="wanted"
              @change=${(event: Event) => change({ source: (event.target as HTMLSelectElement).value || null })}>
              <option value="" ?selected=${plan.start.source === null}>${t("as it is")}</option>
              ${this.sources.map((one) => html`<option value=${one.id} ?selected=${one.id === plan.start.source}>${one.name}</option>`)}</select></div>`
            : nothing
        }
        ${
          this.has("volume")
            ? html`<div><label for="loud">${this.titleOf("volume")}, %</label><input id="loud" type="number" min="0" max="100" placeholder=${t("as it is")} .value=${String(plan.start.volume ?? "")}
              @change=${(event: Event) => change({ volume: asked(event) })}></div>`
            : nothing
        }
        ${flags
          .filter((name) => this.has(name))
          .map(
            (name) => html`<div><label for=${name}>${this.titleOf(name)}</label><select id=${name}
            @change=${(event: Event) => change({ [name]: { yes: true, no: false }[(event.target as HTMLSelectElement).value] ?? null })}>
            <option value="" ?selected=${plan.start[name] === null}>${t("as it is")}</option>
            <option value="yes" ?selected=${plan.start[name] === true}>${t("Yes")}</option>
            <option value="no" ?selected=${plan.start[name] === false}>${t("No")}</option></select></div>`,
          )}
        <div><label for="wake">${t("Hardware address, to wake it")}</label><input id="wake" maxlength="17" placeholder="00:1b:44:11:3a:b7" .value=${plan.wake ?? ""}
          @change=${(event: Event) => void this.keep({ ...plan, wake: (event.target as HTMLInputElement).value.trim() || null })}></div>
      </div>
      <hub-switch .label=${t("Off at the end of the lesson")} .value=${plan.end.power === "off"}
        @set=${(event: SetEvent<boolean>) => void this.keep({ ...plan, end: { ...plan.end, power: event.value ? "off" : null } })}></hub-switch>
    </section>`;
  }

  private clock(plan: Plan): TemplateResult {
    const add = { days: [1, 2, 3, 4, 5], at: "18:00", scene: "end" as const };
    return html`<section class="card"><h2>${t("By the clock")}</h2>
      <p class="muted small">${t("While a lesson runs nothing is switched off by the clock.")}</p>
      <div>${plan.times.map((time, at) => {
        const change = (more: Partial<typeof time> | null): void =>
          void this.keep(withTime(plan, at, more));
        return html`<div class="time">
          <input type="time" required aria-label=${t("Time")} .value=${time.at} @change=${(event: Event) => change({ at: (event.target as HTMLInputElement).value })}>
          <select aria-label=${t("What is done")} @change=${(event: Event) => change({ scene: (event.target as HTMLSelectElement).value as "start" | "end" })}>
            <option value="end" ?selected=${time.scene === "end"}>${t("End the lesson")}</option>
            <option value="start" ?selected=${time.scene === "start"}>${t("Start the lesson")}</option></select>
          <div class="days" role="group" aria-label=${t("Days")}>${[1, 2, 3, 4, 5, 6, 7].map(
            (day) =>
              html`<button aria-pressed=${String(time.days.includes(day))} @click=${() => change({ days: withDay(time.days, day) })}>${dayName(day)}</button>`,
          )}</div>
          <button class="icon" aria-label=${t("Take this time out")} title=${t("Take this time out")} @click=${() => change(null)}>${icon("erase")}</button></div>`;
      })}</div>
      <button @click=${() => void this.keep({ ...plan, times: [...plan.times, add] })}>${icon("plus")}${t("Another time")}</button>
      <hub-panel-holidays .holidays=${plan.holidays} @holidays=${(event: HolidaysEvent) => void this.keep({ ...plan, holidays: event.holidays })}></hub-panel-holidays>
      <div><label for="idle">${t("Off when it is on without a lesson for, minutes")}</label>
        <input id="idle" type="number" min="5" max="600" placeholder=${t("never")} .value=${String(plan.idle_minutes ?? "")}
          @change=${(event: Event) => void this.keep({ ...plan, idle_minutes: asked(event) })}></div>
    </section>`;
  }
}
define("hub-panel-control-page", ControlPage);

function asked(event: Event): number | null {
  const value = (event.target as HTMLInputElement).valueAsNumber;
  return Number.isFinite(value) ? Math.round(value) : null;
}

const DAYS = [N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun")];

function dayName(day: number): string {
  return t(DAYS[day - 1] ?? "");
}
