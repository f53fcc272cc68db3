import {
  type Candidate,
  type Device,
  type Discovery,
  type Driver,
  hub,
  type Problem,
  problemOf,
} from "@classhub/client";
import { define, deviceName, deviceStatus, HubElement, i18n, icon, say, t, tn } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import "../adopt-dialog.js";
import { DeviceList } from "../device-list.js";
import "../pairing-dialog.js";
import "../search-dialog.js";
import { equipmentStyles } from "./equipment.styles.js";

/** The lab engineer's page: what is in use, what was found and is not yet, what is missing. */
class EquipmentPage extends HubElement {
  static override properties = {
    found: { state: true },
    drivers: { state: true },
    problem: { state: true },
    adopting: { state: true },
    pairing: { state: true },
    searching: { state: true },
  };
  static override styles = equipmentStyles;
  declare found: Discovery[];
  declare drivers: Driver[];
  declare problem: Problem | null;
  /** What is being taken into use: something found, or nothing of the kind ("by address"). */
  declare adopting: { found: Discovery | null; candidate?: Candidate } | null;
  declare pairing: boolean;
  declare searching: boolean;
  private readonly list = new DeviceList(this);

  constructor() {
    super();
    this.found = [];
    this.drivers = [];
    this.problem = null;
    this.adopting = null;
    this.pairing = false;
    this.searching = false;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { topics: ["discoveries", "+/state"] });
  }

  private async load(): Promise<void> {
    try {
      const [found, drivers] = await Promise.all([
        hub.api.all<Discovery>("/discoveries"),
        hub.api.all<Driver>("/drivers"),
      ]);
      this.found = found;
      this.drivers = drivers;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  /** Whether any driver's devices are found on USB, so that one of several can be meant. */
  private get findable(): boolean {
    return this.drivers.some((one) => one.discovery.some((match) => match.bus === "usb"));
  }

  /** Whether any driver can be asked to search. */
  private get searchable(): boolean {
    return this.drivers.some((one) => one.searching > 0);
  }

  private pair(): void {
    this.pairing = true;
  }

  private adopted(device: Device): void {
    this.adopting = null;
    say(t("{name} is in use now.", { name: deviceName(device) }));
    void this.load();
  }

  override render(): TemplateResult {
    const open = this.found.filter((one) => one.device === null);
    const known = open.filter((one) => one.drivers.length > 0);
    const unknown = open.filter((one) => one.drivers.length === 0);
    const broken = this.drivers.filter((one) => one.problem !== null);
    return html`<div class="page">
      <div class="head"><h1>${t("Equipment")}</h1>
        <div class="row">
          <a class="button" href="/keeping">${icon("download")}${t("Backups and log")}</a>
          ${this.findable ? html`<button @click=${this.pair}>${icon("focus")}${t("Which one is this?")}</button>` : nothing}
          ${
            this.searchable
              ? html`<button @click=${() => {
                  this.searching = true;
                }}>${icon("search")}${t("Search for devices")}</button>`
              : nothing
          }
          <button class="primary" @click=${() => {
            this.adopting = { found: null };
          }}>${icon("plus")}${t("Add a device")}</button>
        </div></div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${
        known.length
          ? html`<section><h2>${t("Found, not in use yet")}</h2>
            <ul class="list new card">${repeat(
              known,
              (one) => one.identity,
              (one) => this.discovery(one),
            )}</ul></section>`
          : nothing
      }
      <section><h2>${t("In use")}</h2>
        <hub-notice .problem=${this.list.problem}></hub-notice>
        ${this.devices()}
      </section>
      ${
        broken.length
          ? html`<section><h2>${t("Drivers that cannot be used")}</h2>${broken.map(
              (one) =>
                html`<p><strong>${one.name}</strong></p><hub-notice .problem=${one.problem}></hub-notice>`,
            )}</section>`
          : nothing
      }
      ${
        unknown.length
          ? html`<details><summary>${icon("down")}${tn("{n} other thing is connected that no driver knows", "{n} other things are connected that no driver knows", unknown.length)}</summary>
            <ul class="list card">${unknown.map((one) => html`<li>${this.about(one)}</li>`)}</ul></details>`
          : nothing
      }
      <hub-adopt-dialog .open=${this.adopting !== null} .found=${this.adopting?.found ?? null} .candidate=${this.adopting?.candidate ?? null} .drivers=${this.drivers}
        @close=${() => {
          this.adopting = null;
        }}
        @adopted=${(event: CustomEvent<Device>) => this.adopted(event.detail)}></hub-adopt-dialog>
      <hub-pairing-dialog .open=${this.pairing} .drivers=${this.drivers}
        @close=${() => {
          this.pairing = false;
        }}
        @paired=${(event: CustomEvent<string>) => this.paired(event.detail)}></hub-pairing-dialog>
      <hub-search-dialog .open=${this.searching} .drivers=${this.drivers}
        @close=${() => {
          this.searching = false;
        }}
        @chosen=${(event: CustomEvent<Candidate>) => {
          this.searching = false;
          this.adopting = { found: null, candidate: event.detail };
        }}></hub-search-dialog>
    </div>`;
  }

  private paired(identity: string): void {
    this.pairing = false;
    const found = this.found.find((one) => one.identity === identity);
    if (!found) return;
    const device = this.list.devices?.find((one) => one.id === found.device);
    if (device) say(t("It is {name}.", { name: deviceName(device) }));
    else this.adopting = { found };
  }

  private discovery(one: Discovery): TemplateResult {
    return html`<li><span class="sign">${icon("cable")}</span>${this.about(one)}
      <button class="primary" @click=${() => {
        this.adopting = { found: one };
      }}>${t("Take into use")}</button></li>`;
  }

  private about(one: Discovery): TemplateResult {
    return html`<div class="about"><h3 class="what">${one.title || t("Without a name")}</h3>
      <p class="muted small what">${place(one)}</p>
      ${one.twins > 1 ? html`<p class="small">${t("{n} look exactly alike: they are told apart by the socket they are in.", { n: one.twins })}</p>` : nothing}
    </div>`;
  }

  private devices(): TemplateResult | typeof nothing {
    const devices = this.list.devices;
    if (devices === null) return nothing;
    if (devices.length === 0) {
      return html`<div class="card calm">${icon("cable")}
        <p>${t("No device is in use. What is plugged in and known to a driver appears above by itself; devices on the network are added by their address.")}</p></div>`;
    }
    const sorted = [...devices].sort((one, other) =>
      deviceName(one).localeCompare(deviceName(other), i18n.language),
    );
    return html`<ul class="list card">${repeat(
      sorted,
      (one) => one.id,
      (one) => this.device(one),
    )}</ul>`;
  }

  private device(device: Device): TemplateResult {
    const status = deviceStatus(device.state);
    const about = [t(device.kind_title), device.driver, device.seat].filter(Boolean).join(" · ");
    const page = `/devices/${encodeURIComponent(device.id)}`;
    return html`<li><span class="sign">${icon(device.icon)}</span>
      <div class="about"><h3 class="what">${deviceName(device)}</h3>
        <p class="muted small what">${about}</p>
        ${status.hint ? html`<p class="small">${status.hint}</p>` : nothing}</div>
      <span class="chip"><span class="dot ${status.tone}"></span>${status.text}</span>
      <a class="button" href=${page} aria-label=${t("Look after {name}", { name: deviceName(device) })}>${icon("sliders")}${t("Look after it")}</a></li>`;
  }
}
define("hub-equipment-page", EquipmentPage);

/** Where something was found, in one line. */
function place(one: Discovery): string {
  if (one.bus === "mdns") return [one.host, one.tcp_port || ""].filter(Boolean).join(":");
  const usb = one.vendor ? `USB ${one.vendor}:${one.product}` : "USB";
  return [usb, one.serial, Object.values(one.nodes).flat().join(", ")].filter(Boolean).join(" · ");
}
