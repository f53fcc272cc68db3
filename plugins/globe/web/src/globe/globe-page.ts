import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, i18n, icon, navigate, say, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import {
  type Card,
  heavenly,
  justNow,
  meant,
  type Place,
  type PlaceShort,
  type Tap,
} from "../model.js";
import type { TouchEvent } from "./globe-view.js";
import type { WantEvent } from "./place-card.js";
import type { StarsEvent } from "./sky-view.js";
import { Voice } from "./voice.js";
import "./globe-view.js";
import "./place-card.js";
import "./place-pair.js";
import "./sky-view.js";

interface Tonight {
  at: string;
  sun: number;
  dark: boolean;
  assumed: boolean;
  zenith: [number, number];
  items: { id: string; altitude: number }[];
}

const NONE: PlaceShort[] = [];
/** Degrees: higher, the sun has not set. */
const SUNSET = -0.83;
/** How often the time there is told anew. */
const MINUTE = 60_000;
const LEVELS = ["1-4", "5-7", "8-11"];

/** The globe: what a pen or a finger touches is shown, and told aloud. */
class GlobePage extends HubElement {
  static override properties = {
    places: { state: true },
    place: { state: true },
    sky: { state: true },
    unknown: { state: true },
    earlier: { state: true },
    comparing: { state: true },
    cards: { state: true },
    tonight: { state: true },
    computing: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { max-width: none; padding-block: var(--space-4); gap: var(--space-3); grid-template-columns: minmax(0, 1fr); }
      .tools { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; }
      .tools hub-choice { margin-top: calc(-1 * var(--space-2)); }
      .age { width: auto; }
      .tools .find { flex: 1 1 14rem; max-width: 28rem; }
      .both { display: grid; gap: var(--space-4); grid-template-columns: minmax(0, 3fr) minmax(18rem, 2fr); height: calc(100dvh - 12.5rem); min-height: 24rem; }
      hub-globe-view, hub-sky-view { height: 100%; }
      aside { padding: var(--space-5); overflow-y: auto; }
      .high { display: flex; flex-wrap: wrap; gap: var(--space-2); }
      .empty { display: grid; gap: var(--space-4); align-content: center; justify-items: start; min-height: 100%; }
      .unknown { padding: var(--space-4); display: grid; gap: var(--space-3); justify-items: start; background: var(--warn-soft); border-radius: var(--radius-m); margin-bottom: var(--space-4); }
      @media (max-width: 60rem), (orientation: portrait) {
        .both { display: contents; }
        .both > :first-child { height: max(16rem, 46dvh); }
        .more { order: 1; }
        aside { overflow: visible; order: 2; }
      }
    `,
  ];
  declare places: PlaceShort[];
  declare place: Place | null;
  /** The sky is shown, not the earth. */
  declare sky: boolean;
  /** The place that was touched before, with which the place is compared. */
  declare earlier: Place | null;
  declare comparing: boolean;
  /** What content packs say of the place. */
  declare cards: Card[];
  /** The sky above the school this evening; null where it is not shown so. */
  declare tonight: Tonight | null;
  declare computing: boolean;
  /** A code that no map knows. */
  declare unknown: Tap | null;
  declare problem: Problem | null;
  private readonly voice = new Voice();
  private wanted = "";
  private spotted = { country: "", places: NONE };
  /** `?place=KZ` of the address, or two that are compared: `?place=KZ,JP`. */
  private readonly asked = new URLSearchParams(location.search).get("place")?.split(",") ?? [];
  private readonly addressed = this.asked.length > 0;

  constructor() {
    super();
    this.places = [];
    this.place = null;
    this.sky = false;
    this.unknown = null;
    this.earlier = null;
    this.comparing = false;
    this.cards = [];
    this.tonight = null;
    this.computing = false;
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
    this.on(i18n, "change", () => void this.load());
    this.on(this.voice, "change", () => this.requestUpdate());
    this.on(this.voice, "fault", (event) => void this.whyNot((event as CustomEvent).detail));
    this.until(
      hub.stream.subscribe("x/globe/shown", (_, payload) => this.shown(payload as Tap | null)),
    );
    this.until(() => this.voice.hush());
    this.every(MINUTE, () => void this.again());
  }

  private async load(): Promise<void> {
    try {
      this.places = (await hub.api.get<{ items: PlaceShort[] }>("/globe/places")).items;
      this.spotted = { country: "", places: NONE };
      const asked = this.asked.splice(0, 2);
      for (const place of asked) await this.show(place, false);
      if (asked.length > 1) this.comparing = true;
      else if (this.wanted && asked.length === 0) await this.show(this.wanted, false);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private shown(tap: Tap | null): void {
    if (!tap || (this.addressed && !justNow(tap.at))) return;
    this.unknown = tap.place === null && justNow(tap.at) ? tap : null;
    if (tap.place === null) this.voice.hush();
    else void this.show(tap.place, justNow(tap.at));
  }

  private async show(id: string, aloud: boolean): Promise<void> {
    this.wanted = id;
    if (aloud) this.voice.hush();
    try {
      const address = `/globe/places/${encodeURIComponent(id)}`;
      const [place, cards] = await Promise.all([
        hub.api.get<Place>(address, this.voice.level ? { level: this.voice.level } : {}),
        hub.api.get<{ items: Card[] }>(`${address}/cards`),
      ]);
      if (this.wanted !== id) return; // another was touched meanwhile
      if (this.place?.id !== place.id) this.earlier = this.place;
      this.place = place;
      this.cards = cards.items;
      this.sky = heavenly(place);
      if (aloud && this.voice.on) this.tell();
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  /** Tell the time there anew; nothing else of the place changes. */
  private async again(): Promise<void> {
    const { place } = this;
    if (!place?.facts.some((fact) => fact.name === "zone")) return;
    try {
      const now = await hub.api.get<Place>(
        `/globe/places/${encodeURIComponent(place.id)}`,
        this.voice.level ? { level: this.voice.level } : {},
      );
      if (this.place === place) this.place = now;
    } catch {
      // The hub is out of reach, which the page says elsewhere; it is asked again in a minute.
    }
  }

  private tell(): void {
    const { place, voice } = this;
    if (place) void voice.tell(place.id, place.sentences.length, i18n.language, voice.level);
  }

  /** Tell as pupils of these grades are told, from the next place on. */
  private aged(event: Event): void {
    this.voice.choose((event.target as HTMLSelectElement).value);
    if (this.wanted) void this.show(this.wanted, false);
  }

  /** Ask why a sentence cannot be heard, and say it once. */
  private async whyNot(address: string): Promise<void> {
    this.voice.hush();
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      if (!answer.ok) sayProblem((await answer.json()) as Problem);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async touch(place: string): Promise<void> {
    if (!hub.session.may("pupil")) return this.show(place, true);
    try {
      await hub.api.post("/globe/taps", { place });
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  /** Show the sky as it stands above the school this evening, or from everywhere again. */
  private async evening(): Promise<void> {
    if (this.tonight) {
      this.tonight = null;
      return;
    }
    this.computing = true;
    try {
      this.tonight = await hub.api.get<Tonight>("/globe/sky");
      this.sky = true;
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.computing = false;
  }

  private touched(event: TouchEvent): void {
    const found = this.places.find((one) => one.numeric && one.numeric === event.numeric);
    const id = event.spot || found?.id;
    if (id) void this.touch(id);
  }

  private found(event: Event): void {
    const input = event.target as HTMLInputElement;
    const place = meant(this.places, input.value);
    if (place) void this.touch(place.id);
    else if (input.value.trim())
      say(t("No place is called so: {text}", { text: input.value.trim() }));
    input.value = "";
  }

  override render(): TemplateResult {
    const named = [...this.places].sort((a, b) => a.name.localeCompare(b.name, i18n.language));
    return html`<div class="page"><div class="tools">
        <div class="find"><label for="find" class="visually-hidden">${t("Find a place")}</label>
          <input id="find" list="places" autocomplete="off" placeholder=${t("Find a place")} @change=${this.found}>
          <datalist id="places">${named.map((one) => html`<option value=${one.name}></option>`)}</datalist></div>
        <hub-choice .label=${""} .options=${[t("Earth"), t("Sky")]} .value=${this.sky ? t("Sky") : t("Earth")} @set=${(event: Event & { value: string }) => (this.sky = event.value === t("Sky"))}></hub-choice>
        ${this.voiceButtons()}</div>
        <div class="tools more">${this.aloud()}
        ${this.sky ? html`<button class="evening ${this.tonight ? "primary" : ""}" aria-pressed=${this.tonight !== null} aria-busy=${this.computing} ?disabled=${this.computing} @click=${this.evening}>${icon("star")}${t("Tonight above us")}</button>` : html`<button class="compare ${this.comparing ? "primary" : ""}" aria-pressed=${this.comparing} @click=${() => (this.comparing = !this.comparing)}>${icon("scale")}${t("Compare two")}</button>`}
        ${hub.session.may("pupil") ? html`<a class="button" href="/globe/quiz">${icon("play")}${t("Globe quiz")}</a>` : nothing}
        <hub-panel-button compact element="hub-globe-screen"></hub-panel-button>
        ${hub.session.may("teacher") ? html`<a class="button" href="/globe/teach">${t("Teach the globe")}</a>` : nothing}</div>
      <hub-notice .problem=${this.problem}></hub-notice>
      <div class="both">${this.picture()}
        <aside class="card" tabindex="0" aria-live="polite" @want=${(event: WantEvent) => void this.touch(event.place.id)}>${this.unknownCode()}${this.card()}</aside></div></div>`;
  }

  private card(): TemplateResult {
    const { place, earlier } = this;
    if (this.comparing && !this.sky) {
      return place && earlier && !heavenly(earlier)
        ? html`<hub-place-pair .left=${earlier} .right=${place}></hub-place-pair>`
        : html`<p class="muted">${t("Touch two places, one after the other.")}</p>`;
    }
    if (this.sky && this.tonight && !(place && heavenly(place))) return this.above(this.tonight);
    return place
      ? html`<hub-place-card .place=${place} .cards=${this.cards}></hub-place-card>`
      : this.empty();
  }

  /** What stands highest this evening. */
  private above(tonight: Tonight): TemplateResult {
    const names = new Map(this.places.map((one) => [one.id, one]));
    const up = tonight.items.filter((one) => one.altitude > 15);
    const high = up
      .sort((a, b) => b.altitude - a.altitude)
      .flatMap((one) => names.get(one.id) ?? []);
    return html`<div class="empty"><h1>${t("Tonight at {time}", { time: tonight.at.slice(11, 16) })}</h1>${
      tonight.dark
        ? nothing
        : html`<p>${tonight.sun > SUNSET ? t("The sun does not set tonight: no stars are seen.") : t("It does not get quite dark tonight: only the brightest stars are seen.")}</p>`
    }${
      tonight.assumed
        ? html`<p class="muted">${t("As seen from Astana: where the school is stands in the settings.")}</p>`
        : nothing
    }<p>${t("Highest above the school:")}</p><div class="high">${high.slice(0, 16).map((one) => html`<button @click=${() => void this.touch(one.id)}>${one.name}</button>`)}</div></div>`;
  }

  private picture(): TemplateResult {
    const label = this.place
      ? t("Globe: {place}", { place: this.place.name })
      : this.sky
        ? t("Starry sky")
        : t("Globe");
    const stars = this.place !== null && heavenly(this.place);
    if (this.sky) {
      return html`<hub-sky-view class="card" .places=${this.places} .place=${stars ? this.place : null} .zenith=${this.tonight?.zenith ?? null} .label=${label}
        @sky-touch=${(event: StarsEvent) => void this.touch(event.place)}></hub-sky-view>`;
    }
    return html`<hub-globe-view class="card" .place=${stars ? null : this.place} .other=${this.compared()} .spots=${this.spots()} .label=${label} @globe-touch=${this.touched}></hub-globe-view>`;
  }

  /** The place with which the one that is shown is compared. */
  private compared(): Place | null {
    const { earlier, place } = this;
    return this.comparing && place && earlier && !heavenly(earlier) ? earlier : null;
  }

  /** Places that the map has no outlines of, to be touched as spots: regions of the country that is shown. */
  private spots(): PlaceShort[] {
    const { place } = this;
    if (!place || this.comparing) return NONE;
    const country = place.kind === "region" ? place.within?.id : place.id;
    if (this.spotted.country !== country) {
      const regions = this.places.filter((one) => one.kind === "region");
      const mine = regions.filter((one) => one.id.startsWith(`${country}-`));
      this.spotted = { country: country ?? "", places: mine.length ? mine : NONE };
    }
    return this.spotted.places;
  }

  private voiceButtons(): TemplateResult {
    const { speaking, blocked, level } = this.voice;
    return html`${
      speaking
        ? html`<button @click=${() => this.voice.hush()}>${icon("stop")}${t("Be silent")}</button>`
        : this.place
          ? html`<button class=${blocked ? "primary" : ""} @click=${this.tell}>${icon("volume")}${t("Hear")}</button>`
          : nothing
    }
      <label class="age"><span class="visually-hidden">${t("Grades")}</span><select id="age" @change=${this.aged}><option value="">${t("All grades")}</option>${LEVELS.map((one) => html`<option value=${one} ?selected=${one === level}>${t("Grades {grades}", { grades: one.replace("-", "–") })}</option>`)}</select></label>`;
  }

  private aloud(): TemplateResult {
    return html`<hub-switch .label=${t("Tell aloud what is touched")} .value=${this.voice.on} @set=${(event: Event & { value: boolean }) => this.voice.switch(event.value)}></hub-switch>`;
  }

  private unknownCode(): TemplateResult | typeof nothing {
    if (!this.unknown) return nothing;
    return html`<div class="unknown" role="status"><h2>${t("The globe map does not know this place yet.")}</h2>
      <p>${t("The pen said {code}.", { code: this.unknown.code ?? "" })}</p>${
        hub.session.may("teacher")
          ? html`<button @click=${() => navigate("/globe/teach")}>${t("Teach it")}</button>`
          : nothing
      }</div>`;
  }

  private empty(): TemplateResult {
    return html`<div class="empty"><h1>${t("Globe")}</h1><p class="muted">${t("Touch a place with the pen, here with a finger, or find it by its name.")}</p></div>`;
  }
}
define("hub-globe-page", GlobePage);
