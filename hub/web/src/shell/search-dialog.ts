import {
  type Candidate,
  type Driver,
  hub,
  type Operation,
  type Problem,
  problemOf,
  type SearchResult,
} from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** Searches for devices that do not announce themselves; dispatches `chosen` with a candidate. */
class SearchDialog extends HubElement {
  static override properties = {
    open: { type: Boolean },
    drivers: { attribute: false },
    operation: { state: true },
    result: { state: true },
    problem: { state: true },
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
  declare operation: Operation | null;
  declare result: SearchResult | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.open = false;
    this.drivers = [];
    this.operation = null;
    this.result = null;
    this.problem = null;
  }

  protected override arrive(): void {
    this.until(hub.stream.subscribe("operations/+", (_, payload) => this.hear(payload)));
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.get("open") === true && !this.open) void this.stop();
    if (changed.get("open") === false && this.open) this.result = null;
  }

  private hear(payload: unknown): void {
    const told = payload as Operation | null;
    if (told === null || told.id !== this.operation?.id) return;
    this.operation = told;
    if (told.status === "done") {
      this.result = told.result as SearchResult;
      this.operation = null;
    } else if (told.status === "failed") {
      this.problem = told.problem;
      this.operation = null;
    }
  }

  private async begin(): Promise<void> {
    this.problem = null;
    this.result = null;
    try {
      this.operation = await hub.api.post<Operation>("/searches", {});
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
    return html`<hub-dialog .open=${this.open} heading=${t("Search for devices")}
      @close=${() => this.dispatchEvent(new Event("close"))}>
      ${this.open ? html`<div class="body"><hub-notice .problem=${this.problem}></hub-notice>${this.operation ? this.waiting(this.operation) : this.told()}</div>` : nothing}
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

  private waiting(running: Operation): TemplateResult {
    return html`<p role="status">${t("Asking the network and the computer's sockets …")}</p>
      <progress max="1" .value=${running.fraction} aria-label=${t("Searching")}></progress>
      <div class="row"><button @click=${() => void this.stop()}>${icon("stop")}${t("Stop")}</button></div>`;
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
