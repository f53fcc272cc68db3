import {
  type Device,
  type DeviceSettings,
  hub,
  type LogLine,
  type Operation,
  type Problem,
  problemOf,
  type Recording,
} from "@classhub/client";
import {
  base,
  clock,
  define,
  deviceName,
  HubElement,
  icon,
  navigate,
  number,
  say,
  sayProblem,
  t,
} from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { counterText, counterTitle } from "./counters.js";
import "./settings-form.js";

const LOG_EVERY = 3_000;
const RECORD_SECONDS = 60;

/** What a lab engineer does with one device: set it up, read its log, record it, take it out of use. */
class DeviceCare extends HubElement {
  static override properties = {
    device: { attribute: false },
    settings: { state: true },
    log: { state: true },
    recordings: { state: true },
    recording: { state: true },
    problem: { state: true },
    saving: { state: true },
    removing: { state: true },
    busy: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-5); }
      .columns { columns: 24rem 2; column-gap: var(--space-5); }
      section { padding: var(--space-5); display: grid; gap: var(--space-4); break-inside: avoid; margin-bottom: var(--space-5); }
      .wide { margin-bottom: 0; }
      fieldset { border: 0; margin: 0; padding: 0; min-inline-size: 0; display: grid; gap: var(--space-4); }
      form input { margin-top: var(--space-2); }
      form button { justify-self: start; }
      dl { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: var(--space-2) var(--space-4); }
      dt { color: var(--muted); overflow-wrap: anywhere; }
      dd { font-variant-numeric: tabular-nums; text-align: end; }
      .lines {
        font: 0.85rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; max-height: 22rem; overflow: auto;
        background: var(--sunken); border-radius: var(--radius-m); padding: var(--space-4);
        display: grid; gap: var(--space-1);
      }
      .lines li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-3); overflow-wrap: anywhere; white-space: pre-wrap; }
      .lines .warning { color: var(--warn); }
      .lines .error, .lines .critical { color: var(--bad); }
      .lines time { color: var(--muted); }
      .files li { display: flex; gap: var(--space-3); align-items: center; border-bottom: 1px solid var(--line); padding-block: var(--space-2); }
    `,
  ];
  declare device: Device;
  declare settings: DeviceSettings | null;
  declare log: LogLine[];
  declare recordings: Recording[];
  declare recording: Operation | null;
  declare problem: Problem | null;
  declare saving: Problem | null;
  declare removing: boolean;
  declare busy: boolean;

  constructor() {
    super();
    this.settings = null;
    this.log = [];
    this.recordings = [];
    this.recording = null;
    this.problem = null;
    this.saving = null;
    this.removing = false;
    this.busy = false;
  }

  protected override arrive(): void {
    this.until(hub.stream.subscribe("operations/+", (_, payload) => this.hear(payload)));
    this.every(LOG_EVERY, () => {
      if (!document.hidden) void this.readLog();
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get("device");
    if (changed.has("device") && before?.id !== this.device.id) void this.load();
  }

  private get path(): string {
    return `/devices/${encodeURIComponent(this.device.id)}`;
  }

  private async load(): Promise<void> {
    try {
      this.settings = await hub.api.get<DeviceSettings>(`${this.path}/settings`);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    await Promise.all([this.readLog(), this.readRecordings()]);
  }

  private async readLog(): Promise<void> {
    try {
      const { lines } = await hub.api.get<{ lines: LogLine[] }>(`${this.path}/log`);
      this.log = lines;
    } catch {
      // The next reading comes in a moment; the page itself says when the hub is gone.
    }
  }

  private async readRecordings(): Promise<void> {
    try {
      const all = await hub.api.all<Recording>("/recordings");
      this.recordings = all.filter((one) => one.device === this.device.id);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private hear(payload: unknown): void {
    const told = payload as Operation | null;
    if (told === null || told.id !== this.recording?.id) return;
    this.recording = told;
    if (told.status === "running" || told.status === "pending") return;
    if (told.problem) sayProblem(told.problem);
    this.recording = null;
    void this.readRecordings();
  }

  private async change(change: Record<string, unknown>): Promise<void> {
    this.busy = true;
    try {
      await hub.api.patch<Device>(this.path, change);
      this.settings = await hub.api.get<DeviceSettings>(`${this.path}/settings`);
      this.saving = null;
      say(t("Saved."));
    } catch (error) {
      this.saving = problemOf(error);
    }
    this.busy = false;
  }

  private rename(event: Event): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const read = (name: string) => String(form.get(name) ?? "").trim();
    void this.change({ name: read("name"), seat: read("seat") || null });
  }

  private async record(): Promise<void> {
    try {
      const seconds = RECORD_SECONDS;
      this.recording = await hub.api.post<Operation>(`${this.path}/recordings`, { seconds });
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async endRecording(): Promise<void> {
    try {
      await hub.api.delete(`/operations/${this.recording?.id}`);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async erase(one: Recording): Promise<void> {
    try {
      await hub.api.delete(`/recordings/${one.id}`);
    } catch (error) {
      sayProblem(problemOf(error));
    }
    await this.readRecordings();
  }

  private async takeOut(): Promise<void> {
    this.busy = true;
    try {
      await hub.api.delete(this.path);
      say(t("{name} is no longer in use.", { name: deviceName(this.device) }));
      navigate("/equipment");
    } catch (error) {
      this.removing = false;
      sayProblem(problemOf(error));
    }
    this.busy = false;
  }

  override render(): TemplateResult {
    return html`<h2>${t("For the lab engineer")}</h2>
      <hub-notice .problem=${this.problem}></hub-notice>
      <div class="columns">
        ${this.settings ? this.setUp(this.settings) : nothing}
        ${this.records()}
        ${this.counters()}
      </div>
      ${this.lines()}
      <hub-dialog .open=${this.removing} heading=${t("Take {name} out of use?", { name: deviceName(this.device) })}
        @close=${() => {
          this.removing = false;
        }}>
        <p>${t("Its settings are forgotten. Pictures that were taken with it stay.")}</p>
        <div class="row"><button class="danger" ?disabled=${this.busy} @click=${this.takeOut}>${t("Take out of use")}</button>
          <button @click=${() => {
            this.removing = false;
          }}>${t("Keep")}</button></div>
      </hub-dialog>`;
  }

  private setUp(settings: DeviceSettings): TemplateResult {
    if (settings.source === "file") {
      return html`<section class="card"><h3>${t("Set-up")}</h3>
        <p class="muted">${t("This device stands in the hub's settings file and is changed there.")}</p></section>`;
    }
    return html`<section class="card"><h3>${t("Set-up")}</h3>
        <form @submit=${this.rename}><fieldset ?disabled=${this.busy}>
          <div><label for="name">${t("Name of the device")}</label><input id="name" name="name" maxlength="200" autocomplete="off" .value=${this.device.name}></div>
          <div><label for="seat">${t("Seat")}</label><input id="seat" name="seat" maxlength="80" autocomplete="off" .value=${this.device.seat ?? ""}></div>
          <button>${t("Save")}</button>
        </fieldset></form></section>
      ${
        Object.keys(settings.schema?.properties ?? {}).length
          ? html`<section class="card"><h3>${t("Connection")}</h3>
        <hub-settings-form .schema=${settings.schema ?? {}} .values=${settings.values} .secrets=${settings.secrets_set}
          .errors=${this.saving?.errors ?? []} ?busy=${this.busy}
          @save=${(event: CustomEvent<Record<string, unknown>>) => void this.change({ settings: event.detail })}>
          <hub-notice .problem=${this.saving}></hub-notice></hub-settings-form></section>`
          : nothing
      }
      <section class="card"><h3>${t("Out of use")}</h3>
        <div><button class="danger" @click=${() => {
          this.removing = true;
        }}>${icon("erase")}${t("Take out of use")}</button></div></section>`;
  }

  private records(): TemplateResult {
    const percent = Math.round((this.recording?.fraction ?? 0) * 100);
    return html`<section class="card"><h3>${t("Recording for fault-finding")}</h3>
      <p class="muted small">${t("Everything that the device and the hub say to each other, for whoever looks for a fault. Passwords are left out; pictures are in it.")}</p>
      ${
        this.recording
          ? html`<div role="status"><progress max="100" .value=${percent} aria-label=${t("Recording for fault-finding")}></progress>
            <button @click=${this.endRecording}>${icon("stop")}${t("Stop")}</button></div>`
          : html`<div><button ?disabled=${this.device.state.process !== "running"} @click=${this.record}>${icon("video")}${t("Record for a minute")}</button></div>`
      }
      ${
        this.recordings.length
          ? html`<ul class="files">${this.recordings.map(
              (one) => html`<li><span class="grow">${clock(one.created)}
                <span class="muted small">${number(one.size / 1e6, 1)} MB</span></span>
                <a class="button icon quiet" download href=${`/api/v1/recordings/${one.id}/content`} aria-label=${t("Download")} title=${t("Download")}>${icon("download")}</a>
                <button class="icon quiet" @click=${() => void this.erase(one)} aria-label=${t("Delete")} title=${t("Delete")}>${icon("erase")}</button></li>`,
            )}</ul>`
          : nothing
      }</section>`;
  }

  private counters(): TemplateResult | typeof nothing {
    const counted = Object.entries(this.device.counters ?? {}).filter(
      ([, value]) => typeof value === "number",
    );
    if (counted.length === 0) return nothing;
    return html`<section class="card"><h3>${t("Counted since the hub was started")}</h3>
      <dl>${counted.map(
        ([name, value]) => html`<dt>${t(counterTitle(name))}</dt>
        <dd>${counterText(name, value)}</dd>`,
      )}</dl></section>`;
  }

  private lines(): TemplateResult {
    return html`<section class="card wide"><h3>${t("Log")}</h3>${
      this.log.length === 0
        ? html`<p class="muted">${t("Nothing has been said yet.")}</p>`
        : html`<ol class="lines" tabindex="0" aria-label=${t("Log")}>${[...this.log]
            .reverse()
            .map(
              (line) =>
                html`<li class=${line.level}><time>${clock(line.time)}</time><span>${line.text}</span></li>`,
            )}</ol>`
    }</section>`;
  }
}
define("hub-device-care", DeviceCare);
