import { type Asset, hub, type Page, type Problem, problemOf } from "@classhub/client";
import { base, clock, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { isVideo, MEDIA } from "./media.js";

const PAGE = 60;

/** Dispatched with what was chosen, in the order in which it was chosen. */
export class ChosenEvent extends Event {
  constructor(readonly assets: Asset[]) {
    super("chosen");
  }
}

/** Chooses pictures and clips of a lesson, or of all albums, for a film: `open`, `lesson`, `most`. */
export class FilmPicker extends HubElement {
  static override properties = {
    open: { type: Boolean },
    lesson: {},
    most: { type: Number },
    all: { state: true },
    found: { state: true },
    chosen: { state: true },
    next: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .all { display: grid; gap: var(--space-4); align-content: start; }
      ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: var(--space-2); }
      li button { position: relative; width: 100%; aspect-ratio: 4 / 3; padding: 0; overflow: hidden; background: #0a0f0e; }
      li img { width: 100%; height: 100%; object-fit: cover; }
      li button[aria-pressed="true"] { outline: 4px solid var(--accent); outline-offset: -4px; }
      li b, li .clip { position: absolute; top: 0.4rem; border-radius: 99px; padding: 0.1em 0.6em; font: var(--type-small); }
      li b { left: 0.4rem; background: var(--accent); color: var(--on-accent); font-weight: 700; }
      li .clip { right: 0.4rem; background: rgb(8 14 13 / 75%); color: #fff; padding: 0.25em 0.4em; }
      .clip svg { width: 1.1em; height: 1.1em; }
      .foot { position: sticky; bottom: 0; background: var(--paper); padding-block: var(--space-3); }
    `,
  ];
  declare open: boolean;
  declare lesson: string | null;
  declare most: number;
  declare all: boolean;
  declare found: Asset[] | null;
  declare chosen: Asset[];
  declare next: string | null;
  declare busy: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.open = false;
    this.lesson = null;
    this.most = PAGE;
    this.all = false;
    this.found = null;
    this.chosen = [];
    this.next = null;
    this.busy = false;
    this.problem = null;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("open") || !this.open) return;
    this.chosen = [];
    void this.load(true);
  }

  private async load(fresh: boolean): Promise<void> {
    if (fresh) {
      this.found = null;
      this.next = null;
    }
    this.busy = true;
    this.problem = null;
    const lesson = this.all ? undefined : (this.lesson ?? undefined);
    try {
      const page = await hub.api.get<Page<Asset>>("/assets", {
        lesson,
        limit: PAGE,
        cursor: this.next,
      });
      const fit = page.items.filter((asset) => MEDIA.includes(asset.media_type));
      this.found = [...(this.found ?? []), ...fit];
      this.next = page.next;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.busy = false;
  }

  private choose(asset: Asset): void {
    const without = this.chosen.filter((one) => one.id !== asset.id);
    if (without.length < this.chosen.length) this.chosen = without;
    else if (this.chosen.length < this.most) this.chosen = [...this.chosen, asset];
  }

  private close(): void {
    this.dispatchEvent(new Event("close"));
  }

  override render(): TemplateResult {
    return html`<hub-dialog heading=${t("Add pictures and clips")} .open=${this.open} variant="full" @close=${this.close}>
      ${this.open ? this.body() : nothing}</hub-dialog>`;
  }

  private body(): TemplateResult {
    const count = this.chosen.length;
    return html`<div class="all">${
      this.lesson
        ? html`<hub-choice .options=${[t("This lesson"), t("All albums")]} .value=${this.all ? t("All albums") : t("This lesson")}
            @set=${(event: Event & { value: unknown }) => {
              this.all = event.value === t("All albums");
              void this.load(true);
            }}></hub-choice>`
        : nothing
    }
    <hub-notice .problem=${this.problem}></hub-notice>
    ${this.found?.length === 0 && !this.busy ? html`<p class="muted">${t("There are no pictures or clips here yet.")}</p>` : nothing}
    <ul>${repeat(
      this.found ?? [],
      (asset) => asset.id,
      (asset) => this.one(asset),
    )}</ul>
    ${this.next ? html`<div><button ?disabled=${this.busy} @click=${() => void this.load(false)}>${t("More")}</button></div>` : nothing}
    <div class="row foot">
      <button class="primary big" ?disabled=${count === 0} @click=${() => {
        this.dispatchEvent(new ChosenEvent(this.chosen));
        this.close();
      }}>${icon("plus")}${count ? t("Add {n} to the film", { n: count }) : t("Choose what to add")}</button>
    </div></div>`;
  }

  private one(asset: Asset): TemplateResult {
    const place = this.chosen.findIndex((one) => one.id === asset.id);
    const name = asset.note || asset.title || clock(asset.created);
    return html`<li><button aria-pressed=${place >= 0 ? "true" : "false"} aria-label=${name} title=${name} @click=${() => this.choose(asset)}>
      ${asset.links.thumbnail ? html`<img src=${asset.links.thumbnail} alt="" loading="lazy" decoding="async">` : icon("images")}
      ${place >= 0 ? html`<b>${place + 1}</b>` : nothing}
      ${isVideo(asset) ? html`<span class="clip">${icon("video")}</span>` : nothing}
    </button></li>`;
  }
}
define("hub-film-picker", FilmPicker);
