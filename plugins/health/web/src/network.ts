import { hub, type Problem, problemOf } from "@classhub/client";
import { define, HubElement, icon, number, sayProblem, t, unitText, withUnit } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import type { Network, SpeedFound } from "./api.js";
import { healthStyles } from "./health-page.styles.js";
import { moment, sizeText, valueText } from "./words.js";

const AGAIN = 30_000;

/** The network: who answers, how fast the internet was, and a button that measures it. */
class NetworkPart extends HubElement {
  static override properties = {
    network: { state: true },
    problem: { state: true },
    busy: { state: true },
  };
  static override styles = healthStyles;
  declare network: Network | null;
  declare problem: Problem | null;
  declare busy: boolean;

  constructor() {
    super();
    this.network = null;
    this.problem = null;
    this.busy = false;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { topics: ["x/health/network"], every: AGAIN });
  }

  private async load(): Promise<void> {
    try {
      this.network = await hub.api.get<Network>("/health/network");
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async measure(): Promise<void> {
    this.busy = true;
    try {
      this.network = await hub.api.post<Network>("/health/network/speed");
    } catch (error) {
      sayProblem(problemOf(error));
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult | typeof nothing {
    const now = this.network;
    if (!now) return html`<hub-notice .problem=${this.problem}></hub-notice>`;
    return html`<section><div class="head"><h2>${t("Network")}</h2>
        <a class="button quiet" href="/health/network">${icon("activity")}${t("How it was")}</a></div>
      <div class="tiles">${now.asked.map(
        (one) => html`<div class="card tile"><span class="small">${one.title}</span>
          <strong><span class="dot ${one.up ? "good" : "bad"}"></span> ${one.up ? t("Yes") : t("No")}</strong>
          <span class="muted small">${one.address}${one.up && one.seconds ? html` · ${valueText({ unit: "s" }, one.seconds)}` : nothing}</span></div>`,
      )}
        ${now.speed ? this.speed(now.speed) : nothing}</div>
      ${now.internet ? nothing : html`<p class="muted small">${t("Whether the internet works is not watched: no address is set under [plugins.health.network] in the hub's settings.")}</p>`}
      ${this.measuring(now)}</section>`;
  }

  private speed(one: SpeedFound): TemplateResult {
    const text = (value: number | null) =>
      value === null ? "–" : withUnit(number(value, value < 10 ? 1 : 0), unitText("Mbit/s"));
    return html`<div class="card tile"><span class="small">${t("Internet speed")}</span>
      <strong>↓ ${text(one.download)}<br>↑ ${text(one.upload)}</strong>
      <span class="muted small">${moment(one.at)} · ${one.address} · ${sizeText(one.bytes)}</span></div>`;
  }

  private measuring(now: Network): TemplateResult {
    if (!now.speed_set)
      return html`<p class="muted small">${t("The internet's speed is not measured: no address is set under [plugins.health.network.speed] in the hub's settings.")}</p>`;
    if (now.measuring)
      return html`<p class="card calm" role="status">${icon("clock")}${t("The internet's speed is being measured; that takes up to a minute.")}</p>`;
    return html`${now.failed ? html`<p class="card calm" role="alert">${icon("warning")}${now.failed.said} ${now.failed.hint} <span class="muted small">${now.failed.detail}</span></p>` : nothing}
      <div class="row"><button ?disabled=${this.busy} @click=${() => void this.measure()}>${icon("activity")}${t("Measure the internet's speed")}</button>
        <p class="muted small">${now.speed_at ? t("Measured by itself at {time} on school days.", { time: now.speed_at }) : ""} ${t("The class's internet is busy for half a minute.")}</p></div>`;
  }
}
define("hub-health-network", NetworkPart);
