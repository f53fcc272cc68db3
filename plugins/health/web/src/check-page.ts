import { hub, type Problem, problemOf } from "@classhub/client";
import { define, givenName, HubElement, icon, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { TONES } from "./api.js";
import { checkStyles } from "./check.styles.js";
import { type Check, CheckControl, type CheckResult, verdict } from "./check-api.js";
import { pictures, picturesOf } from "./pictures.js";
import { moment, valueText } from "./words.js";

const EARLIER = 20;

/** The check before the lesson: one look, what to do now, each device, earlier checks. */
class CheckPage extends HubElement {
  static override properties = { earlier: { state: true }, problem: { state: true } };
  static override styles = checkStyles;
  declare earlier: Check[];
  declare problem: Problem | null;
  private readonly check = new CheckControl(this, () => void this.load());

  constructor() {
    super();
    this.earlier = [];
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const found = await hub.api.get<{ items: Check[] }>(`/health/checks?limit=${EARLIER}`);
      this.earlier = found.items;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    const state = this.check.state;
    return html`<div class="page">
      <div class="head"><h1>${t("Before the lesson")}</h1>
        <div class="row"><hub-panel-button element="hub-screen-check"></hub-panel-button>
          <button class="primary" ?disabled=${!state || state.running} @click=${() => void this.check.begin()}>${icon("check")}${t("Check now")}</button></div></div>
      <hub-notice .problem=${this.problem ?? this.check.problem}></hub-notice>
      ${state ? this.all() : html`<progress aria-label=${t("Loading")}></progress>`}
    </div>`;
  }

  private all(): TemplateResult {
    const state = this.check.state;
    if (!state) return html``;
    const { running, newest } = state;
    const ill = newest?.results.filter((one) => one.status !== "ok") ?? [];
    return html`${
      running
        ? html`<div class="verdict idle" role="status">${icon("search")}<div class="grow"><h2>${t("Trying {done} of {of} devices", { done: state.done, of: state.of })}</h2>
            <progress max=${Math.max(state.of, 1)} value=${state.done} aria-label=${t("Checking")}></progress></div></div>`
        : newest
          ? html`<div class="verdict ${TONES[newest.status]}" role="status">${icon(ill.length ? "warning" : "check")}
              <div><h2>${verdict(newest)}</h2><p class="muted">${moment(newest.ended)}</p></div></div>`
          : html`<p class="card calm">${t("Tries every device within a minute. Nobody is disturbed.")}</p>`
    }
    <p class="muted small">${state.at ? t("By itself on every school day at {time}", { time: state.at }) : t("The lab engineer can set a time at which this is done by itself on every school day.")}</p>
    ${
      ill.length && !running
        ? html`<section><h2>${t("What to do now")}</h2><ul class="todo">${repeat(
            ill,
            (one) => one.device,
            (one) => this.todo(one),
          )}</ul></section>`
        : nothing
    }
    ${
      newest && !running
        ? html`<section><h2>${t("Each device")}</h2><ul class="list card">${repeat(
            newest.results,
            (one) => one.device,
            (one) => this.row(one),
          )}</ul></section>`
        : nothing
    }
    ${
      this.earlier.length
        ? html`<section><h2>${t("Earlier checks")}</h2><ul class="log card">${this.earlier.map(
            (one) => html`<li><time datetime=${one.began}>${moment(one.began)}</time>
              <span class="dot ${TONES[one.status]}"></span>
              <span>${verdict(one)}${ills(one)}<span class="muted small"> · ${one.by === "timetable" ? t("by the timetable") : t("by the button")}</span></span></li>`,
          )}</ul></section>`
        : nothing
    }`;
  }

  private todo(one: CheckResult): TemplateResult {
    return html`<li class="card ${TONES[one.status]}"><h3>${named(one)}</h3>
      <p class="fault">${one.said}</p>
      <p>${one.hint}</p>
      ${pictures(picturesOf(one.code, one.icon))}
      <div class="row"><a class="button" href="/devices/${encodeURIComponent(one.device)}">${icon("sliders")}${t("Look after it")}</a></div></li>`;
  }

  private row(one: CheckResult): TemplateResult {
    return html`<li><span class="sign">${icon(one.icon)}<span class="dot ${TONES[one.status]}"></span></span>
      <div><h3>${named(one)}</h3><p class="muted small">${one.status === "ok" ? one.tried : one.said}</p></div>
      <span class="took small muted">${one.seconds >= 1 ? valueText({ unit: "s" }, one.seconds) : nothing}</span></li>`;
  }
}
define("hub-health-check-page", CheckPage);

function named(one: CheckResult): string {
  return givenName(one.name) || one.kind_title || one.device;
}

function ills(check: Check): string {
  const names = check.results.filter((one) => one.status !== "ok").map(named);
  return names.length ? `: ${names.join(", ")}` : "";
}
