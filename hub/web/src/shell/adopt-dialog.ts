import {
  ApiProblem,
  type Candidate,
  type Device,
  type Discovery,
  type Driver,
  hub,
  type Problem,
  problemOf,
} from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import "./settings-form.js";

/** Takes a device into use: which driver, what it is called, what the driver asks. */
class AdoptDialog extends HubElement {
  static override properties = {
    open: { type: Boolean },
    found: { attribute: false },
    candidate: { attribute: false },
    drivers: { attribute: false },
    driver: { state: true },
    problem: { state: true },
    busy: { state: true },
  };
  static override styles = [
    base,
    css`
      .body, .choices { display: grid; gap: var(--space-4); }
      .choices button { justify-content: start; text-align: start; }
      .choices .text { display: grid; gap: var(--space-1); }
      .choices .small { font-weight: 400; }
      .field input { margin-top: var(--space-2); }
    `,
  ];
  declare open: boolean;
  declare found: Discovery | null;
  /** What a search has found: its driver and settings are known. */
  declare candidate: Candidate | null;
  declare drivers: Driver[];
  declare driver: Driver | null;
  declare problem: Problem | null;
  declare busy: boolean;

  constructor() {
    super();
    this.open = false;
    this.found = null;
    this.candidate = null;
    this.drivers = [];
    this.driver = null;
    this.problem = null;
    this.busy = false;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("open") || !this.open) return;
    this.problem = null;
    const fitting = this.fitting;
    this.driver = fitting.length === 1 ? (fitting[0] ?? null) : null;
  }

  /** The drivers to choose from: those that know what was found; else those that take an address. */
  private get fitting(): Driver[] {
    const names = this.candidate ? [this.candidate.driver] : this.found?.drivers;
    return this.drivers.filter(
      (one) => one.problem === null && (names?.includes(one.name) ?? true),
    );
  }

  private async save(settings: Record<string, unknown>): Promise<void> {
    if (!this.driver) return;
    const read = (id: string) =>
      this.renderRoot.querySelector<HTMLInputElement>(id)?.value.trim() ?? "";
    this.busy = true;
    try {
      const device = await hub.api.post<Device>("/devices", {
        driver: this.driver.name,
        name: read("#name"),
        seat: read("#seat") || null,
        identity: this.found?.identity ?? null,
        settings: { ...this.candidate?.settings, ...settings },
      });
      this.problem = null;
      this.dispatchEvent(new CustomEvent("adopted", { detail: device }));
    } catch (error) {
      this.problem = problemOf(error);
      if (!(error instanceof ApiProblem)) throw error;
    } finally {
      this.busy = false;
    }
  }

  private close(): void {
    this.dispatchEvent(new Event("close"));
  }

  override render(): TemplateResult {
    const heading = this.found || this.candidate ? t("Take into use") : t("Add a device");
    return html`<hub-dialog .open=${this.open} heading=${heading} @close=${this.close}>
      ${this.open ? html`<div class="body">${this.driver ? this.form(this.driver) : this.choose()}</div>` : nothing}
    </hub-dialog>`;
  }

  private choose(): TemplateResult {
    const fitting = this.fitting;
    if (fitting.length === 0)
      return html`<p>${t("No driver that could be used is installed.")}</p>`;
    return html`<p>${this.found ? t("Several drivers know it. Which one shall drive it?") : t("What is it?")}</p>
      <div class="choices">${fitting.map(
        (one) =>
          html`<button @click=${() => {
            this.driver = one;
          }}>${icon(one.icon)}<span class="text"><span>${t(one.title)}</span><span class="small muted">${t(one.kind_title)}</span></span></button>`,
      )}</div>`;
  }

  private form(driver: Driver): TemplateResult {
    return html`<p class="muted">${t(driver.title)}</p>
      <div class="field"><label for="name">${t("Name of the device")}</label>
        <input id="name" maxlength="200" autocomplete="off" placeholder=${t("For example: Microscope by the window")} .value=${this.found?.title ?? this.candidate?.title ?? ""}></div>
      <div class="field"><label for="seat">${t("Seat")} <span class="muted small">${t("may be empty")}</span></label>
        <input id="seat" maxlength="80" autocomplete="off"></div>
      <hub-settings-form .schema=${driver.settings ?? {}} .values=${this.candidate?.settings ?? {}} .errors=${this.problem?.errors ?? []} ?busy=${this.busy}
        label=${t("Take into use")} @save=${(event: CustomEvent<Record<string, unknown>>) => void this.save(event.detail)}>
        <hub-notice .problem=${this.problem}></hub-notice></hub-settings-form>`;
  }
}
define("hub-adopt-dialog", AdoptDialog);
