import { hub, type Problem, problemOf } from "@classhub/client";
import { define, HubElement, icon, say, t, tn } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { inventoryStyles } from "./styles.js";

interface Told {
  digest: string;
  added: number;
  changed: number;
  same: number;
  wrong: { line: number; column: string; said: string; cell: string }[];
  more_wrong: number;
  lines: { line: number; item: string | null; name: string; changes: [string, string, string][] }[];
}

/** The inventory out to a spreadsheet and in again: first what would change, then all of it. */
class InventoryTable extends HubElement {
  static override properties = {
    file: { state: true },
    told: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = inventoryStyles;
  declare file: File | null;
  declare told: Told | null;
  declare busy: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.file = null;
    this.told = null;
    this.busy = false;
    this.problem = null;
  }

  private choose(event: Event): void {
    this.file = (event.target as HTMLInputElement).files?.[0] ?? null;
    this.told = null;
    if (this.file) void this.send();
  }

  private async send(digest?: string): Promise<void> {
    if (!this.file) return;
    this.busy = true;
    this.problem = null;
    const form = new FormData();
    form.set("file", this.file);
    const path = digest ? `/inventory/table?apply=${digest}` : "/inventory/table";
    try {
      this.told = await hub.api.form<Told>(path, form);
      if (digest) {
        say(t("The table is taken in."));
        this.dispatchEvent(new Event("taken"));
      }
    } catch (error) {
      this.problem = problemOf(error);
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    return html`<section>
      <div class="row"><a class="button" href="/api/v1/inventory/table.csv" download>${icon("download")}${t("Save as CSV for Excel")}</a></div>
      <div><label for="file">${t("Take a table in")}</label><input id="file" type="file" accept=".csv,text/csv" ?disabled=${this.busy} @change=${this.choose}></div>
      <p class="muted small">${t("First you see what would change. A line with an id changes that thing, a line without one enters a new thing. Nothing is struck off.")}</p>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${this.busy ? html`<progress aria-label=${t("Loading")}></progress>` : nothing}
      ${this.told ? this.preview(this.told) : nothing}
    </section>`;
  }

  private preview(told: Told): TemplateResult {
    const sums = [
      tn("{n} new", "{n} new", told.added),
      tn("{n} changed", "{n} changed", told.changed),
      tn("{n} the same", "{n} the same", told.same),
    ];
    if (told.wrong.length) {
      return html`<h3>${t("Nothing was taken: these lines have to be corrected first")}</h3>
        <ul class="wrong">${told.wrong.map(
          (one) =>
            html`<li><b>${t("Line {n}", { n: one.line })}${one.column ? html` · ${one.column}` : nothing}</b><p>${one.said}</p>
              ${one.cell ? html`<p class="muted small">${one.cell}</p>` : nothing}</li>`,
        )}</ul>${told.more_wrong ? html`<p class="muted">${tn("and {n} more", "and {n} more", told.more_wrong)}</p>` : nothing}`;
    }
    return html`<h3>${sums.join(" · ")}</h3>
      <ul class="wrong">${told.lines.map(
        (one) =>
          html`<li><b>${one.name}</b>${one.item === null ? html`<p>${t("New")}</p>` : nothing}
            ${one.changes.map(
              ([column, before, after]) =>
                html`<p class="small">${column}: ${before || "–"} → ${after || "–"}</p>`,
            )}</li>`,
      )}</ul>
      <button class="primary" ?disabled=${this.busy || told.added + told.changed === 0} @click=${() => this.send(told.digest)}>${icon("check")}${t("Take all of it in")}</button>`;
  }
}
define("hub-inventory-table", InventoryTable);
