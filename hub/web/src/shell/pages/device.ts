import "@classhub/live-view";
import {
  type Device,
  hub,
  N_,
  type Operation,
  type Problem,
  type PropertyDescription,
  problemOf,
  type Reading,
} from "@classhub/client";
import {
  clock,
  define,
  deviceName,
  deviceStatus,
  HubElement,
  i18n,
  icon,
  sayProblem,
  t,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { devicePath } from "../data.js";
import "../action-card.js";
import "../property-row.js";
import { deviceStyles } from "./device.styles.js";

const EVENTS_KEPT = 20;

interface Happened {
  name: string;
  time: string;
  data: unknown;
}

/** Everything a device has, made from its description alone: the page of every kind of device. */
class DevicePage extends HubElement {
  static override properties = {
    params: { attribute: false },
    device: { state: true },
    readings: { state: true },
    operations: { state: true },
    events: { state: true },
    problem: { state: true },
  };
  static override styles = deviceStyles;
  declare params: { id: string };
  declare device: Device | null;
  declare readings: Record<string, Reading>;
  /** The newest operation of each action. */
  declare operations: Record<string, Operation>;
  declare events: Happened[];
  declare problem: Problem | null;

  constructor() {
    super();
    this.params = { id: "" };
    this.device = null;
    this.readings = {};
    this.operations = {};
    this.events = [];
    this.problem = null;
  }

  protected override arrive(): void {
    const { id } = this.params;
    const hear = (filter: string, take: (topic: string, payload: unknown) => void) =>
      this.until(hub.stream.subscribe(filter, take));
    // Null: it was taken out of use.
    const changed = (_: string, payload: unknown) => {
      if (payload === null) this.gone();
      else void this.load();
    };
    hear(`${id}/state`, changed);
    hear(`${id}/td`, (topic, payload) => payload !== null && changed(topic, payload));
    hear(`${id}/p/+`, (topic, payload) => {
      const name = topic.split("/").at(-1) ?? "";
      this.readings = { ...this.readings, [name]: payload as Reading };
    });
    hear(`${id}/e/+`, (topic, payload) => this.happened(topic.split("/").at(-1) ?? "", payload));
    hear("operations/+", (_, payload) => this.follow(payload as Operation));
    this.on(i18n, "change", () => void this.load());
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.device = await hub.api.get<Device>(`/devices/${encodeURIComponent(this.params.id)}`);
      this.readings = { ...this.readings, ...this.device.properties };
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private gone(): void {
    this.device = null;
    this.problem = {
      code: "not-found",
      title: N_("This device is no longer in use."),
      hint: N_("The lab engineer can take it into use again."),
    };
  }

  private happened(name: string, payload: unknown): void {
    const told = payload as { time?: string; data?: unknown } | null;
    const time = told?.time ?? new Date().toISOString();
    const data = told && "data" in told ? told.data : payload;
    this.events = [{ name, time, data }, ...this.events].slice(0, EVENTS_KEPT);
  }

  private follow(operation: Operation): void {
    if (operation?.device !== this.params.id) return;
    this.operations = { ...this.operations, [operation.action]: operation };
  }

  private async write(name: string, value: unknown): Promise<void> {
    const path = `/devices/${encodeURIComponent(this.params.id)}/properties/${name}`;
    const reading = await hub.api.put<Reading>(path, { value });
    this.readings = { ...this.readings, [name]: reading };
  }

  private async invoke(name: string, input: unknown): Promise<void> {
    const path = `/devices/${encodeURIComponent(this.params.id)}/actions/${name}`;
    try {
      this.follow(await hub.api.post<Operation>(path, input === undefined ? {} : { input }));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    const device = this.device;
    return html`<div class="page">
      <hub-notice .problem=${this.problem}></hub-notice>
      ${device ? [this.head(device), this.body(device), this.care(device)] : nothing}
      ${
        this.problem?.code === "not-found"
          ? html`<div class="stack"><a class="button primary" href="/">${t("Go to the home page")}</a></div>`
          : nothing
      }
    </div>`;
  }

  private head(device: Device): TemplateResult {
    const status = deviceStatus(device.state);
    const own = devicePath(device);
    const problem = device.state.problem ?? device.state.health;
    return html`<header>
      <div class="grow">
        <p class="muted small">${t(device.kind_title)}</p>
        <h1>${deviceName(device)}</h1>
        <p class="chip"><span class="dot ${status.tone}"></span>${status.text}</p>
      </div>
      ${own.startsWith("/devices/") ? nothing : html`<a class="button primary" href=${own}>${icon(device.icon)}${t("Work with it")}</a>`}
    </header>
    ${problem && problem.severity !== "ok" ? html`<hub-notice .problem=${problem}></hub-notice>` : nothing}`;
  }

  private body(device: Device): TemplateResult {
    const description = device.description;
    if (!description) {
      return html`<p class="muted">${t("It has not been reached yet, so what it has is not known.")}</p>`;
    }
    const properties = Object.values(description.properties);
    const actions = Object.values(description.actions);
    const streams = Object.values(description.streams).filter((one) => one.content === "frames");
    const set = properties.filter((one) => this.writable(one));
    const read = properties.filter((one) => !this.writable(one));
    return html`<div class="columns">
      ${streams.map((stream) => html`<section class="card view"><hub-live-view .device=${device.id} .stream=${stream.name}></hub-live-view></section>`)}
      ${set.length ? html`<section class="card"><h2>${t("Settings")}</h2>${this.rows(set)}</section>` : nothing}
      ${read.length ? html`<section class="card"><h2>${t("Readings")}</h2>${this.rows(read)}</section>` : nothing}
      ${
        actions.length
          ? html`<section class="card"><h2>${t("What it can do")}</h2>${actions.map(
              (
                action,
              ) => html`<hub-action .action=${action} .operation=${this.operations[action.name] ?? null}
                ?disabled=${!hub.session.may(action.role) || !device.state.reachable}
                @invoke=${(event: CustomEvent<unknown>) => void this.invoke(action.name, event.detail)}></hub-action>`,
            )}</section>`
          : nothing
      }
      ${Object.keys(description.events).length ? this.happenings(description.events) : nothing}
      <section class="card"><h2>${t("About it")}</h2><dl>
        <dt>${t("Name in programs")}</dt><dd><code>${device.id}</code></dd>
        <dt>${t("Driver")}</dt><dd>${device.driver}</dd>
        ${device.seat ? html`<dt>${t("Seat")}</dt><dd>${device.seat}</dd>` : nothing}
        <dt>${t("So since")}</dt><dd>${clock(typeof device.state.since === "number" ? device.state.since * 1000 : device.state.since)}</dd>
      </dl></section>
    </div>`;
  }

  /** For engineers, also while the device was never reached: just then it is needed. */
  private care(device: Device): TemplateResult | typeof nothing {
    if (!hub.session.may("engineer")) return nothing;
    void import("../device-care.js");
    return html`<hub-device-care .device=${device}></hub-device-care>`;
  }

  private writable(property: PropertyDescription): boolean {
    return property.writable && hub.session.may(property.write_role);
  }

  private rows(properties: PropertyDescription[]): TemplateResult[] {
    return properties.map(
      (
        property,
      ) => html`<hub-property .property=${property} .reading=${this.readings[property.name] ?? null}
        ?readonly=${!this.writable(property)} ?disabled=${!this.device?.state.reachable}
        .write=${(value: unknown) => this.write(property.name, value)}></hub-property>`,
    );
  }

  private happenings(described: Record<string, { title: string }>): TemplateResult {
    return html`<section class="card"><h2>${t("What happened")}</h2>
      ${this.events.length === 0 ? html`<p class="muted">${t("Nothing since this page was opened.")}</p>` : nothing}
      <ol class="events">${this.events.map(
        (
          event,
        ) => html`<li><time>${clock(event.time)}</time><span>${t(described[event.name]?.title ?? event.name)}</span>
          ${event.data === null || event.data === undefined ? nothing : html`<span class="muted">${typeof event.data === "object" ? JSON.stringify(event.data) : t(String(event.data))}</span>`}</li>`,
      )}</ol></section>`;
  }
}
define("hub-device-page", DevicePage);
