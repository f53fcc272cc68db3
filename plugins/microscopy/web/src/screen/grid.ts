import { type Device, type DeviceState, hub } from "@classhub/client";
import "@classhub/live-view";
import { base, define, deviceName, HubElement, i18n, t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { bySeat } from "../grid/seats.js";

/** All microscopes of the class on its screen, live, in the order of the desks. */
export class MicroscopeGrid extends HubElement {
  static override properties = { devices: { state: true } };
  static override styles = [
    base,
    css`
      :host { display: grid; background: #0a0f0e; color: #e8efec; }
      ul { display: grid; gap: 0.5rem; padding: 0.5rem; grid-template-columns: repeat(var(--columns, 1), minmax(0, 1fr)); grid-auto-rows: minmax(0, 1fr); height: 100%; min-height: 0; }
      li { position: relative; min-height: 0; min-width: 0; display: grid; }
      hub-live-view { width: 100%; height: 100%; min-height: 0; }
      span { position: absolute; left: 0.5rem; bottom: 0.5rem; padding: 0.2em 0.7em; border-radius: 0.5em; background: rgb(8 14 13 / 72%); font: var(--type-strong); max-width: calc(100% - 1rem); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      p { place-self: center; font: var(--type-heading); }
    `,
  ];
  declare devices: Device[] | null;

  constructor() {
    super();
    this.devices = null;
  }

  protected override arrive(): void {
    const again = this.settled(() => void this.load());
    this.until(
      hub.stream.subscribe("+/state", (topic, payload) => {
        const id = topic.split("/")[0];
        const known = this.devices?.some((one) => one.id === id);
        const kind = (payload as (DeviceState & { kind?: string }) | null)?.kind;
        if (known !== (kind === "microscope")) again();
      }),
    );
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.devices = bySeat(await hub.api.all<Device>("/devices"), i18n.language);
    } catch {
      this.devices ??= []; // The hub is out of reach: the stream says so, and the next state asks anew.
    }
  }

  protected override updated(): void {
    const count = this.devices?.length ?? 0;
    const list = this.renderRoot.querySelector("ul");
    list?.style.setProperty("--columns", String(Math.ceil(Math.sqrt(count))));
  }

  override render(): TemplateResult {
    if (this.devices?.length === 0) return html`<p>${t("No microscope is here yet.")}</p>`;
    return html`<ul>${repeat(
      this.devices ?? [],
      (device) => device.id,
      (device) =>
        html`<li><hub-live-view .device=${device.id} quiet></hub-live-view><span>${device.seat ?? deviceName(device)}</span></li>`,
    )}</ul>`;
  }
}
define("hub-microscope-grid", MicroscopeGrid);
