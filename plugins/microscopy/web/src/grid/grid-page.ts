import { type Device, type DeviceState, hub, type Problem, problemOf } from "@classhub/client";
import "@classhub/live-view";
import { define, deviceName, deviceStatus, HubElement, i18n, icon, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { gridStyles } from "./grid-page.styles.js";
import { arrangement, bySeat } from "./seats.js";

/** All microscopes of the class in the order of the desks, live; a tap enlarges one. */
class GridPage extends HubElement {
  static override properties = {
    devices: { state: true },
    problem: { state: true },
    large: { state: true },
  };
  static override styles = gridStyles;
  declare devices: Device[] | null;
  declare problem: Problem | null;
  /** The microscope that is shown alone; empty while all are. */
  declare large: string;
  /** Where the focus goes back to. */
  private left = "";

  constructor() {
    super();
    this.devices = null;
    this.problem = null;
    this.large = "";
  }

  protected override arrive(): void {
    this.until(hub.stream.subscribe("+/state", (topic, payload) => this.hear(topic, payload)));
    this.on(i18n, "change", () => void this.load());
    this.on(document, "keydown", (event) => {
      if ((event as KeyboardEvent).key === "Escape" && this.large) this.showAll();
    });
    this.on(window, "resize", () => this.arrange());
    void this.load();
  }

  /** Give the pictures as much of the screen as there is below the list's top. */
  private arrange(): void {
    const list = this.renderRoot.querySelector<HTMLElement>("ul");
    if (!list || !this.devices) return;
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const room = window.innerHeight - (list.getBoundingClientRect().top + window.scrollY);
    list.style.maxWidth = "none";
    const width = list.clientWidth;
    const { columns, across } = arrangement(this.devices.length, width / rem, room / rem - 1);
    list.style.setProperty("--columns", String(columns));
    list.style.maxWidth = `${across}rem`;
  }

  protected override updated(): void {
    this.arrange();
  }

  private async load(): Promise<void> {
    try {
      this.devices = bySeat(await hub.api.all<Device>("/devices"), i18n.language);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private hear(topic: string, payload: unknown): void {
    if (this.devices === null) return;
    const id = topic.split("/")[0];
    const news = payload as (DeviceState & { name?: string; kind?: string }) | null;
    const known = this.devices.find((device) => device.id === id);
    if (known && news) {
      const { name, kind: _, ...state } = news;
      this.devices = this.devices.map((device) =>
        device === known
          ? { ...device, name: name ?? device.name, state: { ...device.state, ...state } }
          : device,
      );
    } else if (known || news?.kind === "microscope") void this.load();
  }

  private enlarge(id: string): void {
    this.large = id;
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>(".bar button")?.focus(),
    );
  }

  private showAll(): void {
    this.left = this.large;
    this.large = "";
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>(`[data-id="${CSS.escape(this.left)}"]`)?.focus(),
    );
  }

  override render(): TemplateResult {
    const alone = this.devices?.find((device) => device.id === this.large);
    return html`<div class="page">
      <hub-notice .problem=${this.problem}></hub-notice>
      <hub-panel-now></hub-panel-now>
      ${alone ? this.one(alone) : this.all()}
    </div>`;
  }

  private all(): TemplateResult | typeof nothing {
    const devices = this.devices;
    if (devices === null) return nothing;
    return html`<div class="head"><h1>${t("All microscopes")}</h1>
        ${devices.length > 1 ? html`<hub-panel-button element="hub-microscope-grid"></hub-panel-button>` : nothing}</div>
      ${
        devices.length === 0
          ? html`<div class="card empty">${icon("microscope")}<div class="stack">
              <h2>${t("No microscope is here yet.")}</h2>
              <p class="muted">${t("Plug one into the hub's computer, or let the lab engineer add one on the network.")}</p></div></div>`
          : html`<ul>${repeat(
              devices,
              (device) => device.id,
              (device) => html`<li>${this.seat(device)}</li>`,
            )}</ul>`
      }`;
  }

  private seat(device: Device): TemplateResult {
    const status = deviceStatus(device.state);
    const name = deviceName(device);
    return html`<hub-panel-button class="put" compact over .device=${device.id}></hub-panel-button>
      <button class="card seat" data-id=${device.id} @click=${() => this.enlarge(device.id)}
        aria-label=${t("Enlarge {name}", { name: device.seat ? `${device.seat}, ${name}` : name })}>
      <hub-live-view .device=${device.id} size="small" quiet fit="cover"></hub-live-view>
      <span class="text">
        <span class="name"><span>${device.seat ?? name}</span>${device.seat ? html`<span class="muted small">${name}</span>` : nothing}</span>
        <span class="chip"><span class="dot ${status.tone}"></span>${status.text}</span>
      </span></button>`;
  }

  private one(device: Device): TemplateResult {
    const name = deviceName(device);
    return html`<div class="large">
      <div class="bar">
        <button @click=${this.showAll}>${icon("arrow-left")}${t("All microscopes")}</button>
        <h2>${device.seat ? `${device.seat} · ${name}` : name}</h2>
        <hub-panel-button .device=${device.id}></hub-panel-button>
        <a class="button" href="/microscopes/${encodeURIComponent(device.id)}">${icon("microscope")}${t("Open the microscope")}</a>
      </div>
      <hub-live-view .device=${device.id}></hub-live-view>
    </div>`;
  }
}
define("hub-microscope-grid-page", GridPage);
