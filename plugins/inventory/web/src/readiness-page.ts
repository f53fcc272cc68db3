import { hub, type Problem, problemOf } from "@classhub/client";
import { day, define, HubElement, i18n, icon, navigate, sayProblem, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { FormName, Report, Summary } from "./readiness-api.js";
import { inventoryStyles } from "./styles.js";

/** Filled forms by date: is the school ready, how was a digital lesson. */
class ReadinessPage extends HubElement {
  static override properties = {
    reports: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = inventoryStyles;
  declare reports: Summary[] | null;
  declare busy: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.reports = null;
    this.busy = false;
    this.problem = null;
  }

  protected override arrive(): void {
    this.on(i18n, "change", () => void this.load());
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.reports = await hub.api.all<Summary>("/readiness/reports", {}, 2000);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async begin(form: FormName): Promise<void> {
    this.busy = true;
    try {
      // What the school and the room are called was written before.
      const last = this.reports?.find((one) => one.form === form);
      const before = last ? await hub.api.get<Report>(`/readiness/reports/${last.id}`) : null;
      const kept = before && form === "readiness";
      const fields = {
        form,
        school_kind: before?.fields.school_kind ?? "tirek",
        head: kept ? before.fields.head : { school: before?.fields.head.school ?? "" },
        signatures: kept ? before.fields.signatures : {},
      };
      const made = await hub.api.post<Report>("/readiness/reports", fields);
      navigate(`/readiness/${made.id}`);
    } catch (error) {
      sayProblem(problemOf(error));
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    return html`<div class="page">
      <div class="head"><h1>${t("Readiness and observation")}</h1><div class="row">
        ${
          hub.session.may("engineer")
            ? html`<button class="primary" ?disabled=${this.busy} @click=${() => this.begin("readiness")}>${icon("plus")}${t("Readiness report")}</button>`
            : nothing
        }
        <button ?disabled=${this.busy} @click=${() => this.begin("observation")}>${icon("plus")}${t("Observation sheet")}</button></div></div>
      <p class="muted">${t("The hub fills in what it can measure; people fill in the rest and print the form in three languages.")}</p>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${this.reports ? this.list(this.reports) : html`<progress aria-label=${t("Loading")}></progress>`}
    </div>`;
  }

  private list(reports: Summary[]): TemplateResult {
    if (reports.length === 0)
      return html`<p class="card calm muted">${t("No form has been filled in yet.")}</p>`;
    return html`<ul class="list card">${repeat(
      reports,
      (one) => one.id,
      (one) =>
        html`<li><a class="item" href="/readiness/${one.id}"><span class="sign">${icon(one.form === "readiness" ? "clipboard-check" : "eye")}</span>
          <div><h3>${one.title}</h3><p class="muted small">${one.about}</p></div>
          <time datetime=${one.day}>${day(one.day)}</time></a></li>`,
    )}</ul>`;
  }
}
define("hub-readiness-page", ReadinessPage);
