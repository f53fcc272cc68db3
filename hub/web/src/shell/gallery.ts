import { type Asset, assetNews, hub, type Problem, problemOf } from "@classhub/client";
import { day, define, HubElement, icon, sayProblem, t, tn } from "@classhub/ui";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import "./asset-viewer.js";
import { data } from "./data.js";
import { galleryStyles } from "./gallery.styles.js";
import "./gallery-grid.js";
import type { GalleryGrid, TileEvent } from "./gallery-grid.js";
import { GalleryList } from "./gallery-list.js";
import { openersFor } from "./openers.js";

/** So many pictures can be chosen at once; a page's address must hold their ids. */
const MOST_CHOSEN = 200;

type Filter = "owner" | "handed_in" | "favourite";

/** Pictures of an album, or of all albums: found, filtered, opened, chosen. */
class Gallery extends HubElement {
  static override properties = {
    within: { attribute: false },
    headings: {},
    words: { state: true },
    filters: { state: true },
    kind: { state: true },
    order: { state: true },
    list: { state: true },
    selecting: { state: true },
    selected: { state: true },
    asking: { state: true },
    busy: { state: true },
    open: { state: true },
    problem: { state: true },
  };
  static override styles = galleryStyles;
  /** What the pictures are limited to, such as `{lesson: "…"}`. */
  declare within: Record<string, string | null>;
  declare headings: "day" | "lesson" | "none";
  declare words: string;
  declare filters: Set<Filter>;
  declare kind: string;
  declare order: "newest" | "oldest";
  declare list: GalleryList | null;
  declare selecting: boolean;
  declare selected: Map<string, Asset>;
  declare asking: boolean;
  declare busy: boolean;
  /** The id of the picture in the viewer. */
  declare open: string | null;
  declare problem: Problem | null;
  private last = -1;
  private coming: GalleryList | null = null;

  constructor() {
    super();
    this.within = {};
    this.headings = "day";
    this.words = "";
    this.filters = new Set();
    this.kind = "";
    this.order = "newest";
    this.list = null;
    this.selecting = false;
    this.selected = new Map();
    this.asking = false;
    this.busy = false;
    this.open = null;
    this.problem = null;
  }

  private readonly reloadSoon = this.settled(() => void this.load());
  private readonly searchSoon = this.settled(() => void this.load(), 250);

  protected override arrive(): void {
    this.open = location.hash.slice(1) || null;
    this.until(hub.stream.subscribe("assets/+", (_, payload) => this.hear(payload)));
    this.on(hub.stream, "back", () => this.reloadSoon());
    this.on(window, "keydown", (event) => this.key(event as KeyboardEvent));
    this.until(() => {
      this.coming?.close();
      this.list?.close();
    });
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("within") && !same(changed.get("within"), this.within)) void this.load();
  }

  private get query(): Record<string, string | null> {
    return {
      ...this.within,
      q: this.words.trim() || null,
      owner: this.filters.has("owner") ? "me" : null,
      handed_in: this.filters.has("handed_in") ? "true" : null,
      favourite: this.filters.has("favourite") ? "true" : null,
      media_type: this.kind || data.hub.media,
      order: this.order,
    };
  }

  private async load(): Promise<void> {
    const list = new GalleryList(this.query);
    this.coming?.close();
    this.coming = list;
    try {
      await list.open();
    } catch (error) {
      if (this.coming === list) this.problem = problemOf(error);
      return;
    }
    if (this.coming !== list) return;
    this.coming = null;
    this.problem = null;
    this.list?.close();
    this.list = list;
    list.addEventListener("change", () => {
      this.grid?.renew();
      this.requestUpdate();
    });
    list.addEventListener("failed", (event) => {
      this.problem = problemOf((event as CustomEvent).detail);
    });
    this.dispatchEvent(new Event("loaded"));
  }

  private get grid(): GalleryGrid | null {
    return this.renderRoot.querySelector<GalleryGrid>("hub-gallery-grid");
  }

  private hear(payload: unknown): void {
    const news = assetNews(payload);
    if (!news || !this.list) return;
    if (news.change === "deleted") {
      if (this.open === news.asset.id) this.open = null;
      if (this.selected.delete(news.asset.id)) this.selected = new Map(this.selected);
    }
    if (!this.list.hear(news)) this.reloadSoon();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.selecting && !this.open) this.choose(false);
  }

  private choose(on: boolean): void {
    this.selecting = on;
    this.selected = new Map();
    this.asking = false;
    this.last = -1;
  }

  private tile(event: TileEvent): void {
    const asset = this.list?.at(event.index);
    if (!asset) return;
    if (!this.selecting) {
      this.show(asset.id);
      return;
    }
    const chosen = new Map(this.selected);
    const from = event.range && this.last >= 0 ? Math.min(this.last, event.index) : event.index;
    const to = event.range && this.last >= 0 ? Math.max(this.last, event.index) : event.index;
    const on = !chosen.has(asset.id);
    for (let index = from; index <= to; index += 1) {
      const one = this.list?.at(index);
      if (one && on && chosen.size < MOST_CHOSEN) chosen.set(one.id, one);
      else if (one && !on) chosen.delete(one.id);
    }
    this.last = event.index;
    this.selected = chosen;
  }

  private async favour(event: TileEvent): Promise<void> {
    const asset = this.list?.at(event.index);
    if (!asset) return;
    const favourite = !asset.favourite;
    this.list?.change(asset.id, { favourite });
    try {
      await hub.api.put(`/assets/${asset.id}/favourite`, { favourite });
    } catch (error) {
      this.list?.change(asset.id, { favourite: !favourite });
      sayProblem(problemOf(error));
    }
  }

  private show(id: string | null): void {
    this.open = id;
    history.replaceState(null, "", location.pathname + location.search + (id ? `#${id}` : ""));
  }

  private step(by: number): void {
    const at = this.open ? (this.list?.indexOf(this.open) ?? -1) : -1;
    const next = this.list?.at(at + by);
    if (at < 0 || !next) return;
    this.show(next.id);
    this.list?.need(at + by, at + by + Math.sign(by) * 20);
    this.grid?.reveal(at + by);
  }

  private async erase(): Promise<void> {
    this.busy = true;
    for (const id of [...this.selected.keys()]) {
      try {
        await hub.api.delete(`/assets/${id}`);
        this.list?.drop(id);
      } catch (error) {
        sayProblem(problemOf(error));
        break;
      }
    }
    this.busy = false;
    this.choose(false);
  }

  private toggle(filter: Filter): void {
    const filters = new Set(this.filters);
    if (!filters.delete(filter)) filters.add(filter);
    this.filters = filters;
    void this.load();
  }

  override render(): TemplateResult {
    const { list } = this;
    const at = this.open && list ? list.indexOf(this.open) : -1;
    return html`
      ${this.tools()}
      <hub-notice .problem=${this.problem}></hub-notice>
      <div class="found"><p class="count" role="status">${
        list
          ? list.more
            ? t("More than {n} pictures", { n: list.total })
            : tn("{n} picture", "{n} pictures", list.total)
          : nothing
      }</p>
        <button class="toggle" aria-pressed=${String(this.selecting)} ?disabled=${!list?.total}
          @click=${() => this.choose(!this.selecting)}>${icon("select")}${t("Choose")}</button></div>
      ${list?.total === 0 ? html`<slot name="empty">${this.nothingFound()}</slot>` : nothing}
      <hub-gallery-grid .list=${list} .headings=${this.headings} ?selecting=${this.selecting}
        .selected=${this.selected}
        @tile=${this.tile} @favour=${this.favour}></hub-gallery-grid>
      ${this.selecting ? html`<div class="room"></div>${this.bar()}` : nothing}
      <hub-asset-viewer .asset=${at >= 0 ? list?.at(at) : null} ?first=${at <= 0} ?last=${at === (list?.total ?? 0) - 1}
        .place=${at >= 0 ? `${at + 1} / ${list?.total}` : ""} .ahead=${list?.at(at + 1)?.links.content ?? ""}
        @close=${() => this.show(null)} @previous=${() => this.step(-1)} @next=${() => this.step(1)}
        @deleted=${() => {
          if (this.open) list?.drop(this.open);
          this.show(null);
        }}
        @failed=${(event: CustomEvent<Problem>) => sayProblem(event.detail)}></hub-asset-viewer>`;
  }

  private nothingFound(): TemplateResult {
    return html`<p class="card none">${t("Nothing was found. Take words away, or switch filters off.")}</p>`;
  }

  private get narrowed(): boolean {
    return this.words.trim() !== "" || this.filters.size > 0 || this.kind !== "";
  }

  private tools(): TemplateResult {
    return html`<div class="tools" role="search">
      <div class="search">${icon("search")}
        <input type="search" maxlength="100" aria-label=${t("Search")} placeholder=${t("Search: title, note, name, microscope")}
          .value=${this.words} @input=${(event: Event) => {
            this.words = (event.target as HTMLInputElement).value;
            this.searchSoon();
          }}></div>
      ${this.filter("owner", t("Mine"), "person")}
      ${this.filter("handed_in", t("Handed in"), "inbox")}
      ${this.filter("favourite", t("Favourites"), "star")}
      <select aria-label=${t("Kind")} @change=${(event: Event) => {
        this.kind = (event.target as HTMLSelectElement).value;
        void this.load();
      }}>
        <option value="">${t("Everything")}</option>
        <option value="image/*" ?selected=${this.kind === "image/*"}>${t("Pictures only")}</option>
        <option value="video/*" ?selected=${this.kind === "video/*"}>${t("Videos only")}</option>
      </select>
      <select aria-label=${t("Order")} @change=${(event: Event) => {
        this.order = (event.target as HTMLSelectElement).value as "newest" | "oldest";
        void this.load();
      }}>
        <option value="newest">${t("Newest first")}</option>
        <option value="oldest" ?selected=${this.order === "oldest"}>${t("Oldest first")}</option>
      </select>
      ${this.jump()}
      <slot name="tools"></slot>
    </div>`;
  }

  private filter(name: Filter, label: string, drawing: string): TemplateResult {
    return html`<button class="toggle" aria-pressed=${String(this.filters.has(name))}
      @click=${() => this.toggle(name)}>${icon(drawing)}${label}</button>`;
  }

  private jump(): TemplateResult | typeof nothing {
    const sections = this.list?.sections ?? [];
    if (sections.length < 3 || this.headings === "none") return nothing;
    return html`<select aria-label=${t("Go to")} @change=${(event: Event) => {
      const select = event.target as HTMLSelectElement;
      this.grid?.jump(Number(select.value));
      select.value = "";
    }}>
      <option value="">${this.headings === "lesson" ? t("Go to a lesson") : t("Go to a day")}</option>
      ${sections.map((section, index) => {
        const when = day(`${section.day}T12:00:00`);
        const name = section.title || t("Without a lesson");
        return html`<option value=${index}>${this.headings === "lesson" ? `${name}, ${when}` : when} (${section.count})</option>`;
      })}
    </select>`;
  }

  private bar(): TemplateResult {
    const chosen = [...this.selected.values()];
    const mine = chosen.length > 0 && chosen.every(own);
    if (this.asking) {
      return html`<div class="bar" role="alertdialog" aria-label=${t("Delete for good?")}>
        <span class="grow">${tn("Delete {n} picture for good?", "Delete {n} pictures for good?", chosen.length)}</span>
        <button class="danger" ?disabled=${this.busy} @click=${this.erase}>${icon("erase")}${t("Delete")}</button>
        <button @click=${() => {
          this.asking = false;
        }}>${t("Keep them")}</button></div>`;
    }
    return html`<div class="bar" role="toolbar" aria-label=${t("What to do with the chosen pictures")}>
      <span class="grow" role="status">${
        chosen.length
          ? tn("{n} chosen", "{n} chosen", chosen.length)
          : t("Tap the pictures that you want.")
      }</span>
      ${openersFor(chosen).map(({ page, href }) => html`<a class="button" href=${href}>${icon(page.icon ?? "device")}${t(page.opens?.title ?? page.title)}</a>`)}
      ${
        mine
          ? html`<button class="danger" @click=${() => {
              this.asking = true;
            }}>${icon("erase")}${t("Delete")}</button>`
          : nothing
      }
      <button @click=${() => this.choose(false)}>${icon("close")}${t("Done")}</button>
    </div>`;
  }

  /** Whether the list is empty because nothing is there, not because of filters. */
  get empty(): boolean {
    return this.list?.total === 0 && !this.narrowed;
  }
}

function own(asset: Asset): boolean {
  const me = hub.session.principal;
  return hub.session.may("teacher") || (me !== null && asset.owner?.id === (me.person ?? me.id));
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
define("hub-gallery", Gallery);

export type { Gallery };
