import { type Device, hub, type Problem, problemOf } from "@classhub/client";
import { base, define, givenName, HubElement, i18n, icon, say, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { type GlobeMap, type MapShort, untaught } from "../maps.js";
import type { PlaceKind, PlaceShort, Tap } from "../model.js";
import "./packs-list.js";

interface Clash {
  code: string;
  here: string;
  there: string;
}

/** Teachers tell which code of a globe is which place: the page names it, the pen touches it. */
class TeachPage extends HubElement {
  static override properties = {
    globes: { state: true },
    maps: { state: true },
    map: { state: true },
    places: { state: true },
    kind: { state: true },
    at: { state: true },
    last: { state: true },
    clash: { state: true },
    clashes: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { padding-top: var(--space-5); gap: var(--space-5); }
      .set { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); align-items: end; }
      .set select, .set input { margin-top: var(--space-2); }
      .ask { padding: var(--space-6); display: grid; gap: var(--space-4); justify-items: start; }
      .ask h2 { font: var(--type-title); }
      .card.part { padding: var(--space-5); display: grid; gap: var(--space-4); }
      .cover { display: grid; gap: var(--space-2); }
      .clash { background: var(--warn-soft); border-radius: var(--radius-m); padding: var(--space-4); display: grid; gap: var(--space-3); justify-items: start; width: 100%; }
      table { border-collapse: collapse; width: 100%; }
      td, th { text-align: start; padding: var(--space-2); border-top: 1px solid var(--line); }
      input[type="file"] { max-width: 100%; }
    `,
  ];
  declare globes: Device[];
  declare maps: MapShort[];
  declare map: GlobeMap | null;
  declare places: PlaceShort[];
  declare kind: PlaceKind;
  /** The place that is asked for. */
  declare at: string;
  /** What was taught last, and which place the code was before. */
  declare last: { code: string; name: string; before: string } | null;
  /** The pen touched what is another place already. */
  declare clash: { code: string; place: string } | null;
  declare clashes: Clash[];
  declare problem: Problem | null;
  private file = "";

  constructor() {
    super();
    this.globes = [];
    this.maps = [];
    this.map = null;
    this.places = [];
    this.kind = "country";
    this.at = "";
    this.last = null;
    this.clash = null;
    this.clashes = [];
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
    this.on(i18n, "change", () => void this.load());
    this.until(hub.stream.subscribe("x/globe/taps", (_, tap) => void this.tapped(tap as Tap)));
  }

  private async load(open = this.map?.id ?? ""): Promise<void> {
    try {
      const [places, maps, devices] = await Promise.all([
        hub.api.get<{ items: PlaceShort[] }>("/globe/places"),
        hub.api.get<{ items: MapShort[] }>("/globe/maps"),
        hub.api.get<{ items: Device[] }>("/devices"),
      ]);
      this.places = places.items;
      this.maps = maps.items;
      this.globes = devices.items.filter((one) => one.kind === "globe");
      const wanted = this.maps.find((one) => one.id === open) ?? this.maps[0];
      this.map = wanted ? await hub.api.get<GlobeMap>(address(wanted.id)) : null;
      this.next();
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  /** Ask for the next place that the map does not know. */
  private next(after = this.at): void {
    const left = untaught(this.places, this.map, this.kind, i18n.language);
    const place = this.places.find((one) => one.id === after);
    if (place && left.some((one) => one.id === after)) return;
    this.at = left[0]?.id ?? "";
  }

  private async tapped(tap: Tap): Promise<void> {
    // What is touched on a page has no code; long and double touches come beside the first.
    if (tap.kind !== "tap" || !tap.code || !this.map || !this.at) return;
    const known = this.map.codes[tap.code];
    if (known === this.at) {
      say(t("{code} is {place}.", { code: tap.code, place: this.name(known) }));
      return;
    }
    if (known) this.clash = { code: tap.code, place: known };
    else await this.teach(tap.code, false);
  }

  private async teach(code: string, replace: boolean): Promise<void> {
    if (!this.map || !this.at) return;
    const place = this.at;
    try {
      const before = this.map.codes[code] ?? "";
      this.map = await hub.api.put<GlobeMap>(codeOf(this.map.id, code), { place, replace });
      this.last = { code, name: this.name(place), before };
      this.clash = null;
      this.next("");
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async undo(): Promise<void> {
    if (!this.map || !this.last) return;
    const { code, before } = this.last;
    const place = this.map.codes[code] ?? "";
    try {
      const path = codeOf(this.map.id, code);
      if (before) await hub.api.put(path, { place: before, replace: true });
      else await hub.api.delete(path);
      this.last = null;
      await this.load();
      this.at = place;
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async make(event: Event): Promise<void> {
    event.preventDefault();
    const input = this.renderRoot.querySelector<HTMLInputElement>("#title");
    const title = input?.value.trim();
    if (!input || !title) return;
    try {
      const made = await hub.api.post<MapShort>("/globe/maps", { title });
      input.value = "";
      await this.load(made.id);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async use(globe: Device): Promise<void> {
    if (!this.map) return;
    try {
      await hub.api.put(`/devices/${encodeURIComponent(globe.id)}/properties/map`, {
        value: this.map.id,
      });
      say(t("{globe} uses this map now.", { globe: givenName(globe.name) }));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async take(event: Event): Promise<void> {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (!file) return;
    this.file = await file.text();
    await this.merge("keep");
  }

  private async merge(how: "keep" | "replace"): Promise<void> {
    if (!this.map) return;
    try {
      const merged = await hub.api.post<{ added: number; replaced: number; clashes: Clash[] }>(
        `${address(this.map.id)}/merge`,
        { file: this.file, how },
      );
      this.clashes = how === "keep" ? merged.clashes : [];
      say(t("{added} new codes, {replaced} replaced.", merged));
      await this.load();
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private name(id: string): string {
    return this.places.find((one) => one.id === id)?.name ?? id;
  }

  override render(): TemplateResult {
    return html`<div class="page"><h1>${t("Teach the globe")}</h1><hub-notice .problem=${this.problem}></hub-notice>
      <div class="set"><div><label for="map">${t("Globe map")}</label><select id="map" @change=${(event: Event) => void this.load((event.target as HTMLSelectElement).value)}>${this.maps.map(
        (one) =>
          html`<option value=${one.id} ?selected=${one.id === this.map?.id}>${one.title}</option>`,
      )}</select></div>
        <form @submit=${this.make}><label for="title">${t("New map")}</label><div class="row"><input id="title" class="grow" maxlength="80" placeholder=${t("Name of the globe")}><button>${icon("plus")}${t("Make")}</button></div></form></div>
      ${this.asking()}${this.covered()}${this.files()}<hub-globe-packs class="card part"></hub-globe-packs></div>`;
  }

  private asking(): TemplateResult | typeof nothing {
    const map = this.map;
    if (!map) return nothing;
    const kinds: Record<PlaceKind, string> = {
      country: t("Countries"),
      region: t("Regions"),
      constellation: t("Constellations"),
      star: t("Stars"),
    };
    const names = Object.values(kinds);
    const sorted = untaught(this.places, null, this.kind, i18n.language);
    return html`<section class="card ask"><hub-choice .options=${names} .value=${kinds[this.kind]} @set=${(
      event: Event & { value: string },
    ) => {
      this.kind =
        (Object.keys(kinds) as PlaceKind[]).find((one) => kinds[one] === event.value) ?? "country";
      this.next("");
    }}></hub-choice>
      <p class="muted">${t("Touch on the globe:")}</p>
      <h2 aria-live="polite">${this.at ? this.name(this.at) : t("All of them are known.")}</h2>
      <div class="row"><label for="place" class="visually-hidden">${t("Another place")}</label><select id="place" @change=${(event: Event) => (this.at = (event.target as HTMLSelectElement).value)}>${sorted.map(
        (one) =>
          html`<option value=${one.id} ?selected=${one.id === this.at}>${one.name}${Object.values(map.codes).includes(one.id) ? " ✓" : ""}</option>`,
      )}</select></div>
      ${
        this.clash
          ? html`<div class="clash" role="alert"><p>${t("This is {place} on the map until now.", { place: this.name(this.clash.place) })}</p><div class="row">
            <button class="primary" @click=${() => this.clash && void this.teach(this.clash.code, true)}>${t("Replace it")}</button><button @click=${() => (this.clash = null)}>${t("Leave it")}</button></div></div>`
          : nothing
      }
      ${this.last ? html`<div class="row"><span>${icon("check")}</span><span>${t("{code} is {place}.", { code: this.last.code, place: this.last.name })}</span><button @click=${this.undo}>${icon("undo")}${t("Undo")}</button></div>` : nothing}</section>`;
  }

  private covered(): TemplateResult | typeof nothing {
    const map = this.map;
    if (!map) return nothing;
    const words: Record<PlaceKind, string> = {
      country: t("Countries"),
      region: t("Regions"),
      constellation: t("Constellations"),
      star: t("Stars"),
    };
    return html`<section class="card part"><h2>${t("What the map knows")}</h2><div class="cover">${map.coverage.map(
      (one) =>
        html`<label>${words[one.kind]}: ${t("{known} of {of}", { known: one.known, of: one.of })}<progress max=${one.of} value=${one.known}></progress></label>`,
    )}</div>
      <div class="row">${this.globes.map((one) => html`<button @click=${() => void this.use(one)}>${t("Use it for {globe}", { globe: givenName(one.name) })}</button>`)}</div></section>`;
  }

  private files(): TemplateResult | typeof nothing {
    if (!this.map) return nothing;
    return html`<section class="card part"><h2>${t("Files")}</h2>
      <div class="row"><a class="button" href=${hub.api.url(`${address(this.map.id)}/file`)} download>${icon("download")}${t("Export the map")}</a></div>
      <label>${t("Take in a file")}<input type="file" accept=".toml" @change=${this.take}></label>
      ${
        this.clashes.length
          ? html`<div class="clash"><p>${t("These codes are other places in the file:")}</p><table><thead><tr><th>${t("Code")}</th><th>${t("Here")}</th><th>${t("In the file")}</th></tr></thead><tbody>${this.clashes.map(
              (one) =>
                html`<tr><td>${one.code}</td><td>${this.name(one.here)}</td><td>${this.name(one.there)}</td></tr>`,
            )}</tbody></table><button @click=${() => void this.merge("replace")}>${t("Take those of the file")}</button></div>`
          : nothing
      }</section>`;
  }
}
define("hub-globe-teach-page", TeachPage);

function codeOf(map: string, code: string): string {
  return `${address(map)}/codes/${encodeURIComponent(code)}`;
}

function address(map: string): string {
  return `/globe/maps/${encodeURIComponent(map)}`;
}
