import { type Driver, hub, type Operation } from "@classhub/client";
import { base, define, HubElement, icon, Running, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** Finds out which of several alike devices is meant: it is touched, or pulled out and put back. */
class PairingDialog extends HubElement {
  static override properties = {
    open: { type: Boolean },
    drivers: { attribute: false },
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
  private readonly running = new Running(this);

  constructor() {
    super();
    this.open = false;
    this.drivers = [];
  }

  protected override leave(): void {
    void this.running.giveUp();
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.get("open") === true && !this.open) void this.running.giveUp();
  }

  private async begin(driver: Driver): Promise<void> {
    const paired = await this.running.follow<{ identity: string }>(() =>
      hub.api.post<Operation>("/pairings", { driver: driver.name }),
    );
    if (paired) this.dispatchEvent(new CustomEvent("paired", { detail: paired.identity }));
  }

  override render(): TemplateResult {
    return html`<hub-dialog .open=${this.open} heading=${t("Which one is this?")}
      @close=${() => this.dispatchEvent(new Event("close"))}>
      ${this.open ? html`<div class="body"><hub-notice .problem=${this.running.problem}></hub-notice>${this.running.busy ? this.waiting() : this.choose()}</div>` : nothing}
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
      <div class="row"><button @click=${() => void this.running.giveUp()}>${icon("stop")}${t("Stop")}</button></div>`;
  }
}
define("hub-pairing-dialog", PairingDialog);
