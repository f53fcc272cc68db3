import { type Device, hub, type Problem } from "@classhub/client";
import { define, deviceName, deviceStatus, HubElement, icon, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { devicePath } from "../data.js";
import { DeviceList } from "../device-list.js";
import "../alert-strip.js";
import "../home-cards.js";
import "../lesson-card.js";
import "../lesson-seats.js";
import "../poster.js";
import { homeStyles } from "./home.styles.js";

/** What is here, how it is, what to do: the lesson first, then the devices. */
class HomePage extends HubElement {
  static override properties = { problems: { state: true } };
  static override styles = homeStyles;
  /** What is wrong with the hub itself; told to teachers and above. */
  declare problems: Problem[];
  private readonly list = new DeviceList(this);

  constructor() {
    super();
    this.problems = [];
  }

  protected override arrive(): void {
    this.on(hub.session, "change", () => this.requestUpdate());
    this.until(
      hub.stream.subscribe("hub/health", (_, payload) => {
        this.problems = (payload as { problems: Problem[] } | null)?.problems ?? [];
      }),
    );
  }

  override render(): TemplateResult {
    return html`<div class="page">
      <h1 class="visually-hidden">${t("Home")}</h1>
      ${this.problems.map((problem) => html`<hub-notice .problem=${problem}></hub-notice>`)}
      ${hub.session.may("engineer") ? html`<hub-alert-strip></hub-alert-strip>` : nothing}
      ${hub.session.principal?.role === "engineer" ? [this.cards(), this.here(), this.lesson()] : [this.lesson(), this.cards(), this.here()]}
    </div>`;
  }

  private cards(): TemplateResult {
    return html`<hub-home-cards></hub-home-cards>`;
  }

  private lesson(): TemplateResult {
    return html`<hub-lesson-card></hub-lesson-card><hub-lesson-seats></hub-lesson-seats>`;
  }

  private here(): TemplateResult {
    return html`<section class="devices" aria-label=${t("Devices")}>
        <h2>${t("What is here")}</h2>
        <hub-notice .problem=${this.list.problem}></hub-notice>
        ${this.devices()}
      </section>`;
  }

  private devices(): TemplateResult | typeof nothing {
    const devices = this.list.devices;
    if (devices === null) return nothing;
    if (devices.length === 0) return this.empty();
    return html`<ul class="grid">${repeat(
      [...devices].sort((one, other) => urgency(one) - urgency(other)),
      (device) => device.id,
      (device) =>
        html`<li class=${device.streams.length > 0 ? "tall" : "short"}>${this.card(device)}</li>`,
    )}</ul>`;
  }

  private card(device: Device): TemplateResult {
    const status = deviceStatus(device.state);
    const stream = device.streams[0];
    const name = deviceName(device);
    const kind = t(device.kind_title);
    return html`<article class="card device">
      <a class="main" href=${devicePath(device)}>
        ${
          stream
            ? html`<hub-poster .device=${device.id} .stream=${stream} ?off=${!device.state.reachable}></hub-poster>`
            : html`<div class="kind">${icon(device.icon)}</div>`
        }
        <div class="text">
          <h3>${name}</h3>
          ${kind !== name ? html`<p class="muted small">${kind}</p>` : nothing}
          <p class="chip"><span class="dot ${status.tone}"></span>${status.text}</p>
          ${status.hint ? html`<p class="hint">${status.hint}</p>` : nothing}
          ${stream ? html`<span class="open">${t("Open")}${icon("right")}</span>` : nothing}
        </div>
        ${stream ? nothing : html`<span class="onward">${icon("right")}</span>`}
      </a>
      ${
        hub.session.may("teacher")
          ? html`<a class="details" href="/devices/${encodeURIComponent(device.id)}">
              <span>${t("All about it")}<span class="visually-hidden"> ${name}</span></span>${icon("right")}</a>`
          : nothing
      }
    </article>`;
  }

  private empty(): TemplateResult {
    return html`<div class="card empty">
      ${icon("cable")}
      <div class="stack">
        <h3>${t("No device is here yet.")}</h3>
        <p class="muted">${t("Plug a microscope, a printer or a tablet into the hub's computer and switch it on. It appears here by itself.")}</p>
      </div>
    </div>`;
  }
}

const URGENCY = { bad: 0, warn: 1, idle: 2, good: 2 };

/** What is broken comes first; the rest stays in its order. */
function urgency(device: Device): number {
  return URGENCY[deviceStatus(device.state).tone];
}
define("hub-home-page", HomePage);
