import { type Asset, hub, type Problem, problemOf } from "@classhub/client";
import { define, HubElement, icon, LANGUAGE_NAMES, navigate, Running, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { filmStyles } from "./film-page.styles.js";
import { Keeper, type Keeping } from "./keeper.js";
import { fetchAssets, isVideo, videoLength } from "./media.js";
import {
  type Film,
  type Item,
  LANGUAGES,
  type Language,
  lengthOf,
  MOST_ITEMS,
  MOST_SECONDS,
  moved,
  newItem,
  STILL,
  type Storyboard,
  timeline,
} from "./model.js";
import type { NarratedEvent } from "./narration.js";
import "./narration.js";
import "./part-form.js";
import type { LanguageEvent, PartEvent } from "./part-form.js";
import "./picker.js";
import type { ChosenEvent } from "./picker.js";
import "./preview.js";
import type { FilmPreview } from "./preview.js";
import "./strip.js";
import type { ChooseEvent, MoveEvent } from "./strip.js";

/** A film: what is shown in which order and with which words, a preview at once, then the video. */
class FilmPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    film: { state: true },
    name: { state: true },
    storyboard: { state: true },
    assets: { state: true },
    lengths: { state: true },
    chosen: { state: true },
    words: { state: true },
    picking: { state: true },
    deleting: { state: true },
    problem: { state: true },
  };
  static override styles = filmStyles;
  declare params: { id: string };
  declare film: Film | null;
  declare name: string;
  declare storyboard: Storyboard | null;
  declare assets: ReadonlyMap<string, Asset>;
  /** Seconds of the clips, by asset. */
  declare lengths: ReadonlyMap<string, number>;
  declare chosen: number;
  /** The language whose words are being written. */
  declare words: Language;
  declare picking: boolean;
  declare deleting: boolean;
  declare problem: Problem | null;
  private keeper: Keeper | null = null;
  private readonly running = new Running(this);

  constructor() {
    super();
    this.params = { id: "" };
    this.film = null;
    this.name = "";
    this.storyboard = null;
    this.assets = new Map();
    this.lengths = new Map();
    this.chosen = 0;
    this.words = "kk";
    this.picking = false;
    this.deleting = false;
    this.problem = null;
  }

  protected override arrive(): void {
    this.on(window, "pagehide", () => void this.keeper?.flush());
    void this.load();
  }

  protected override leave(): void {
    void this.keeper?.close();
  }

  private get path(): string {
    return `/films/${encodeURIComponent(this.params.id)}`;
  }

  private get mine(): boolean {
    const me = hub.session.principal;
    return hub.session.may("teacher") || this.film?.owner.id === (me?.person ?? me?.id);
  }

  private async load(): Promise<void> {
    try {
      const film = await hub.api.get<Film>(this.path);
      this.keeper = new Keeper(hub.api, film.id, film.revision, () => this.requestUpdate());
      this.words = film.storyboard.language;
      this.take(film);
      const { making } = film;
      if (making) void this.follow(async () => making);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private take(film: Film): void {
    this.film = film;
    this.name = film.title;
    this.storyboard = film.storyboard;
    this.choose(Math.min(this.chosen, Math.max(0, film.storyboard.items.length - 1)));
    const ids = film.storyboard.items.map((item) => item.asset).filter((id) => id !== null);
    void fetchAssets(ids).then((found) => this.know(found));
  }

  /** Remember assets, and find out how long the clips among them are. */
  private async know(found: Asset[]): Promise<void> {
    this.assets = new Map([...this.assets, ...found.map((one) => [one.id, one] as const)]);
    const clips = found.filter((one) => isVideo(one) && !this.lengths.has(one.id));
    const measured = await Promise.all(
      clips.map(async (one) => [one.id, await videoLength(one)] as const),
    );
    const known = measured.filter((pair): pair is readonly [string, number] => pair[1] !== null);
    if (known.length > 0) this.lengths = new Map([...this.lengths, ...known]);
  }

  private change(part: Partial<Storyboard>): void {
    if (!this.storyboard) return;
    this.storyboard = { ...this.storyboard, ...part };
    this.keep();
  }

  private keep(): void {
    const title = this.name.trim();
    if (this.storyboard && title) this.keeper?.put({ title, storyboard: this.storyboard });
  }

  private get items(): Item[] {
    return this.storyboard?.items ?? [];
  }

  private choose(index: number): void {
    this.chosen = index;
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<FilmPreview>("hub-film-preview")?.show(index),
    );
  }

  private move(from: number, to: number): void {
    if (to < 0 || to >= this.items.length) return;
    this.change({ items: moved(this.items, from, to) });
    this.choose(to);
  }

  private takeOut(index: number): void {
    this.change({ items: this.items.filter((_, place) => place !== index) });
    this.choose(Math.max(0, Math.min(index, this.items.length - 1)));
  }

  /** Put new parts behind the one that is chosen. */
  private insert(items: Item[]): void {
    const at = this.items.length === 0 ? 0 : this.chosen + 1;
    this.change({ items: [...this.items.slice(0, at), ...items, ...this.items.slice(at)] });
    this.choose(at);
  }

  private async add(assets: Asset[]): Promise<void> {
    await this.know(assets);
    this.insert(assets.map((one) => newItem(one.id, this.lengths.get(one.id) ?? STILL)));
  }

  private async make(): Promise<void> {
    this.problem = null;
    if (!(await this.keeper?.flush())) return;
    await this.follow(
      async () => (await hub.api.post<{ operation: string }>(`${this.path}/render`)).operation,
    );
  }

  private async follow(begin: () => Promise<string>): Promise<void> {
    const made = await this.running.follow<{ asset: string }>(begin);
    if (made && this.film) this.film = { ...this.film, asset: made.asset };
  }

  private async takeTheirs(): Promise<void> {
    try {
      const theirs = await this.keeper?.takeTheirs();
      if (theirs) this.take(theirs);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async keepMine(): Promise<void> {
    try {
      await this.keeper?.keepMine();
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async erase(): Promise<void> {
    try {
      await hub.api.delete(this.path);
      this.keeper = null;
      navigate("/films", { replace: true });
    } catch (error) {
      this.deleting = false;
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    const { film, storyboard } = this;
    return html`<div class="page">
      <header><a class="button quiet icon" href="/films" aria-label=${t("All films")}>${icon("arrow-left")}</a>
        ${
          film && this.mine
            ? html`<input aria-label=${t("Name of the film")} maxlength="120" .value=${this.name} @input=${(
                event: Event,
              ) => {
                this.name = (event.target as HTMLInputElement).value;
                this.keep();
              }}>${this.state()}
              <button class="quiet icon danger" aria-label=${t("Delete the film")} title=${t("Delete the film")} @click=${() => {
                this.deleting = true;
              }}>${icon("erase")}</button>`
            : html`<h1>${film?.title ?? t("Film")}</h1>`
        }</header>
      <hub-notice .problem=${this.problem ?? this.running.problem}></hub-notice>
      ${this.conflict()}
      ${film && storyboard ? (this.mine ? this.editor(film, storyboard) : this.shown(film, storyboard)) : nothing}
    </div>`;
  }

  private state(): TemplateResult {
    const states: Record<Keeping, string> = {
      kept: t("Saved"),
      keeping: t("Saving…"),
      "not-kept": t("Not saved"),
      overtaken: t("Not saved"),
    };
    const state = this.keeper?.state ?? "kept";
    const wrong = state === "not-kept" || state === "overtaken";
    return html`<span class="state ${wrong ? "wrong" : ""}" role="status">${states[state]}</span>`;
  }

  private conflict(): TemplateResult {
    const problem = this.keeper?.problem ?? null;
    const overtaken = this.keeper?.state === "overtaken";
    // What to do is asked below; the hub's advice to reload would lose what is here.
    const said =
      problem && overtaken ? { ...problem, hint: t("Whose changes shall stay?") } : problem;
    return html`<hub-notice .problem=${said}>${
      overtaken
        ? html`<div class="row"><button @click=${this.takeTheirs}>${t("Those of the others")}</button><button @click=${this.keepMine}>${t("Mine")}</button></div>`
        : nothing
    }</hub-notice>`;
  }

  private preview(storyboard: Storyboard): TemplateResult {
    return html`<hub-film-preview .storyboard=${storyboard} .assets=${this.assets} .lengths=${this.lengths}></hub-film-preview>`;
  }

  private shown(film: Film, storyboard: Storyboard): TemplateResult {
    return html`${this.made(film)}${film.asset ? nothing : this.preview(storyboard)}`;
  }

  private editor(film: Film, storyboard: Storyboard): TemplateResult {
    const item = storyboard.items[this.chosen];
    const full = storyboard.items.length >= MOST_ITEMS;
    return html`<div class="desk"><div class="left">
        ${this.preview(storyboard)}
        <div class="row">
          <button class=${item ? "" : "primary"} ?disabled=${full} @click=${() => {
            this.picking = true;
          }}>${icon("add")}${t("Add pictures and clips")}</button>
          <button ?disabled=${full} @click=${() => this.insert([newItem(null)])}>${icon("label")}${t("Add a title card")}</button>
        </div>
        <hub-film-strip .items=${storyboard.items} .assets=${this.assets} .lengths=${this.lengths} .language=${storyboard.language} .chosen=${this.chosen}
          @move=${(event: MoveEvent) => this.move(event.from, event.to)} @choose=${(event: ChooseEvent) => this.choose(event.index)}></hub-film-strip>
      </div>
      ${item ? this.partForm(item) : html`<section class="card pad"><p class="muted">${t("Add pictures, clips or a title card: the film is shown here at once.")}</p></section>`}
    </div>
    <div class="whole">${this.sound(film, storyboard)}${this.making(storyboard)}</div>
    ${this.made(film)}
    <hub-film-picker .open=${this.picking} .lesson=${film.lesson} .most=${MOST_ITEMS - storyboard.items.length}
      @close=${() => {
        this.picking = false;
      }} @chosen=${(event: ChosenEvent) => void this.add(event.assets)}></hub-film-picker>
    <hub-dialog .open=${this.deleting} heading=${t("Delete the film?")} @close=${() => {
      this.deleting = false;
    }}><p>${t("Its order and its words are gone for good. Pictures, clips and videos stay in the album.")}</p>
      <div><button class="danger" @click=${this.erase}>${icon("erase")}${t("Delete")}</button></div></hub-dialog>`;
  }

  private partForm(item: Item): TemplateResult {
    const at = this.chosen;
    const asset = item.asset === null ? null : (this.assets.get(item.asset) ?? null);
    const button = (label: string, drawing: string, off: boolean, work: () => void) =>
      html`<button class="icon" aria-label=${label} title=${label} ?disabled=${off} @click=${work}>${icon(drawing)}</button>`;
    return html`<section class="card pad" aria-label=${t("Part {n}", { n: at + 1 })}>
      <div class="part-head"><h2 class="grow">${t("Part {n}", { n: at + 1 })}</h2>
        ${button(t("Earlier"), "left", at === 0, () => this.move(at, at - 1))}
        ${button(t("Later"), "right", at === this.items.length - 1, () => this.move(at, at + 1))}
        ${button(t("Take it out"), "erase", false, () => this.takeOut(at))}</div>
      <hub-film-part .item=${item} .asset=${asset} .language=${this.words}
        @language=${(event: LanguageEvent) => {
          this.words = event.language;
        }}
        @part=${(event: PartEvent) => this.change({ items: this.items.map((one, place) => (place === at ? event.item : one)) })}></hub-film-part>
    </section>`;
  }

  private sound(film: Film, storyboard: Storyboard): TemplateResult {
    return html`<section class="card pad"><h2>${t("Sound")}</h2>
      <hub-film-narration .narration=${storyboard.narration} .lesson=${film.lesson} .speech=${film.speech}
        @narrated=${(event: NarratedEvent) => this.change({ narration: event.narration })}></hub-film-narration></section>`;
  }

  private making(storyboard: Storyboard): TemplateResult {
    const whole = storyboard.items.reduce((sum, item) => sum + item.seconds, 0);
    const long = whole > MOST_SECONDS;
    const { busy, operation } = this.running;
    const empty = lengthOf(timeline(storyboard.items, this.lengths)) === 0;
    return html`<section class="card pad making"><h2>${t("Video")}</h2>
      <div><label for="language">${t("Language of the film")}</label><select id="language" @change=${(
        event: Event,
      ) => {
        const language = LANGUAGES[(event.target as HTMLSelectElement).selectedIndex] ?? "kk";
        this.words = language;
        this.change({ language });
      }}>${LANGUAGES.map((one) => html`<option ?selected=${one === storyboard.language}>${LANGUAGE_NAMES[one]}</option>`)}</select></div>
      <p class="muted small">${t("Words that are not there in this language are shown in another one.")}</p>
      ${long ? html`<p>${t("The film is longer than 15 minutes. Make it shorter.")}</p>` : nothing}
      <div class="row" aria-live="polite">${
        busy
          ? html`<progress max="1" .value=${operation?.fraction ?? 0} aria-label=${t("The film is being made")}></progress>
            <button ?disabled=${!operation} @click=${() => this.running.stop()}>${icon("close")}${t("Cancel")}</button>`
          : html`<button class="primary big" ?disabled=${empty || long} @click=${this.make}>${icon("film")}${t("Make the film")}</button>`
      }</div></section>`;
  }

  private made(film: Film): TemplateResult | typeof nothing {
    if (!film.asset) return nothing;
    const file = hub.api.url(`/assets/${encodeURIComponent(film.asset)}/content`);
    const album = film.lesson ? `/lessons/${film.lesson}/album` : "/albums?show=all";
    return html`<section class="card pad made"><h2>${t("The finished film")}</h2>
      <video controls playsinline preload="metadata" src=${file}></video>
      <div class="row"><a class="button primary" href=${file} download="${film.title}.mp4">${icon("download")}${t("Download")}</a>
        <a class="button" href="${album}#${film.asset}">${icon("images")}${t("Open in the album")}</a></div>
    </section>`;
  }
}
define("hub-film-page", FilmPage);
