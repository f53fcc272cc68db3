import { hub, type Page, type Problem, problemOf } from "@classhub/client";
import { define, HubElement, icon, number, personName, type SetEvent, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { JobList } from "../api.js";
import { isOver } from "../model.js";
import { duration, grams } from "../words.js";
import "../job/job-card.js";
import "../tabs.js";
import { type AccountLine, asCsv, type By, type Span, since, withShares } from "./account.js";
import { accountStyles } from "./account-page.styles.js";
import "./quotas.js";
import "./spools.js";

type Part = "account" | "history" | "spools" | "quotas";

/** For teachers: who used how much, what was printed, the spools, the quotas. */
class AccountPage extends HubElement {
  static override properties = {
    shown: { state: true },
    by: { state: true },
    span: { state: true },
    lines: { state: true },
    problem: { state: true },
  };
  static override styles = accountStyles;
  declare shown: Part;
  declare by: By;
  declare span: Span;
  declare lines: AccountLine[] | null;
  declare problem: Problem | null;
  private readonly history = new JobList(
    this,
    () => ({ state: ["done", "failed", "cancelled"], limit: 60 }),
    isOver,
  );

  constructor() {
    super();
    this.shown = "account";
    this.by = "person";
    this.span = "month";
    this.lines = null;
    this.problem = null;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { topics: ["x/printing/finished/+"] });
  }

  private async load(): Promise<void> {
    const { by, span } = this;
    try {
      const query = { by, from: since(span, new Date()) };
      const found = await hub.api.get<Page<AccountLine>>("/filament-account", query);
      if (by !== this.by || span !== this.span) return;
      this.lines = found.items;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    const tab = (part: Part, words: string) =>
      html`<button role="tab" aria-selected=${this.shown === part ? "true" : "false"} @click=${() => (this.shown = part)}>${words}</button>`;
    return html`<div class="page"><hub-print-tabs at="/print/account"></hub-print-tabs>
      <h1>${t("Filament and history")}</h1>
      <div class="parts" role="tablist" aria-label=${t("Filament and history")}>${tab("account", t("Filament used"))}${tab("history", t("What was printed"))}${tab("spools", t("Spools"))}${tab("quotas", t("Limits for classes"))}</div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${
        this.shown === "account"
          ? this.account()
          : this.shown === "history"
            ? this.printed()
            : this.shown === "spools"
              ? html`<hub-print-spools></hub-print-spools>`
              : html`<hub-print-quotas></hub-print-quotas>`
      }</div>`;
  }

  private account(): TemplateResult {
    const by: [By, string][] = [
      ["person", t("By pupil")],
      ["group", t("By class")],
      ["spool", t("By spool")],
    ];
    const spans: [Span, string][] = [
      ["week", t("7 days")],
      ["month", t("One month")],
      ["year", t("School year")],
      ["all", t("All")],
    ];
    const choice = <T extends string>(
      label: string,
      options: [T, string][],
      now: T,
      take: (value: T) => void,
    ) =>
      html`<hub-choice .label=${label} .options=${options.map(([, words]) => words)} .value=${options.find(([value]) => value === now)?.[1] ?? ""}
        @set=${(event: SetEvent<string>) => {
          const found = options.find(([, words]) => words === event.value);
          if (found) take(found[0]);
          void this.load();
        }}></hub-choice>`;
    return html`<div class="choices">${choice(t("Count by"), by, this.by, (value) => (this.by = value))}${choice(t("Since"), spans, this.span, (value) => (this.span = value))}</div>
      ${this.lines ? this.table(this.lines) : nothing}`;
  }

  private table(lines: AccountLine[]): TemplateResult {
    if (lines.length === 0)
      return html`<p class="card pad muted">${t("Nothing was printed in this time.")}</p>`;
    const total = lines.reduce(
      (sum, line) => ({
        grams: sum.grams + line.grams,
        seconds: sum.seconds + line.seconds,
        jobs: sum.jobs + line.jobs,
      }),
      { grams: 0, seconds: 0, jobs: 0 },
    );
    return html`<div class="card pad scroll"><table>
      <thead><tr><th scope="col">${t("Who or what")}</th><th scope="col" class="figure">${t("Prints")}</th><th scope="col" class="figure">${t("Plastic")}</th><th scope="col" class="figure">${t("Time")}</th></tr></thead>
      <tbody>${withShares(lines).map(
        (
          line,
        ) => html`<tr><th scope="row">${this.by === "person" ? personName(line.name) : line.name || t("Without")}<meter max="1" .value=${line.share} aria-hidden="true"></meter></th>
          <td class="figure">${number(line.jobs)}</td><td class="figure">${grams(line.grams)}${line.failed_grams ? html`<span class="muted small lost">${t("failed: {grams}", { grams: grams(line.failed_grams) })}</span>` : nothing}</td><td class="figure">${duration(line.seconds)}</td></tr>`,
      )}</tbody>
      <tfoot><tr><th scope="row">${t("Together")}</th><td class="figure">${number(total.jobs)}</td><td class="figure">${grams(total.grams)}</td><td class="figure">${duration(total.seconds)}</td></tr></tfoot>
      </table></div>
      <div><a class="button" download="filament.csv" href=${`data:text/csv;charset=utf-8,${encodeURIComponent(asCsv(lines))}`}>${icon("download")}${t("As a table (CSV)")}</a></div>`;
  }

  private printed(): TemplateResult {
    const jobs = this.history.jobs;
    if (jobs?.length === 0)
      return html`<p class="card pad muted">${t("Nothing has been printed yet.")}</p>`;
    return html`<hub-notice .problem=${this.history.problem}></hub-notice><ul class="cards">${repeat(
      jobs ?? [],
      (job) => job.id,
      (job) => html`<li><hub-print-job-card .job=${job}></hub-print-job-card></li>`,
    )}</ul>`;
  }
}
define("hub-print-account-page", AccountPage);
