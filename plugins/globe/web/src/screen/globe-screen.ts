import { hub } from "@classhub/client";
import { base, define, HubElement, i18n, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import "../globe/globe-view.js";
import "../globe/place-card.js";
import "../globe/sky-view.js";
import { type Card, heavenly, justNow, type Place, type PlaceShort, type Tap } from "../model.js";

/** The time there is told anew as often. */
const MINUTE = 60_000;

/**
 * A place on the class's screen: the globe flies to it, its facts stand beside it. Attribute:
 * `place`; without it, what was touched last on the globe.
 */
export class GlobeScreen extends HubElement {
  static override properties = {
    place: {},
    found: { state: true },
    places: { state: true },
    cards: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; background: var(--paper); color: var(--ink); container-type: size; }
      .both { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); min-height: 0; height: 100%; }
      hub-globe-view, hub-sky-view { height: 100%; min-height: 0; }
      aside { padding: var(--space-5); overflow-y: auto; min-height: 0; }
      @container (max-width: 50rem) { .both { grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(0, 1fr) minmax(0, 1fr); } }
    `,
  ];
  declare place: string | null;
  declare found: Place | null;
  declare places: PlaceShort[];
  /** What content packs say of the place: photographs above all. */
  declare cards: Card[];
  private wanted = "";

  constructor() {
    super();
    this.place = null;
    this.found = null;
    this.places = [];
    this.cards = [];
  }

  protected override arrive(): void {
    this.on(i18n, "change", () => void this.load(this.wanted));
    this.every(MINUTE, () => void this.load(this.wanted));
    this.until(
      hub.stream.subscribe("x/globe/shown", (_, payload) => {
        const tap = payload as Tap | null;
        const touched = tap?.place ?? null;
        if (touched !== null && (!this.place || justNow(tap?.at ?? ""))) void this.load(touched);
      }),
    );
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("place") && this.place) void this.load(this.place);
  }

  private async load(id: string): Promise<void> {
    if (!id) return;
    this.wanted = id;
    try {
      if (this.places.length === 0) {
        this.places = (await hub.api.get<{ items: PlaceShort[] }>("/globe/places")).items;
      }
      const address = `/globe/places/${encodeURIComponent(id)}`;
      const [found, cards] = await Promise.all([
        hub.api.get<Place>(address),
        hub.api.get<{ items: Card[] }>(`${address}/cards`),
      ]);
      if (this.wanted !== id) return;
      this.found = found;
      this.cards = cards.items;
    } catch {
      this.found = null; // A place that is gone, or the hub is out of reach: the globe stands there.
    }
  }

  override render(): TemplateResult {
    const place = this.found;
    const stars = place !== null && heavenly(place);
    const label = place ? t("Globe: {place}", { place: place.name }) : t("Globe");
    return html`<div class="both">${
      stars
        ? html`<hub-sky-view .places=${this.places} .place=${place} .label=${label}></hub-sky-view>`
        : html`<hub-globe-view .place=${place} .label=${label}></hub-globe-view>`
    }<aside>${place ? html`<hub-place-card .place=${place} .cards=${this.cards}></hub-place-card>` : nothing}</aside></div>`;
  }
}
define("hub-globe-screen", GlobeScreen);
