import type { Asset } from "@classhub/client";
import { base, define, HubElement, icon, LANGUAGE_NAMES, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { isVideo } from "./media.js";
import { bounded, type Item, LANGUAGES, type Language, LONGEST, SHORTEST } from "./model.js";

/** Dispatched with a part as it shall be. */
export class PartEvent extends Event {
  constructor(readonly item: Item) {
    super("part");
  }
}

/** Dispatched when other words are to be written: those of this language. */
export class LanguageEvent extends Event {
  constructor(readonly language: Language) {
    super("language");
  }
}

/** Changes one part of a film: its words, how long it is, its fade and its scale bar. */
export class FilmPart extends HubElement {
  static override properties = {
    item: { attribute: false },
    asset: { attribute: false },
    language: {},
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-4); }
      [role="tablist"] { display: flex; gap: var(--space-1); flex-wrap: wrap; }
      [role="tab"] { flex: 1 1 auto; padding-inline: 0.6em; font: var(--type-small); font-weight: 600; }
      [aria-selected="true"] { background: var(--accent-soft); border-color: var(--accent); }
      .filled::after { content: ""; width: 0.5em; height: 0.5em; border-radius: 50%; background: var(--good); }
      .words { display: grid; gap: var(--space-3); }
      .figures { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fit, minmax(min(10.5rem, 100%), 1fr)); }
      .stepper { display: grid; grid-template-columns: var(--touch) minmax(0, 1fr) var(--touch); gap: var(--space-1); margin-top: var(--space-1); }
      .stepper button { padding: 0; font: var(--type-heading); }
      .stepper input { text-align: center; padding-inline: 0.2em; font-variant-numeric: tabular-nums; }
      textarea { min-height: 4.5rem; }
    `,
  ];
  declare item: Item;
  declare asset: Asset | null;
  declare language: Language;

  constructor() {
    super();
    this.asset = null;
    this.language = "kk";
  }

  private change(part: Partial<Item>): void {
    this.dispatchEvent(new PartEvent({ ...this.item, ...part }));
  }

  private write(name: "title" | "caption", event: Event): void {
    const text = (event.target as HTMLInputElement).value;
    this.change({ [name]: { ...this.item[name], [this.language]: text } });
  }

  private tabKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const place = LANGUAGES.indexOf(this.language) + step + LANGUAGES.length;
    const next = LANGUAGES[place % LANGUAGES.length] ?? this.language;
    this.dispatchEvent(new LanguageEvent(next));
    this.renderRoot.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  }

  override render(): TemplateResult {
    const { item, language } = this;
    const clip = this.asset !== null && isVideo(this.asset);
    return html`<div role="tablist" aria-label=${t("Language of the words")} @keydown=${this.tabKey}>${LANGUAGES.map(
      (one) =>
        html`<button role="tab" id="tab-${one}" lang=${one} aria-selected=${one === language ? "true" : "false"} tabindex=${one === language ? 0 : -1}
          class=${item.title[one] || item.caption[one] ? "filled" : ""} @click=${() => this.dispatchEvent(new LanguageEvent(one))}>${LANGUAGE_NAMES[one]}</button>`,
    )}</div>
    <div class="words" role="tabpanel" aria-labelledby="tab-${language}">
      <div><label for="title">${t("Title")}</label><input id="title" lang=${language} maxlength="200" .value=${live(item.title[language])} @input=${(event: Event) => this.write("title", event)}></div>
      <div><label for="caption">${item.asset === null ? t("Smaller words below") : t("Caption")}</label>
        <textarea id="caption" lang=${language} maxlength="200" .value=${live(item.caption[language])} @input=${(event: Event) => this.write("caption", event)}></textarea></div>
    </div>
    <div class="figures">
      ${this.stepper("seconds", clip ? t("Seconds at most") : t("Seconds"), item.seconds, SHORTEST, LONGEST, 0.5)}
      ${clip ? this.stepper("begin", t("Begin at second"), item.begin, 0, 3600, 0.5) : nothing}
      ${this.stepper("fade", t("Cross-fade, seconds"), item.fade, 0, 3, 0.1)}
    </div>
    ${
      item.asset === null
        ? nothing
        : html`<hub-switch label=${t("Scale bar")} .value=${item.bar} @set=${(event: Event & { value: unknown }) => this.change({ bar: event.value === true })}></hub-switch>
          ${typeof this.asset?.info.scale === "number" ? nothing : html`<p class="muted small">${t("The scale of this picture is not known: it gets no bar.")}</p>`}`
    }`;
  }

  private stepper(
    name: "seconds" | "begin" | "fade",
    label: string,
    value: number,
    least: number,
    most: number,
    step: number,
  ): TemplateResult {
    const set = (wanted: number) => {
      const next = Math.round(Math.min(most, Math.max(least, wanted)) * 100) / 100;
      if (next !== value) this.change({ [name]: next });
    };
    return html`<div><label for=${name}>${label}</label><div class="stepper">
      <button aria-label=${t("Less: {what}", { what: label })} ?disabled=${value <= least} @click=${() => set(value - step)}>−</button>
      <input id=${name} inputmode="decimal" autocomplete="off" .value=${live(String(Math.round(value * 100) / 100))} @change=${(
        event: Event,
      ) => {
        set(bounded((event.target as HTMLInputElement).value, least, most) ?? value);
        this.requestUpdate();
      }}>
      <button aria-label=${t("More: {what}", { what: label })} ?disabled=${value >= most} @click=${() => set(value + step)}>${icon("plus")}</button>
    </div></div>`;
  }
}
define("hub-film-part", FilmPart);
