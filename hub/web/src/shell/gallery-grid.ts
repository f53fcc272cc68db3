import type { Asset } from "@classhub/client";
import {
  clock,
  day,
  define,
  givenName,
  HubElement,
  i18n,
  icon,
  lasting,
  personName,
  t,
} from "@classhub/ui";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { gridStyles } from "./gallery-grid.styles.js";
import { columnsIn, Fling, Layout, type Line } from "./gallery-layout.js";
import type { GalleryList } from "./gallery-list.js";

/** The least width of a tile, and the height of its words and of a heading, in rem. */
const TILE = 11.5;
const WORDS = 3.6;
const HEADING = 4;
const GAP = 1;
/** So much above and below what is seen is drawn as well, in heights of the window. */
const AHEAD = 0.6;
const FETCH = 100;
/** Milliseconds after the last of a fling until the rows that it left empty are drawn. */
const LANDED = 200;
/** Pixels across up to which a small picture is sharp enough. */
const SMALL = 400;

/** What a person did with a tile. */
export class TileEvent extends Event {
  constructor(
    type: "tile" | "favour",
    readonly index: number,
    readonly range: boolean,
  ) {
    super(type);
  }
}

/** The tiles of a long list; only those near the window are in the page. */
class GalleryGrid extends HubElement {
  static override properties = {
    list: { attribute: false },
    selecting: { type: Boolean },
    selected: { attribute: false },
    headings: {},
  };
  static override styles = gridStyles;
  declare list: GalleryList | null;
  declare selecting: boolean;
  /** What is chosen, by id. */
  declare selected: ReadonlyMap<string, Asset>;
  /** What a section is named by: its day, its lesson, or nothing. */
  declare headings: "day" | "lesson" | "none";
  private layout: Layout | null = null;
  private width = 0;
  private from = 0;
  private to = -1;
  private current = 0;
  private frame = 0;
  private asked = 0;
  private later: ReturnType<typeof setTimeout> | undefined;
  private readonly fling = new Fling();
  private flying = false;
  private landing: ReturnType<typeof setTimeout> | undefined;
  /** The rows that are drawn with their pictures, by their first item. */
  private drawn: ReadonlySet<number> = new Set();

  constructor() {
    super();
    this.list = null;
    this.selecting = false;
    this.selected = new Map();
    this.headings = "day";
  }

  protected override arrive(): void {
    const sizes = new ResizeObserver(() => this.measure());
    sizes.observe(this);
    this.until(() => sizes.disconnect());
    const look = () => {
      this.frame ||= requestAnimationFrame(() => {
        this.frame = 0;
        const landed = this.fly();
        if (this.look() || landed) this.requestUpdate();
      });
    };
    window.addEventListener("scroll", look, { passive: true });
    window.addEventListener("resize", look);
    this.until(() => {
      window.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
      cancelAnimationFrame(this.frame);
      clearTimeout(this.later);
      clearTimeout(this.landing);
    });
  }

  /** See whether somebody flings through the list; tells whether they have just ended. */
  private fly(): boolean {
    const before = this.flying;
    this.flying = this.fling.moved(scrollY, performance.now(), innerHeight);
    clearTimeout(this.landing);
    if (this.flying) {
      this.landing = setTimeout(() => {
        this.flying = false;
        this.requestUpdate();
      }, LANDED);
    }
    return before && !this.flying;
  }

  /** Draw again: the list has changed. */
  renew(): void {
    this.layout = null;
    this.requestUpdate();
  }

  private measure(): void {
    const width = this.getBoundingClientRect().width;
    if (Math.abs(width - this.width) < 1) return;
    this.width = width;
    this.renew();
  }

  private lay(): Layout {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    const gap = GAP * rem;
    const columns = columnsIn(this.width, TILE * rem, gap);
    const across = (this.width - gap * (columns - 1)) / columns;
    this.style.setProperty("--columns", String(columns));
    this.style.setProperty("--gap", `${gap}px`);
    return new Layout(this.list?.sections ?? [], {
      width: across,
      columns,
      gap,
      tileHeight: Math.round(across * 0.75 + WORDS * rem),
      headingHeight: this.headings === "none" ? 0 : HEADING * rem,
    });
  }

  /** Find out which lines are near the window; tells whether they are others than before. */
  private look(): boolean {
    const { layout, list } = this;
    if (!layout || !list) return false;
    const top = -this.getBoundingClientRect().top;
    const margin = innerHeight * AHEAD;
    const from = layout.lineAt(top - margin);
    const to = Math.min(layout.lineAt(top + innerHeight + margin), layout.lines.length - 1);
    const changed = from !== this.from || to !== this.to;
    this.from = from;
    this.to = to;
    if (changed) this.fetch();
    return changed;
  }

  /** Fetch what is seen, ten times a second at most: who flies past a thousand wants none of them. */
  private fetch(): void {
    clearTimeout(this.later);
    const wait = this.asked + FETCH - performance.now();
    if (wait > 0) {
      this.later = setTimeout(() => this.fetch(), wait);
      return;
    }
    this.asked = performance.now();
    const rows = this.layout?.lines.slice(this.from, this.to + 1).filter((l) => l.first >= 0) ?? [];
    const first = rows[0];
    const last = rows.at(-1);
    if (first && last) this.list?.need(first.first, last.first + last.count - 1);
  }

  /** Bring an item into the window. */
  reveal(index: number): void {
    const row = this.layout?.rowOf(index);
    if (!row) return;
    const top = this.getBoundingClientRect().top + row.top;
    if (top < 80) scrollBy({ top: top - 80 });
    else if (top + row.height > innerHeight - 90) {
      scrollBy({ top: top + row.height - innerHeight + 90 });
    }
  }

  /** Bring a section's heading to the top. */
  jump(section: number): void {
    const line = this.layout?.lines.find((one) => one.section === section);
    if (line) scrollBy({ top: this.getBoundingClientRect().top + line.top - 80 });
  }

  private async key(event: KeyboardEvent): Promise<void> {
    const { layout, list } = this;
    if (!layout || !list) return;
    if (event.code === "KeyF" && !event.ctrlKey && !event.metaKey && !this.selecting) {
      this.dispatchEvent(new TileEvent("favour", this.current, false));
      return;
    }
    const next = layout.step(this.current, event.key, list.total);
    if (next === this.current) return;
    event.preventDefault();
    this.current = next;
    this.reveal(next);
    this.look();
    this.requestUpdate();
    await this.updateComplete;
    this.focusCurrent();
  }

  /** Focus the current tile; while it is not here yet the canvas has the keys in its place. */
  private focusCurrent(): void {
    const tile = this.renderRoot.querySelector<HTMLElement>(`[data-index="${this.current}"]`);
    (tile ?? this.renderRoot.querySelector<HTMLElement>(".canvas"))?.focus({ preventScroll: true });
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("list") || changed.has("headings")) this.layout = null;
    if (changed.has("list")) this.current = 0;
    if (!this.layout && this.width > 0) {
      this.layout = this.lay();
      this.to = -1;
    }
    this.look();
  }

  protected override updated(): void {
    const canvas = this.renderRoot.querySelector<HTMLElement>(".canvas");
    if (canvas) canvas.style.height = `${this.layout?.height ?? 0}px`;
    const holder = (this.renderRoot as ShadowRoot).activeElement;
    if (canvas && holder === canvas) this.focusCurrent();
  }

  override render(): TemplateResult | typeof nothing {
    const { layout } = this;
    if (!layout) return html`<div class="canvas"></div>`;
    const lines = layout.lines.slice(this.from, this.to + 1);
    // One of the tiles can always be reached by the Tab key.
    const shown = lines.filter((line) => line.first >= 0);
    const last = shown.at(-1);
    // What flies past is left empty: to draw it would make the fling stutter, and nobody sees it.
    const full = shown.filter((line) => !this.flying || this.drawn.has(line.first));
    this.drawn = new Set(full.map((line) => line.first));
    const near =
      shown[0] && last && this.current >= shown[0].first && this.current < last.first + last.count;
    const stop = near ? this.current : (shown[0]?.first ?? 0);
    return html`<div class="canvas" tabindex="-1" @keydown=${this.key}>${repeat(
      lines,
      (line) => `${line.section}.${line.first}`,
      (line) =>
        html`<div class="line" .style=${`transform:translateY(${line.top}px);height:${line.height}px`}>${
          line.first < 0 ? this.heading(line) : this.row(line, stop)
        }</div>`,
    )}</div>`;
  }

  private heading(line: Line): TemplateResult | typeof nothing {
    const section = this.list?.sections[line.section];
    if (!section) return nothing;
    const when = day(`${section.day}T12:00:00`);
    return this.headings === "lesson"
      ? html`<div class="heading"><h2>${section.title || t("Without a lesson")}</h2><span>${when}</span></div>`
      : html`<div class="heading"><h2>${when}</h2></div>`;
  }

  /** A row is drawn anew only when something in it is another: most frames only move it. */
  private row(line: Line, stop: number): unknown {
    const stops = stop >= line.first && stop < line.first + line.count ? stop : -1;
    const places = Array.from({ length: line.count }, (_, index) => line.first + index);
    const seen = this.drawn.has(line.first);
    const assets = places.map((index) => (seen ? (this.list?.at(index) ?? null) : null));
    const now = [...assets, stops, this.selecting, this.selected, this.layout, i18n.language];
    return guard(
      now,
      () =>
        html`<div class="row">${assets.map((asset, at) =>
          asset ? this.cell(asset, line.first + at, stops) : html`<div class="wait"></div>`,
        )}</div>`,
    );
  }

  private cell(asset: Asset, index: number, stop: number): TemplateResult {
    const chosen = this.selecting && this.selected.has(asset.id);
    const across = this.layout?.measures.width ?? 0;
    const size = across * devicePixelRatio > SMALL ? 640 : 320;
    const by = personName(asset.owner?.name ?? "") || t("No name");
    const title = asset.note || givenName(asset.title);
    return html`<div class="cell ${chosen ? "chosen" : ""}">
      <button class="tile" data-index=${index} tabindex=${index === stop ? "0" : "-1"}
        aria-pressed=${this.selecting ? String(chosen) : nothing}
        @focus=${() => {
          this.current = index;
        }}
        @click=${(event: MouseEvent) => this.dispatchEvent(new TileEvent("tile", index, event.shiftKey))}>
        ${
          asset.links.thumbnail
            ? html`<img src="${asset.links.thumbnail}?size=${size}" alt=${title || t("Picture")} decoding="async" draggable="false">`
            : html`<span class="none">${icon(asset.media_type.startsWith("video/") ? "video" : "images")}</span>`
        }
        <span class="words"><span class="first"><span class="who">${by}</span>
          <time datetime=${asset.created}>${clock(asset.created)}</time></span>
        <span class="note">${title}</span></span>
      </button>
      ${asset.media_type.startsWith("video/") ? videoMark(asset) : nothing}
      ${asset.handed_in ? html`<span class="chip given">${icon("inbox")}${t("Is handed in")}</span>` : nothing}
      ${
        this.selecting
          ? html`<span class="mark">${icon("check")}</span>`
          : html`<button class="love icon" tabindex="-1" aria-pressed=${asset.favourite ? "true" : "false"}
            aria-label=${t("Favourite")} title=${t("Favourite")}
            @click=${() => this.dispatchEvent(new TileEvent("favour", index, false))}>${icon("star")}</button>`
      }
    </div>`;
  }
}

/** That it can be played, and for how long. */
function videoMark(asset: Asset): TemplateResult {
  const seconds = asset.info.seconds;
  return html`<span class="video" role="img" aria-label=${t("Video")}>${icon("play")}</span>${
    typeof seconds === "number" && seconds > 0
      ? html`<span class="chip long">${lasting(seconds)}</span>`
      : nothing
  }`;
}
define("hub-gallery-grid", GalleryGrid);

export type { GalleryGrid };
