import { type Driver, hub, type Operation, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** Finds out which of several alike devices is meant: it is touched, or pulled out and put back. */
class PairingDialog extends HubElement {
  static override properties = {
    open: { type: Boolean },
    drivers: { attribute: false },
    operation: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .body, .choices { display: grid; gap: var(--space-4); }
      .choices button { justify-content: start; }
    `,
  ];
  declare open: boolean;
  declare drivers: Driver[];
  declare operation: Operation | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.open = false;
    this.drivers = [];
    this.operation = null;
    this.problem = null;
  }

  protected override arrive(): void {
    this.until(hub.stream.subscribe("operations/+", (_, payload) => this.hear(payload)));
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.get("open") === true && !this.open) void this.stop();
  }

  private hear(payload: unknown): void {
    const told = payload as Operation | null;
    if (told === null || told.id !== this.operation?.id) return;
    this.operation = told;
    if (told.status === "done") {
      const { identity } = told.result as { identity: string };
      this.operation = null;
      this.dispatchEvent(new CustomEvent("paired", { detail: identity }));
    } else if (told.status === "failed") {
      this.problem = told.problem;
      this.operation = null;
    }
  }

  private async begin(driver: Driver): Promise<void> {
    this.problem = null;
    try {
      this.operation = await hub.api.post<Operation>("/pairings", { driver: driver.name });
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async stop(): Promise<void> {
    const running = this.operation;
    this.operation = null;
    this.problem = null;
    // It may just have ended by itself, which is as good.
    if (running) await hub.api.delete(`/operations/${running.id}`).catch(() => undefined);
  }

  override render(): TemplateResult {
    return html`<hub-dialog .open=${this.open} heading=${t("Which one is this?")}
      @close=${() => this.dispatchEvent(new Event("close"))}>
      ${this.open ? html`<div class="body"><hub-notice .problem=${this.problem}></hub-notice>${this.operation ? this.waiting() : this.choose()}</div>` : nothing}
    </hub-dialog>`;
  }

  private choose(): TemplateResult {
    const usable = this.drivers.filter((one) => one.discovery.some((match) => match.bus === "usb"));
    return html`<p>${t("When several devices look alike, touch the one that is meant, and the hub says which it is. What kind is it?")}</p>
      <div class="choices">${usable.map(
        (one) =>
          html`<button @click=${() => void this.begin(one)}>${icon(one.icon)}${t(one.title)}</button>`,
      )}</div>`;
  }

  private waiting(): TemplateResult {
    return html`<p role="status"><strong>${t("Touch it now, or pull its cable out and put it back.")}</strong></p>
      <progress aria-label=${t("Waiting")}></progress>
      <div class="row"><button @click=${() => void this.stop()}>${icon("stop")}${t("Stop")}</button></div>`;
  }
}
define("hub-pairing-dialog", PairingDialog);
