import { hub, type Problem, problemOf } from "@classhub/client";
import { define, givenName, HubElement, icon, number, t, tn, withUnit } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import type { Computer, ComputerDisk, ComputerPort } from "./api.js";
import { type Note, notes } from "./computer-notes.js";
import { healthStyles } from "./health-page.styles.js";
import { valueText } from "./words.js";

const AGAIN = 30_000;

/** What the computer says of itself: its disks, its USB ports, its clock. */
class ComputerPart extends HubElement {
  static override properties = { computer: { state: true }, problem: { state: true } };
  static override styles = healthStyles;
  declare computer: Computer | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.computer = null;
    this.problem = null;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { every: AGAIN });
  }

  private async load(): Promise<void> {
    try {
      this.computer = await hub.api.get<Computer>("/health/computer");
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult | typeof nothing {
    const now = this.computer;
    if (!now) return html`<hub-notice .problem=${this.problem}></hub-notice>`;
    return html`${notes(now).map((one) => this.note(one))}
      <div class="tiles">${now.disks.map((one) => this.disk(one))}
        ${now.clock ? this.clock(now.clock) : nothing}
        ${now.kernel_log === "ok" ? this.usb(now.ports) : nothing}</div>`;
  }

  private note(one: Note): TemplateResult {
    const command = one.command ? html` <code>${one.command}</code>` : nothing;
    return one.icon
      ? html`<p class="card calm" role="status">${icon(one.icon)}${one.text}${command}</p>`
      : html`<p class="muted small">${one.text}${command}</p>`;
  }

  private disk(one: ComputerDisk): TemplateResult {
    const bad = one.passed === false || (one.damaged ?? 0) > 0;
    const known = one.passed !== null || one.damaged !== null;
    const said = bad ? t("Replace it soon") : known ? t("In order") : t("Does not tell");
    const more = [
      one.temperature === null ? "" : valueText({ unit: "Cel" }, one.temperature),
      one.hours === null ? "" : valueText({ unit: "h" }, one.hours),
      one.used === null ? "" : t("{share} worn", { share: withUnit(number(one.used, 0), "%") }),
      one.damaged ? tn("{n} place cannot be read", "{n} places cannot be read", one.damaged) : "",
    ];
    return html`<div class="card tile"><span class="small">${t("Disk")} ${one.name}</span>
      <strong><span class="dot ${bad ? "bad" : known ? "good" : "idle"}"></span> ${said}</strong>
      <span class="muted small">${more.filter(Boolean).join(" · ")}</span><span class="muted small">${one.model}</span></div>`;
  }

  private clock(one: NonNullable<Computer["clock"]>): TemplateResult {
    return html`<div class="card tile"><span class="small">${t("Clock")}</span>
      <strong><span class="dot ${one.synchronised ? "good" : "warn"}"></span> ${one.synchronised ? t("Kept right") : t("On its own")}</strong>
      <span class="muted small">${one.synchronised ? t("wrong by at most {time}", { time: valueText({ unit: "s" }, one.at_most) }) : t("No time server is heard.")}</span></div>`;
  }

  private usb(ports: ComputerPort[]): TemplateResult {
    const bad = ports.filter((one) => one.bad > 0);
    return html`<div class="card tile"><span class="small">${t("USB in the last hour")}</span>
      <strong><span class="dot ${bad.length ? "bad" : "good"}"></span> ${bad.length ? tn("{n} bad port", "{n} bad ports", bad.length) : t("No errors")}</strong>
      ${bad.slice(0, 3).map((one) => html`<span class="muted small" title=${one.said}>${givenName(one.name) || t("Port {port}", { port: one.port })}: ${one.bad}</span>`)}</div>`;
  }
}
define("hub-health-computer", ComputerPart);
