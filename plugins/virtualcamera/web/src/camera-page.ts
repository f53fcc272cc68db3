import "@classhub/live-view";
import { type Device, hub, type Problem, problemOf } from "@classhub/client";
import { base, define, deviceName, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { Cameras, type VirtualCamera } from "./cameras.js";

const INSTALL = `sudo apt install v4l2loopback-dkms linux-headers-amd64
sudo ./install.sh --virtual-camera`;
const BY_HAND = `# /etc/modprobe.d/classhub-virtualcamera.conf
options v4l2loopback video_nr=60 exclusive_caps=1 card_label="Classroom microscope"
# /etc/modules-load.d/classhub-virtualcamera.conf
v4l2loopback`;

/** A microscope as a camera of the hub's computer: one button, and what to install where it lacks. */
class VirtualCameraPage extends HubElement {
  static override properties = { devices: { state: true }, problem: { state: true } };
  static override styles = [
    base,
    css`
      .page { gap: var(--space-5); max-width: 52rem; }
      .card { padding: var(--space-5); display: grid; gap: var(--space-4); }
      .state { display: flex; gap: var(--space-2); align-items: center; }
      .choose { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: end; }
      .choose label { display: grid; gap: var(--space-2); flex: 1 1 14rem; }
      hub-live-view { aspect-ratio: 16 / 9; max-height: 50vh; width: 100%; border-radius: var(--radius-m); overflow: hidden; }
      ol { display: grid; gap: var(--space-4); padding-inline-start: 1.5rem; list-style: decimal; }
      li { display: list-item; }
      pre { margin: var(--space-2) 0 0; padding: var(--space-3); background: var(--sunken); border-radius: var(--radius-m); font: 0.875rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; -webkit-user-select: all; }
    `,
  ];
  declare devices: Device[];
  declare problem: Problem | null;
  private readonly cameras = new Cameras(this);
  private readonly chosen = new Map<string, string>();

  constructor() {
    super();
    this.devices = [];
    this.problem = null;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { topics: ["+/state"], sources: [hub.session] });
  }

  private async load(): Promise<void> {
    try {
      const found = await hub.api.get<{ items: Device[] }>("/devices");
      this.devices = found.items.filter((one) => one.kind === "microscope");
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    const { all, problem } = this.cameras;
    return html`<div class="page">
      <h1>${t("Camera for video calls")}</h1>
      <p class="muted">${t("Teams, BigBlueButton and other video calls in the browser of the hub's computer can show the microscope: choose it there as the camera.")}</p>
      <hub-notice .problem=${problem ?? this.problem}></hub-notice>
      ${all ? (all.items.length ? all.items.map((one) => this.camera(one)) : this.install()) : nothing}
    </div>`;
  }

  private camera(one: VirtualCamera): TemplateResult {
    const problem: Problem | null = one.code
      ? { code: one.code, title: one.title, hint: one.hint }
      : null;
    const device = one.device ?? this.choice(one);
    return html`<section class="card" aria-label=${one.name}>
      <h2>${one.name}</h2>
      <p class="state" role="status">${this.said(one)}</p>
      <hub-notice .problem=${problem}></hub-notice>
      ${one.on && one.device ? html`<hub-live-view device=${one.device}></hub-live-view>` : nothing}
      ${
        one.on
          ? html`<p class="muted">${one.lesson ? t("It goes off by itself when the lesson ends.") : t("No lesson is running: it goes off by itself after a while.")}</p>
            <div class="row"><button ?disabled=${this.cameras.busy} @click=${() => void this.cameras.show(one.id, null)}>${icon("stop")}${t("Switch off")}</button></div>`
          : this.choose(one, device)
      }
    </section>`;
  }

  private said(one: VirtualCamera): TemplateResult {
    if (!one.on) return html`<span class="dot"></span> ${t("Off: nobody sees the microscope.")}`;
    if (one.code) return html`<span class="dot bad"></span> ${t("On, but it cannot be seen.")}`;
    if (!one.live)
      return html`<span class="dot warn"></span> ${t("On: there is no picture just now, and a card says so.")}`;
    return html`<span class="dot good"></span> ${t("On: the hub's computer shows the microscope's picture in video calls.")}`;
  }

  private choice(one: VirtualCamera): string {
    const known = this.chosen.get(one.id);
    return known && this.devices.some((device) => device.id === known)
      ? known
      : (this.devices[0]?.id ?? "");
  }

  private choose(one: VirtualCamera, device: string): TemplateResult {
    if (!this.devices.length)
      return html`<p>${t("There is no microscope yet. Plug one in, and take it into use on the page “Equipment”.")}</p>`;
    return html`<div class="choose">
      ${
        this.devices.length > 1
          ? html`<label>${t("Microscope")}<select .value=${device} @change=${(event: Event) => {
              this.chosen.set(one.id, (event.target as HTMLSelectElement).value);
              this.requestUpdate();
            }}>${this.devices.map((item) => html`<option value=${item.id} ?selected=${item.id === device}>${deviceName(item)}</option>`)}</select></label>`
          : nothing
      }
      <button class="primary" ?disabled=${this.cameras.busy} @click=${() => void this.cameras.show(one.id, device)}>${icon("play")}${t("Show in video calls")}</button>
    </div>`;
  }

  private install(): TemplateResult {
    const installed = this.cameras.all?.installed;
    return html`<section class="card"><h2>${installed ? t("There is no virtual camera") : t("How it is installed")}</h2>
      <p>${
        installed
          ? t("The kernel's module is there, but it has made no camera.")
          : t(
              "A module of the kernel makes the camera. Somebody with administrator's rights on the hub's computer installs it once, with internet.",
            )
      }</p>
      <ol>
        <li>${t("In the folder of the hub's archive:")}<pre>${INSTALL}</pre></li>
        <li>${t("Or by hand: these two files, then restart the computer.")}<pre>${BY_HAND}</pre></li>
      </ol>
      <p class="muted">${t("The camera then appears here by itself.")}</p>
    </section>`;
  }
}
define("hub-virtual-camera-page", VirtualCameraPage);
