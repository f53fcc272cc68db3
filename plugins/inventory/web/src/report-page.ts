import { hub, type Problem, problemOf } from "@classhub/client";
import {
  define,
  HubElement,
  i18n,
  icon,
  LANGUAGE_NAMES,
  navigate,
  number,
  say,
  sayProblem,
  t,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { type Form, filled, points, type Report, type Row } from "./readiness-api.js";
import { inventoryStyles } from "./styles.js";

const LANGUAGES = ["kk", "ru", "en"];

/** One form: its head, its criteria with what was measured, who signs; and its paper. */
class ReportPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    form: { state: true },
    report: { state: true },
    deleting: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = [
    ...inventoryStyles,
    css`
      .rows > li { display: grid; gap: var(--space-3) var(--space-5); grid-template-columns: minmax(0, 1fr) minmax(0, 15rem) minmax(0, 15rem); padding: var(--space-4) var(--space-5); border-bottom: 1px solid var(--line); margin-bottom: -1px; align-items: start; }
      .rows h3 { display: flex; gap: var(--space-2); align-items: center; }
      .rows .value { display: flex; gap: var(--space-2); align-items: center; white-space: nowrap; }
      .rows input, .rows select { margin-top: 0; }
      .met { color: var(--good); }
      .missed { color: var(--bad); }
      .card.fields { padding: var(--space-5); }
      form.paper { display: grid; gap: var(--space-6); }
      .fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); gap: var(--space-4); align-items: end; }
      .end { position: sticky; bottom: 0; padding: var(--space-3) 0; background: var(--paper); }
      @media (max-width: 60rem) { .rows > li { grid-template-columns: minmax(0, 1fr); } .end { position: static; } }
    `,
  ];
  declare params: Record<string, string>;
  declare form: Form | null;
  declare report: Report | null;
  declare deleting: boolean;
  declare busy: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.params = {};
    this.form = null;
    this.report = null;
    this.deleting = false;
    this.busy = false;
    this.problem = null;
  }

  private get path(): string {
    return `/readiness/reports/${encodeURIComponent(this.params.id ?? "")}`;
  }

  protected override arrive(): void {
    this.on(i18n, "change", () => void this.load());
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const report = await hub.api.get<Report>(this.path);
      this.form = await hub.api.get<Form>(`/readiness/forms/${report.form}`);
      this.report = report;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async keep(measure: boolean): Promise<boolean> {
    const paper = this.renderRoot.querySelector<HTMLFormElement>("form.paper");
    if (!paper?.reportValidity() || !this.form || !this.report) return false;
    this.busy = true;
    try {
      const fields = filled(this.form, new FormData(paper));
      const body = { ...fields, revision: this.report.revision, measure };
      this.report = await hub.api.put<Report>(this.path, body);
      say(measure ? t("Measured anew.") : t("It is kept."));
      return true;
    } catch (error) {
      sayProblem(problemOf(error));
      return false;
    } finally {
      this.busy = false;
    }
  }

  private async delete(): Promise<void> {
    this.busy = true;
    try {
      await hub.api.delete(this.path);
      navigate("/readiness", { replace: true });
    } catch (error) {
      sayProblem(problemOf(error));
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    const { form, report } = this;
    return html`<div class="page">
      <div class="head"><div><a href="/readiness" class="button quiet">${icon("arrow-left")}${t("Readiness and observation")}</a>
        <h1>${form?.title ?? t("Filled form")}</h1></div></div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${form && report ? this.paper(form, report) : this.problem ? nothing : html`<progress aria-label=${t("Loading")}></progress>`}
      <hub-dialog .open=${this.deleting} heading=${t("Delete this form?")} @close=${() => {
        this.deleting = false;
      }}><p>${t("It does not come back.")}</p>
        <div class="row"><button class="danger" ?disabled=${this.busy} @click=${this.delete}>${t("Delete")}</button>
        <button @click=${() => {
          this.deleting = false;
        }}>${t("Keep")}</button></div></hub-dialog>
    </div>`;
  }

  private paper(form: Form, report: Report): TemplateResult {
    const { fields } = report;
    const sum = points(fields);
    const line = (name: string, title: string, value: string) =>
      html`<div><label for=${name}>${title}</label><input id=${name} name=${name} maxlength="5000" autocomplete="off" .value=${value}></div>`;
    return html`<form class="paper" @submit=${(event: Event) => {
      event.preventDefault();
      void this.keep(false);
    }}>
      <div class="card fields">
        ${form.head.map((part) => line(`head.${part.id}`, part.title, fields.head[part.id] ?? ""))}
        <div><label for="day">${t("Date")}</label><input id="day" name="day" type="date" required min="1990-01-01" max="2099-12-31" .value=${report.day}></div>
        ${
          form.id === "readiness"
            ? html`<div><label for="school_kind">${t("Kind of school")}</label><select id="school_kind" name="school_kind">
              <option value="tirek" ?selected=${fields.school_kind === "tirek"}>${t("hub school")}</option>
              <option value="magnet" ?selected=${fields.school_kind === "magnet"}>${t("magnet school")}</option></select></div>`
            : nothing
        }
      </div>
      <section><div class="head"><h2>${t("Criteria")}</h2>${
        form.id === "readiness"
          ? html`<button type="button" ?disabled=${this.busy} @click=${() => this.keep(true)}>${icon("activity")}${t("Measure anew")}</button>`
          : html`<p><b>${t("{sum} of {most} points", { sum: number(sum.sum), most: number(sum.most) })}</b></p>`
      }</div>
        <ul class="rows card">${form.rows.map((row, at) => this.row(row, at, report))}</ul></section>
      <div class="card fields">
        ${form.signatures.map((part) => line(`signature.${part.id}`, part.title, fields.signatures[part.id] ?? ""))}
        <div class="wide"><label for="remarks">${t("Remarks")}</label><textarea id="remarks" name="remarks" maxlength="5000" .value=${fields.remarks}></textarea></div>
      </div>
      <div class="row end"><button class="primary" ?disabled=${this.busy}>${icon("check")}${t("Save")}</button>
        ${LANGUAGES.map(
          (language) =>
            html`<a class="button" target="_blank" href="/api/v1${this.path}/document?format=pdf&words=${language}" lang=${language}>${icon("download")}PDF · ${LANGUAGE_NAMES[language] ?? language}</a>`,
        )}
        <a class="button" target="_blank" href="/api/v1${this.path}/document?format=html&words=${i18n.language}">${t("As a web page")}</a>
        <button type="button" class="quiet danger" @click=${() => {
          this.deleting = true;
        }}>${icon("erase")}${t("Delete")}</button></div>
    </form>`;
  }

  private row(row: Row, at: number, report: Report): TemplateResult {
    const answer = report.fields.answers[row.id];
    const met = report.met[row.id];
    const measured = report.measured[row.id];
    const sign =
      met === true
        ? html`<span class="met" title=${t("Meets it")}>${icon("check")}</span>`
        : met === false
          ? html`<span class="missed" title=${t("Does not meet it")}>${icon("warning")}</span>`
          : nothing;
    return html`<li><div><h3><span>${at + 1}. ${row.title}</span>${sign}</h3>
        ${measured ? html`<p class="muted small">${measured.said}</p>` : nothing}</div>
      <div class="value">${this.value(row, answer?.value ?? null, measured?.value ?? null)}${row.unit ? html`<span class="muted">${row.unit}</span>` : nothing}</div>
      <div><input name=${`note.${row.id}`} aria-label=${t("Note: {name}", { name: row.title })} placeholder=${t("Note")} maxlength="5000" autocomplete="off" .value=${answer?.note ?? ""}></div></li>`;
  }

  private value(row: Row, value: boolean | number | null, measured: number | null): TemplateResult {
    const name = `value.${row.id}`;
    if (row.answer === "number") {
      const hint = measured === null ? "" : number(measured);
      return html`<input name=${name} aria-label=${row.title} type="number" inputmode="decimal" min="0" max="1000000" step="any" placeholder=${hint} .value=${value === null ? "" : String(value)}>`;
    }
    const choices: [string, string][] =
      row.answer === "yes"
        ? [
            ["yes", t("yes")],
            ["no", t("no")],
          ]
        : [
            ["3", "3"],
            ["2", "2"],
            ["1", "1"],
          ];
    const now =
      typeof value === "boolean" ? (value ? "yes" : "no") : value === null ? "" : String(value);
    return html`<select name=${name} aria-label=${row.title}><option value="" ?selected=${now === ""}>–</option>
      ${choices.map(([one, title]) => html`<option value=${one} ?selected=${one === now}>${title}</option>`)}</select>`;
  }
}
define("hub-report-page", ReportPage);
