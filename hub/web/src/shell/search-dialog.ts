import {
  type Candidate,
  type Driver,
  hub,
  type Operation,
  type SearchResult,
} from "@classhub/client";
import { base, define, HubElement, icon, Running, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** Searches for devices that do not announce themselves; dispatches `chosen` with a candidate. */
class SearchDialog extends HubElement {
  static override properties = {
    open: { type: Boolean },
    drivers: { attribute: false },
    result: { state: true },
  };
  static override styles = [
    base,
    css`
      .body { display: grid; gap: var(--space-4); }
      progress { width: 100%; }
      ul { list-style: none; margin: 0; padding: 0; display: grid; gap: var(--space-3); }
      li { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; }
      .about { flex: 1 1 14rem; min-width: 0; display: grid; gap: var(--space-1); overflow-wrap: anywhere; }
    `,
  ];
  declare open: boolean;
  declare drivers: Driver[];
  declare result: SearchResult | null;
  private readonly running = new Running(this);

  constructor() {
    super();
    this.open = false;
    this.drivers = [];
    this.result = null;
  }

  protected override leave(): void {
    void this.running.giveUp();
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.get("open") === true && !this.open) void this.running.giveUp();
    if (changed.get("open") === false && this.open) this.result = null;
  }

  private async begin(): Promise<void> {
    this.result = null;
    this.result = await this.running.follow<SearchResult>(() =>
      hub.api.post<Operation>("/searches", {}),
    );
  }

  override render(): TemplateResult {
    return html`<hub-dialog .open=${this.open} heading=${t("Search for devices")}
      @close=${() => this.dispatchEvent(new Event("close"))}>
      ${this.open ? html`<div class="body"><hub-notice .problem=${this.running.problem}></hub-notice>${this.running.busy ? this.waiting() : this.told()}</div>` : nothing}
    </hub-dialog>`;
  }

  private told(): TemplateResult {
    const titles = this.drivers.filter((one) => one.searching > 0).map((one) => t(one.title));
    return html`${
      this.result
        ? this.found(this.result)
        : html`<p>${t("Devices that do not announce themselves are asked for, once, in the whole network and at the sockets of the hub's computer:")}</p>
      <ul>${titles.map((one) => html`<li>${one}</li>`)}</ul>`
    }
      <div class="row"><button class=${this.result ? "" : "primary"} @click=${() => void this.begin()}>${icon("search")}${this.result ? t("Search again") : t("Search")}</button></div>`;
  }

  private waiting(): TemplateResult {
    return html`<p role="status">${t("Asking the network and the computer's sockets …")}</p>
      <progress max="1" .value=${this.running.operation?.fraction ?? 0} aria-label=${t("Searching")}></progress>
      <div class="row"><button @click=${() => void this.running.giveUp()}>${icon("stop")}${t("Stop")}</button></div>`;
  }

  private found(result: SearchResult): TemplateResult {
    return html`${
      result.found.length
        ? html`<ul role="status">${result.found.map((one) => this.candidate(one))}</ul>`
        : html`<p role="status"><strong>${t("Nothing answered.")}</strong> ${t("Not every device can be found in this way: add the others by their address.")}</p>`
    }
    ${result.problems.map((one) => html`<hub-notice .problem=${one.problem}></hub-notice>`)}`;
  }

  private candidate(one: Candidate): TemplateResult {
    const driver = this.drivers.find((known) => known.name === one.driver);
    return html`<li>${icon(driver?.icon ?? "cable")}<div class="about">
        <strong>${one.title || t(driver?.title ?? one.driver)}</strong>
        <span class="muted small">${one.place}</span></div>
      ${
        one.device
          ? html`<span class="muted">${t("in use already")}</span>`
          : html`<button class="primary" @click=${() =>
              this.dispatchEvent(
                new CustomEvent("chosen", { detail: one }),
              )}>${t("Take into use")}</button>`
      }</li>`;
  }
}
define("hub-search-dialog", SearchDialog);
