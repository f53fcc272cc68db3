import { hub } from "@classhub/client";
import { base, define, HubElement, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { type Card, type Fact, flagOf, type Place, type PlaceShort } from "../model.js";

/** Somebody wants to see another place that the card names. */
export class WantEvent extends Event {
  constructor(readonly place: PlaceShort) {
    super("want", { bubbles: true, composed: true });
  }
}

/** What is known of a place, each fact with its year and source. */
class PlaceCard extends HubElement {
  static override properties = { place: { attribute: false }, cards: { attribute: false } };
  static override styles = [
    base,
    css`
      .facts { display: grid; gap: var(--space-3); }
      .fact { display: grid; gap: 0.15rem; padding-block: var(--space-2); border-top: 1px solid var(--line); }
      dt, .label { font: var(--type-small); color: var(--muted); }
      dd { font: var(--type-strong); font-size: 1.1rem; }
      dd .small { display: block; }
      .head { display: flex; gap: var(--space-4); align-items: center; margin-bottom: var(--space-4); }
      .head img { width: clamp(4.5rem, 9vw, 7rem); aspect-ratio: 4 / 3; border-radius: var(--radius-s); box-shadow: var(--shadow); flex: none; }
      .names { color: var(--muted); }
      .places { display: flex; flex-wrap: wrap; gap: var(--space-2); padding-top: var(--space-1); }
      .places button { font: var(--type-body); padding: 0.3em 0.9em; }
      .cards { display: grid; gap: var(--space-4); margin-top: var(--space-4); }
      .cards article { display: grid; gap: var(--space-2); padding-top: var(--space-3); border-top: 1px solid var(--line); }
      .cards img { width: 100%; max-height: 18rem; object-fit: cover; border-radius: var(--radius-m); }
      .cards audio { width: 100%; }
      details { margin-top: var(--space-4); border-top: 1px solid var(--line); padding-top: var(--space-2); }
      summary { min-height: var(--touch); display: flex; align-items: center; cursor: pointer; color: var(--muted); }
      details li { padding-block: var(--space-1); }
    `,
  ];
  declare place: Place | null;
  declare cards: Card[];

  constructor() {
    super();
    this.place = null;
    this.cards = [];
  }

  override render(): TemplateResult | typeof nothing {
    const place = this.place;
    if (!place) return nothing;
    const known = place.facts.filter((fact) => fact.source);
    const others = Object.values(place.names).filter((name) => name !== place.name);
    return html`<div class="head">${place.flag ? html`<img src=${flagOf(place)} alt=${t("Flag")}>` : nothing}
        <div><h1>${place.name}</h1><p class="names">${[...new Set(others)].join(" · ")}</p></div></div>
      <dl class="facts">${known.map((fact) => this.fact(fact))}${this.missing(place)}</dl>
      ${this.parts(place)}
      <div class="cards">${this.cards.map((card) => this.card(card))}</div>
      <details><summary>${t("Where this is from")}</summary><ul>${place.sources.map(
        (source) =>
          html`<li class="small">${source.title}, ${source.version}, ${source.date}. <span class="muted">${source.licence}</span></li>`,
      )}</ul></details>`;
  }

  /** The regions of a country, the stars of a constellation: from here to each of them. */
  private parts(place: Place): TemplateResult | typeof nothing {
    if (place.parts.length === 0) return nothing;
    const label = place.kind === "country" ? t("Regions and cities") : t("Stars with names");
    return html`<div class="fact parts"><h2 class="label">${label}</h2><span class="places">${place.parts.map((one) => this.go(one))}</span></div>`;
  }

  private go(place: PlaceShort): TemplateResult {
    return html`<button @click=${() => this.dispatchEvent(new WantEvent(place))}>${place.name}</button>`;
  }

  /** What nobody has told us, in one line: it is said, and takes no room from what is known. */
  private missing(place: Place): TemplateResult | typeof nothing {
    const unknown = place.facts.filter((fact) => !fact.source);
    const [first] = unknown;
    if (!first) return nothing;
    return html`<div class="fact missing"><dt>${first.text}</dt><dd class="muted">${unknown.map((fact) => fact.label).join(", ")}</dd></div>`;
  }

  private card(card: Card): TemplateResult {
    const kinds: Partial<Record<Card["kind"], string>> = {
      landmark: t("Sight"),
      animal: t("Animal"),
      bird: t("Bird"),
      fish: t("Fish"),
      dinosaur: t("Dinosaur"),
      history: t("History"),
      art: t("Art"),
      anthem: t("Anthem"),
    };
    return html`<article><p class="muted small">${kinds[card.kind] ?? ""}</p><h2>${card.title}</h2>${card.picture ? html`<img src=${hub.api.url(card.picture)} alt=${card.title}>` : nothing}
      <p>${card.text}</p>${card.sound ? html`<audio controls preload="none" src=${hub.api.url(card.sound)}></audio>` : nothing}
      <p class="muted small">${card.source}, ${card.date}</p></article>`;
  }

  private fact(fact: Fact): TemplateResult {
    const beside = [fact.year === null ? "" : t("as of {year}", { year: fact.year }), fact.by];
    const said = beside.filter(Boolean).join(" · ");
    return html`<div class="fact" data-fact=${fact.name}><dt>${fact.label}</dt><dd class=${fact.source ? "" : "muted"}>${
      fact.places.length
        ? html`<span class="places">${fact.places.map((one) => this.go(one))}</span>`
        : fact.text
    }${said ? html`<span class="muted small">${said}</span>` : nothing}${fact.note ? html`<span class="muted small">${fact.note}</span>` : nothing}</dd></div>`;
  }
}
define("hub-place-card", PlaceCard);
