import { hub, type Problem, problemOf } from "@classhub/client";
import { define, givenName, HubElement, i18n, icon, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import {
  type Change,
  type DeviceHealth,
  type HealthStatus,
  type Summary,
  shareTone,
  TONES,
} from "./api.js";
import "./alerts.js";
import "./computer.js";
import "./network.js";
import { healthStyles } from "./health-page.styles.js";
import { changeText, moment, shareText, sizeText, valueText, weekday } from "./words.js";

const RANK: Record<HealthStatus, number> = { fault: 0, warning: 1, ok: 2 };
const AGAIN = 15_000;

/** The lab engineer's screen: is all well, what needs a hand, how the week was, what changed. */
class HealthPage extends HubElement {
  static override properties = {
    summary: { state: true },
    changes: { state: true },
    problem: { state: true },
  };
  static override styles = healthStyles;
  declare summary: Summary | null;
  declare changes: Change[];
  declare problem: Problem | null;

  constructor() {
    super();
    this.summary = null;
    this.changes = [];
    this.problem = null;
  }

  protected override arrive(): void {
    // What changed is written down a moment after it is told.
    this.keepLoaded(() => this.load(), { topics: ["+/state"], every: AGAIN, quiet: 700 });
  }

  private async load(): Promise<void> {
    try {
      const [summary, changes] = await Promise.all([
        hub.api.get<Summary>("/health/summary"),
        hub.api.get<{ items: Change[] }>("/health/changes?hours=48&limit=60"),
      ]);
      this.summary = summary;
      this.changes = changes.items;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    return html`<div class="page">
      <div class="head"><h1>${t("Device health")}</h1>
        <a class="button" href="/health/check">${icon("check")}${t("Before the lesson")}</a>
        <a class="button" href="/api/v1/support-bundle" download>${icon("download")}${t("Support bundle")}</a>
        <a class="button" href="/equipment">${icon("cable")}${t("Equipment")}</a></div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${this.summary ? this.all(this.summary) : html`<progress aria-label=${t("Loading")}></progress>`}
    </div>`;
  }

  private all(summary: Summary): TemplateResult {
    const devices = [...summary.devices].sort(
      (one, other) =>
        RANK[one.status] - RANK[other.status] ||
        named(one).localeCompare(named(other), i18n.language),
    );
    return html`<section aria-label=${t("What to do now")}><hub-health-alerts></hub-health-alerts></section>
      <section><div class="head"><h2>${t("Devices")}</h2><p class="muted small">${t("How much of the school's hours each could be used, in seven days")}</p></div>
        ${
          devices.length
            ? html`<ul class="list card">${repeat(
                devices,
                (one) => one.device,
                (one) => this.row(one),
              )}</ul>`
            : html`<p class="card calm">${t("No device is in use yet.")}</p>`
        }</section>
      ${this.computer(summary.computer)}
      <hub-health-network></hub-health-network>
      <section><h2>${t("What changed since yesterday")}</h2>
        ${
          this.changes.length
            ? html`<ul class="log card">${grouped(this.changes).map((same) => this.change(same, devices))}</ul>`
            : html`<p class="card calm muted">${t("Nothing. Every device is as it was.")}</p>`
        }</section>`;
  }

  private row(one: DeviceHealth): TemplateResult {
    const said = one.status === "ok" ? one.kind_title : one.said || t("Does not answer");
    return html`<li><span class="sign">${icon(one.icon)}<span class="dot ${TONES[one.status]}"></span></span>
      <div><h3>${named(one)}</h3><p class="muted small">${said}</p></div>
      <span class="week" role="img" aria-label=${t("The last school days: {days}", { days: one.days.map((day) => `${weekday(day.day)} ${shareText(day)}`).join(", ") })}>
        ${one.days.map((day) => html`<span class="day" title=${shareText(day)}><i class=${shareTone(day.share)}></i>${weekday(day.day)}</span>`)}</span>
      <span class="share">${shareText(one.week)}</span>
      <a class="button" href=${pageOf(one.device)} aria-label=${t("How {name} was", { name: named(one) })}>${icon("activity")}<span class="word">${t("How it was")}</span></a></li>`;
  }

  private computer(values: Record<string, number>): TemplateResult | typeof nothing {
    const percent = (name: string, title: string, more = "") => {
      const value = values[name];
      if (value === undefined) return nothing;
      return html`<div class="card tile"><span class="small">${title}</span><strong>${valueText({ unit: "%" }, Math.round(value))}</strong>
        <progress max="100" value=${value} aria-label=${title}></progress><span class="muted small">${more}</span></div>`;
    };
    const free = values.disk_free;
    const heat = values.heat;
    return html`<section><div class="head"><h2>${t("The hub's computer")}</h2>
        <a class="button quiet" href=${pageOf("computer")}>${icon("activity")}${t("How it was")}</a></div>
      <div class="tiles">${percent("processor", t("Processor in use"))}${percent("memory", t("Memory in use"))}
        ${percent("disk", t("Disk in use"), free === undefined ? "" : t("{size} free", { size: sizeText(free) }))}
        ${
          heat === undefined
            ? nothing
            : html`<div class="card tile"><span class="small">${t("Hottest part")}</span><strong>${valueText({ unit: "Cel" }, Math.round(heat))}</strong></div>`
        }</div><hub-health-computer></hub-health-computer></section>`;
  }

  private change(same: Change[], devices: DeviceHealth[]): TemplateResult | typeof nothing {
    const [one] = same;
    if (!one) return nothing;
    const names = same.map(({ device }) => {
      const known = devices.find((other) => other.device === device);
      return known ? named(known) : device;
    });
    return html`<li><time datetime=${one.time}>${moment(one.time)}</time>
      <span class="dot ${one.up ? "good" : "bad"}"></span>
      <span><b>${names.join(", ")}</b> · ${changeText(one)}</span></li>`;
  }
}
define("hub-health-page", HealthPage);

function named(one: DeviceHealth): string {
  return givenName(one.name) || one.kind_title || one.device;
}

function pageOf(subject: string): string {
  return `/health/${encodeURIComponent(subject)}`;
}

/** Changes that follow each other, alike and in the same minute: what a person calls one thing. */
function grouped(changes: Change[]): Change[][] {
  const found: Change[][] = [];
  for (const one of changes) {
    const last = found.at(-1);
    const like = last?.[0];
    if (
      last &&
      like &&
      moment(like.time) === moment(one.time) &&
      like.said === one.said &&
      like.up === one.up
    )
      last.push(one);
    else found.push([one]);
  }
  return found;
}
