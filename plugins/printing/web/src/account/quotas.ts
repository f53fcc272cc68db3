import { hub, type Page, type Problem, problemOf } from "@classhub/client";
import { define, HubElement, icon, say, sayProblem, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { duration, grams } from "../words.js";
import type { Quota } from "./account.js";
import { formStyles } from "./forms.styles.js";

/** How much each class may print; what is empty is not limited. */
class Quotas extends HubElement {
  static override properties = { quotas: { state: true }, problem: { state: true } };
  static override styles = formStyles;
  declare quotas: Quota[] | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.quotas = null;
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.quotas = (await hub.api.get<Page<Quota>>("/print-quotas")).items;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async save(event: Event, quota: Quota): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const limit = (name: string) => {
      const text = String(form.get(name) ?? "").trim();
      return text === "" ? null : Number(text);
    };
    const path = quota.group
      ? `/print-quotas/${encodeURIComponent(quota.group.id)}`
      : "/print-quotas";
    try {
      await hub.api.put(path, {
        grams: limit("grams"),
        minutes: limit("minutes"),
        longest: limit("longest"),
        days: limit("days") ?? quota.days,
      });
      say(t("The limits are saved."));
      await this.load();
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    return html`<hub-notice .problem=${this.problem}></hub-notice>
      <p class="muted">${t("A job beyond its class's limit is not lost: it waits, and says why. What is left empty is not limited.")}</p>
      <ul class="cards">${this.quotas?.map((quota, index) => this.card(quota, index))}</ul>`;
  }

  private card(quota: Quota, index: number): TemplateResult {
    const field = (name: "grams" | "minutes" | "longest" | "days", words: string) =>
      html`<div><label for="${name}${index}">${words}</label><input id="${name}${index}" name=${name} type="number" min="0" max="1000000" inputmode="numeric" .value=${quota[name] === null ? "" : String(quota[name])}></div>`;
    return html`<li class="card pad quota"><h3>${quota.group?.name ?? t("Every class without limits of its own")}</h3>
      ${quota.used ? html`<p class="muted small">${t("Used so far: {grams}, {time}", { grams: grams(quota.used.grams), time: duration(quota.used.minutes * 60) })}</p>` : nothing}
      <form @submit=${(event: Event) => void this.save(event, quota)}>${field("grams", t("Grams"))}${field("minutes", t("Minutes"))}${field("longest", t("Longest print, minutes"))}${field("days", t("Counted in days"))}<button>${icon("check")}${t("Save")}</button></form></li>`;
  }
}
define("hub-print-quotas", Quotas);
