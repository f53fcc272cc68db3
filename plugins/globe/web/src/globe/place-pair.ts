import { hub } from "@classhub/client";
import { base, define, HubElement, number, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { type Fact, flagOf, heavenly, type Place } from "../model.js";

/** Two places beside each other, fact by fact, and how far they are apart. */
class PlacePair extends HubElement {
  static override properties = {
    left: { attribute: false },
    right: { attribute: false },
    kilometres: { state: true },
  };
  static override styles = [
    base,
    css`
      table { width: 100%; border-collapse: collapse; table-layout: fixed; }
      th, td { text-align: start; vertical-align: top; padding: var(--space-2); overflow-wrap: anywhere; }
      thead th { font: var(--type-heading); }
      thead img { width: 4.5rem; aspect-ratio: 4 / 3; border-radius: var(--radius-s); box-shadow: var(--shadow); display: block; margin-bottom: var(--space-2); }
      tbody th { font: var(--type-small); color: var(--muted); border-top: 1px solid var(--line); padding-bottom: 0; }
      td .small { display: block; }
      .far { padding-bottom: var(--space-4); font: var(--type-strong); }
    `,
  ];
  declare left: Place | null;
  declare right: Place | null;
  declare kilometres: number | null;

  constructor() {
    super();
    this.left = null;
    this.right = null;
    this.kilometres = null;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("left") || changed.has("right")) void this.measure();
  }

  private async measure(): Promise<void> {
    const { left, right } = this;
    this.kilometres = null;
    if (!left?.centre || !right?.centre || heavenly(left) || heavenly(right)) return;
    const far = await hub.api.get<{ kilometres: number }>("/globe/distance", {
      start: left.id,
      end: right.id,
    });
    if (left === this.left && right === this.right) this.kilometres = far.kilometres;
  }

  override render(): TemplateResult | typeof nothing {
    const { left, right } = this;
    if (!left || !right) return nothing;
    const names = [...new Set([...left.facts, ...right.facts].map((fact) => fact.name))];
    const of = (place: Place, name: string) => place.facts.find((fact) => fact.name === name);
    return html`<h1 class="visually-hidden">${t("Compare two")}</h1>${this.kilometres === null ? nothing : html`<p class="far" id="far">${t("{km} km between their middles", { km: number(this.kilometres) })}</p>`}
      <table><thead><tr>${[left, right].map((place) => html`<th scope="col">${place.flag ? html`<img src=${flagOf(place)} alt=${t("Flag")}>` : nothing}${place.name}</th>`)}</tr></thead>
      <tbody>${names.map((name) => {
        const both = [of(left, name), of(right, name)];
        const label = both.find((fact) => fact)?.label ?? "";
        return html`<tr><th colspan="2" scope="rowgroup">${label}</th></tr><tr data-fact=${name}>${both.map((fact) => html`<td>${fact ? this.fact(fact) : "–"}</td>`)}</tr>`;
      })}</tbody></table>`;
  }

  private fact(fact: Fact): TemplateResult {
    const text = fact.places.length ? fact.places.map((one) => one.name).join(", ") : fact.text;
    return html`${text}${fact.year === null ? nothing : html`<span class="muted small">${t("as of {year}", { year: fact.year })}</span>`}`;
  }
}
define("hub-place-pair", PlacePair);
