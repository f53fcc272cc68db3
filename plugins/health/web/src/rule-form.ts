import { hub, type Problem, problemOf } from "@classhub/client";
import { define, givenName, HubElement, icon, say, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import type { AlertRule, Destination, Series } from "./api.js";
import { formStyles } from "./form.styles.js";
import { healthStyles } from "./health-page.styles.js";
import { changesOf, type RuleFields } from "./rule-fields.js";

/** A rule of alerts as a form: what is changed, made, and put back as it was shipped. */
class RuleForm extends HubElement {
  static override properties = {
    rule: { attribute: false },
    destinations: { attribute: false },
    series: { state: true },
    chosen: { state: true },
    busy: { state: true },
    wrong: { state: true },
  };
  static override styles = [
    healthStyles,
    formStyles,
    css`
      :host { display: block; }
      fieldset { border: 0; padding: 0; margin: 0; display: grid; gap: var(--space-2); }
      fieldset legend { padding: 0; margin-bottom: var(--space-2); }
    `,
  ];
  /** Null makes a new one. */
  declare rule: AlertRule | null;
  declare destinations: Destination[];
  /** What is measured, for a new rule. */
  declare series: Series[];
  declare chosen: string;
  declare busy: boolean;
  declare wrong: Problem | null;

  constructor() {
    super();
    this.rule = null;
    this.destinations = [];
    this.series = [];
    this.chosen = "";
    this.busy = false;
    this.wrong = null;
  }

  protected override arrive(): void {
    if (!this.rule) void this.load();
  }

  private async load(): Promise<void> {
    try {
      const found = await hub.api.get<{ items: Series[] }>("/health/series");
      this.series = found.items;
      this.chosen = String(found.items[0]?.id ?? "");
    } catch (error) {
      this.wrong = problemOf(error);
    }
  }

  private async save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const given = fieldsOf(new FormData(event.target as HTMLFormElement));
    await this.doing(async () => {
      if (this.rule) {
        await hub.api.patch(`/health/alert-rules/${this.rule.id}`, changesOf(this.rule, given));
      } else {
        const measured = this.series.find((one) => String(one.id) === this.chosen);
        await hub.api.post("/health/alert-rules", {
          ...given,
          series: measured?.name ?? "",
          subjects: [measured?.subject ?? "*"],
          within: measured?.sums ? given.within || 3600 : 0,
        });
      }
      say(t("Saved."));
    });
  }

  private async reset(): Promise<void> {
    const rule = this.rule;
    if (!rule) return;
    if (rule.origin === "page" && !confirm(t("Delete this rule?"))) return;
    await this.doing(() => hub.api.delete(`/health/alert-rules/${rule.id}`));
  }

  private async doing(work: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    try {
      await work();
      this.wrong = null;
      this.dispatchEvent(new CustomEvent("done"));
    } catch (error) {
      this.wrong = problemOf(error);
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    const rule = this.rule;
    const measured = rule ? rule.watch === "series" : true;
    return html`<form @submit=${(event: SubmitEvent) => void this.save(event)}>
      <hub-notice .problem=${this.wrong}></hub-notice>
      ${rule ? nothing : this.what()}
      ${measured ? this.limits(rule) : nothing}
      <div class="two">${this.number("delay", t("How long it must be so, in seconds"), rule?.delay ?? 60, 86400)}
        ${this.number("hold", t("How long it must be well again, in seconds"), rule?.hold ?? 60, 86400)}
        ${this.number("escalate", t("Told again when nobody takes it up, after minutes (0: never)"), rule?.escalate ?? 0, 10080)}
        <label>${t("How serious it is")}<select name="severity">
          ${rule && !measured ? html`<option value="" ?selected=${!rule.severity}>${t("As the problem says")}</option>` : nothing}
          <option value="warning" ?selected=${(rule?.severity ?? (measured ? "warning" : "")) === "warning"}>${t("A warning")}</option>
          <option value="fault" ?selected=${rule?.severity === "fault"}>${t("A fault")}</option></select></label></div>
      <div class="two">${this.check("enabled", t("In use"), rule?.enabled ?? true, !rule)}
        ${this.check("urgent", t("Told in quiet hours, too"), rule?.urgent ?? false)}
        ${this.check("lesson", t("Teachers see it, too"), rule?.lesson ?? false)}</div>
      ${this.whom(rule?.tell ?? [])}
      <div class="row"><button class="primary" ?disabled=${this.busy}>${t("Save")}</button>
        <button type="button" class="quiet" @click=${() => this.dispatchEvent(new CustomEvent("done"))}>${t("Cancel")}</button>
        ${rule?.origin === "page" ? html`<button type="button" class="quiet" ?disabled=${this.busy} @click=${() => void this.reset()}>${icon("trash")}${t("Delete")}</button>` : nothing}
        ${rule && rule.origin !== "page" && rule.changed.length ? html`<button type="button" class="quiet" ?disabled=${this.busy} @click=${() => void this.reset()}>${icon("undo")}${t("As it was shipped")}</button>` : nothing}
      </div></form>`;
  }

  /** Of a new rule: what is measured, and what is said. */
  private what(): TemplateResult {
    const places: Record<string, string> = {
      computer: t("The hub's computer"),
      network: t("Network"),
    };
    return html`<label>${t("What is measured")}<select required @change=${(event: Event) => {
      this.chosen = (event.target as HTMLSelectElement).value;
    }}>${this.series.map((one) => html`<option value=${one.id} ?selected=${String(one.id) === this.chosen}>${places[one.subject] ?? givenName(one.subject)} · ${one.title}${one.unit && one.unit !== "1" ? ` (${one.unit})` : ""}</option>`)}</select></label>
      <div class="two"><label>${t("What is wrong then")}<input name="title" required maxlength="300"></label>
        <label>${t("What to do")}<input name="hint" required maxlength="300"></label></div>`;
  }

  private limits(rule: AlertRule | null): TemplateResult {
    const below = rule !== null && rule.below !== null;
    const limit = below ? rule.below : rule?.above;
    return html`<div class="two"><label>${t("It is wrong when the value is")}<select name="side"><option value="above" ?selected=${!below}>${t("above")}</option><option value="below" ?selected=${below}>${t("below")}</option></select></label>
      <label>${t("this")}<input name="limit" type="number" step="any" required .value=${limit === null || limit === undefined ? "" : String(limit)}></label>
      <label>${t("and well again on the other side of")}<input name="clear" type="number" step="any" required .value=${rule?.clear === null || rule?.clear === undefined ? "" : String(rule.clear)}></label></div>`;
  }

  private whom(tell: string[]): TemplateResult | typeof nothing {
    if (!this.destinations.length) return nothing;
    return html`<fieldset><legend>${t("Who is told (nobody chosen: all)")}</legend><div class="two">${this.destinations.map(
      (one) =>
        html`<label class="check"><input type="checkbox" name="tell" value=${one.id} ?checked=${tell.includes(one.id)}>${one.name}</label>`,
    )}</div></fieldset>`;
  }

  private number(name: string, title: string, value: number, most: number): TemplateResult {
    return html`<label>${title}<input name=${name} type="number" min="0" max=${most} step="any" required .value=${String(value)}></label>`;
  }

  private check(
    name: string,
    title: string,
    value: boolean,
    fixed = false,
  ): TemplateResult | typeof nothing {
    if (fixed) return nothing;
    return html`<label class="check"><input type="checkbox" name=${name} ?checked=${value}>${title}</label>`;
  }
}
define("hub-health-rule-form", RuleForm);

/** What stands in the form. */
function fieldsOf(given: FormData): RuleFields {
  const text = (name: string) => String(given.get(name) ?? "").trim();
  const value = (name: string) => Number(text(name));
  const fields: RuleFields = {
    delay: value("delay"),
    hold: value("hold"),
    escalate: value("escalate"),
    severity: (text("severity") || null) as RuleFields["severity"],
    urgent: given.has("urgent"),
    lesson: given.has("lesson"),
    tell: given.getAll("tell").map(String),
  };
  if (given.has("title")) {
    fields.title = text("title");
    fields.hint = text("hint");
  } else {
    fields.enabled = given.has("enabled");
  }
  if (given.has("limit")) {
    const below = text("side") === "below";
    fields.above = below ? null : value("limit");
    fields.below = below ? value("limit") : null;
    fields.clear = value("clear");
  }
  return fields;
}
