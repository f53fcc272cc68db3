import { type Device, hub, type Page, problemOf } from "@classhub/client";
import {
  base,
  define,
  deviceName,
  HubElement,
  type SetEvent,
  sayProblem,
  t,
  Writer,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import type { Spool } from "../account/account.js";
import { printerPath } from "../api.js";
import type { Printer } from "../model.js";
import type { PrinterProfile, Profiles } from "../profiles.js";

/** What the teacher says of a printer: its camera, its spool, pictures of each layer, its heaters. */
class SetUp extends HubElement {
  static override properties = {
    printer: { attribute: false },
    cameras: { state: true },
    spools: { state: true },
    profiles: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-4); }
      select { margin-top: var(--space-1); }
    `,
  ];
  declare printer: Printer;
  declare cameras: Device[];
  declare spools: Spool[];
  declare profiles: PrinterProfile[];
  private readonly writer = new Writer<Partial<Printer>>(
    (change) => this.set(change),
    (error) => sayProblem(problemOf(error)),
  );

  constructor() {
    super();
    this.cameras = [];
    this.spools = [];
    this.profiles = [];
  }

  protected override arrive(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const devices = await hub.api.all<Device>("/devices");
      this.cameras = devices.filter((device) => device.streams.includes("view"));
      this.spools = (await hub.api.get<Page<Spool>>("/spools")).items;
      this.profiles = (await hub.api.get<Profiles>("/print-profiles")).printers;
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async set(change: Partial<Printer>): Promise<void> {
    try {
      const after = await hub.api.patch<Printer>(printerPath(this.printer.id), change);
      this.dispatchEvent(new CustomEvent("printer", { detail: after }));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private choose(
    name: "camera" | "spool" | "profile",
    label: string,
    none: string,
    options: [string, string][],
  ): TemplateResult {
    const now = this.printer[name];
    return html`<div><label for=${name}>${label}</label><select id=${name} @change=${(
      event: Event,
    ) =>
      void this.set({
        [name]: (event.target as HTMLSelectElement).value || (name === "profile" ? "" : null),
      })}>
      <option value="" ?selected=${!now}>${none}</option>${options.map(
        ([id, words]) => html`<option value=${id} ?selected=${id === now}>${words}</option>`,
      )}</select></div>`;
  }

  override render(): TemplateResult {
    const { printer } = this;
    return html`
      ${this.choose(
        "profile",
        t("Make of the printer"),
        t("Not known"),
        this.profiles.map((one) => [one.id, one.title]),
      )}
      ${this.choose(
        "camera",
        t("Camera that looks at it"),
        t("None"),
        this.cameras.map((device) => [device.id, deviceName(device)]),
      )}
      ${
        printer.camera
          ? html`<hub-switch .label=${t("Keep a picture of each layer")} .value=${printer.time_lapse === "layer"}
            @set=${(event: SetEvent<boolean>) => void this.set({ time_lapse: event.value ? "layer" : "off" })}></hub-switch>`
          : nothing
      }
      ${this.choose(
        "spool",
        t("Spool in it"),
        t("Not known"),
        this.spools.map((spool) => [spool.id, `${spool.name}, ${spool.material}`]),
      )}
      <hub-range .label=${t("Heaters off after standing idle")} unit=${t("min")} .value=${printer.heaters_off_after}
        minimum="0" maximum="120" step="5" @set=${(event: SetEvent<number>) => this.writer.send({ heaters_off_after: event.value })}></hub-range>
      <p class="muted small">${t("At 0 they stay on until somebody switches them off.")}</p>`;
  }
}
define("hub-printer-set-up", SetUp);
