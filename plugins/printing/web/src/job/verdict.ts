import { base, define, HubElement, icon, number, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { DRAW } from "../drawings.js";
import { type Finding, hasPlaces, type Offer, toneOf, type Verdict } from "../model.js";
import { grams, sizeText } from "../words.js";

/** The person wants to see where a finding is; null hides it again. */
export class ShowEvent extends Event {
  constructor(readonly index: number | null) {
    super("place");
  }
}

/** The person takes what is offered. */
export class OfferEvent extends Event {
  constructor(readonly offer: Offer) {
    super("offer");
  }
}

/** What the check found, in words; `shown` is the finding that is lit up in the 3D view. */
class VerdictPart extends HubElement {
  static override properties = {
    verdict: { attribute: false },
    offers: { attribute: false },
    shown: { attribute: false },
    busy: { type: Boolean },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-4); }
      .head { display: flex; gap: var(--space-3); align-items: center; }
      .head svg { width: 2rem; height: 2rem; }
      .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad-mark); }
      ul { display: grid; gap: var(--space-2); }
      .finding { display: flex; gap: var(--space-3); width: 100%; padding: var(--space-3) var(--space-4); border-radius: var(--radius-m);
        background: var(--sunken); text-align: start; justify-content: start; align-items: start; border: 2px solid transparent; font: var(--type-body); }
      .refuse { background: var(--bad-soft); }
      .warned { background: var(--warn-soft); }
      button.finding:hover { border-color: var(--line-strong); }
      .finding[aria-pressed="true"] { border-color: var(--bad-mark); }
      .finding strong { display: block; font: var(--type-strong); }
      .show { font: var(--type-small); font-weight: 600; text-decoration: underline; text-underline-offset: 0.2em; margin-top: var(--space-1); display: flex; gap: 0.4em; align-items: center; }
      .show svg { width: 1.1em; height: 1.1em; }
      .offers { display: grid; gap: var(--space-2); }
      .offers button { justify-content: start; text-align: start; width: 100%; min-height: calc(var(--touch) * 1.25); }
      .offers small { display: block; font: var(--type-small); opacity: 0.85; }
      details { border-top: 1px solid var(--line); padding-top: var(--space-2); }
      summary { min-height: var(--touch); display: flex; align-items: center; cursor: pointer; font: var(--type-strong); gap: 0.5em; }
      dl { display: grid; grid-template-columns: auto 1fr; gap: var(--space-1) var(--space-4); }
      dt { color: var(--muted); }
    `,
  ];
  declare verdict: Verdict;
  declare offers: Offer[];
  declare shown: number | null;
  declare busy: boolean;

  constructor() {
    super();
    this.offers = [];
    this.shown = null;
    this.busy = false;
  }

  override render(): TemplateResult {
    const tone = toneOf(this.verdict);
    const heading = {
      good: t("The model is fine."),
      warn: t("It can be printed. Look at this first."),
      bad: t("It cannot be printed like this."),
    }[tone];
    const grave = this.verdict.findings.filter((one) => one.severity !== "tell");
    const rest = this.verdict.findings.filter((one) => one.severity === "tell");
    return html`<div class="head"><span class=${tone}>${icon(tone === "good" ? "check" : "warning")}</span><h2>${heading}</h2></div>
      ${grave.length ? html`<ul>${grave.map((one) => html`<li>${this.finding(one)}</li>`)}</ul>` : nothing}
      ${this.offers.length ? html`<div class="offers" role="group" aria-label=${t("What the hub can do")}>${this.offers.map((one, index) => this.offer(one, index))}</div>` : nothing}
      <details><summary>${t("More about the model")}${rest.length ? html` <span class="chip">${rest.length}</span>` : nothing}</summary>
        <ul>${rest.map((one) => html`<li>${this.finding(one)}</li>`)}</ul>${this.facts()}</details>`;
  }

  private finding(finding: Finding): TemplateResult {
    const index = this.verdict.findings.indexOf(finding);
    const kind = { refuse: "refuse", warn: "warned", tell: "" }[finding.severity];
    const words = html`<span class="grow"><strong>${t(finding.title, finding.params)}</strong>${t(finding.hint, finding.params)}${
      hasPlaces(finding.places)
        ? html`<span class="show">${icon("focus")}${this.shown === index ? t("Hide the place") : t("Show me where")}</span>`
        : nothing
    }</span>`;
    if (!hasPlaces(finding.places)) return html`<div class="finding ${kind}">${words}</div>`;
    return html`<button class="finding ${kind}" aria-pressed=${this.shown === index ? "true" : "false"}
      @click=${() => this.dispatchEvent(new ShowEvent(this.shown === index ? null : index))}>${words}</button>`;
  }

  private offer(offer: Offer, index: number): TemplateResult {
    const { drawing, title, more } = offerWords(offer);
    return html`<button class=${index === 0 && !this.verdict.printable ? "primary" : ""} data-offer=${offer.kind} ?disabled=${this.busy}
      @click=${() => this.dispatchEvent(new OfferEvent(offer))}>${drawing}<span>${title}${more ? html`<small>${more}</small>` : nothing}</span></button>`;
  }

  private facts(): TemplateResult {
    const { size, mass, triangles, bodies } = this.verdict;
    return html`<dl><dt>${t("Size")}</dt><dd>${sizeText(size)}</dd>
      <dt>${t("Solid, it would weigh")}</dt><dd>${grams(mass)}</dd>
      <dt>${t("Parts")}</dt><dd>${bodies}</dd>
      <dt>${t("Triangles")}</dt><dd>${tn("{figure} triangle", "{figure} triangles", triangles, { figure: number(triangles) })}</dd></dl>`;
  }
}
define("hub-print-verdict", VerdictPart);

function offerWords(offer: Offer): { drawing: TemplateResult; title: string; more: string } {
  switch (offer.kind) {
    case "repair":
      return {
        drawing: DRAW.wrench(),
        title: t("Repair it"),
        more: t("The hub closes holes and turns the surface the right way."),
      };
    case "unit": {
      const larger = offer.factor > 1;
      const factor = number(larger ? offer.factor : 1 / offer.factor, 1);
      return {
        drawing: icon("ruler"),
        title: larger
          ? t("Make it {factor} times larger", { factor })
          : t("Make it {factor} times smaller", { factor }),
        more: t("Then it is {size}.", { size: sizeText(offer.size) }),
      };
    }
    case "fit":
      return { drawing: DRAW.turn(), title: t("Turn it so that it fits"), more: "" };
    case "better":
      return {
        drawing: DRAW.turn(),
        title: t("Turn it so that it stands better"),
        more: t("Fewer supports are needed then."),
      };
    case "smaller":
      return {
        drawing: DRAW.shrink(),
        title: t("Make it small enough"),
        more: t("Then it is {size}.", { size: sizeText(offer.size) }),
      };
    case "supports":
      return {
        drawing: DRAW.layers(),
        title: t("Print it with supports"),
        more: t("They hold what hangs over, and are broken off afterwards."),
      };
    case "brim":
      return {
        drawing: DRAW.layers(),
        title: t("Print it with a brim"),
        more: t("A thin edge around it holds it on the plate."),
      };
  }
}
