import {
  type Asset,
  assetNews,
  hub,
  type Lesson,
  type Page,
  type Problem,
  problemOf,
} from "@classhub/client";
import { clock, day, define, HubElement, icon, personName, sayProblem, t, tn } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import "../asset-viewer.js";
import { albumStyles } from "./album.styles.js";

const AT_ONCE = 60;

/** The pictures of a lesson, the newest first; new ones appear by themselves. */
class AlbumPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    lesson: { state: true },
    assets: { state: true },
    next: { state: true },
    problem: { state: true },
    open: { state: true },
  };
  static override styles = albumStyles;
  declare params: { id: string };
  declare lesson: Lesson | null;
  declare assets: Asset[] | null;
  declare next: string | null;
  declare problem: Problem | null;
  /** The id of the picture in the viewer. */
  declare open: string | null;

  constructor() {
    super();
    this.params = { id: "" };
    this.lesson = null;
    this.assets = null;
    this.next = null;
    this.problem = null;
    this.open = null;
  }

  protected override arrive(): void {
    this.open = location.hash.slice(1) || null;
    this.until(hub.stream.subscribe("assets/+", (_, payload) => this.hear(payload)));
    this.until(hub.stream.subscribe(`lessons/${this.params.id}`, () => void this.loadLesson()));
    void this.loadLesson();
    void this.load(null);
  }

  private async loadLesson(): Promise<void> {
    try {
      this.lesson = await hub.api.get<Lesson>(`/lessons/${encodeURIComponent(this.params.id)}`);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async load(cursor: string | null): Promise<void> {
    try {
      const page = await hub.api.get<Page<Asset>>("/assets", {
        lesson: this.params.id,
        limit: AT_ONCE,
        cursor,
      });
      const known = new Set(this.assets?.map((asset) => asset.id));
      this.assets = [...(this.assets ?? []), ...page.items.filter((asset) => !known.has(asset.id))];
      this.next = page.next;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private hear(payload: unknown): void {
    const news = assetNews(payload);
    if (!news || this.assets === null) return;
    const { change, asset } = news;
    const known = this.assets.some((one) => one.id === asset.id);
    if (change === "deleted") this.drop(asset.id);
    else if (known) {
      this.assets = this.assets.map((one) => (one.id === asset.id ? { ...one, ...asset } : one));
    } else if (change === "added" && asset.lesson === this.params.id) {
      this.assets = [asset, ...this.assets];
    }
  }

  private drop(id: string): void {
    if (this.open === id) this.open = null;
    this.assets = this.assets?.filter((asset) => asset.id !== id) ?? null;
  }

  private show(id: string | null): void {
    this.open = id;
    history.replaceState(null, "", location.pathname + (id ? `#${id}` : ""));
  }

  private async step(by: number): Promise<void> {
    const at = this.assets?.findIndex((asset) => asset.id === this.open) ?? -1;
    if (at + by === this.assets?.length && this.next) await this.load(this.next);
    const next = this.assets?.[at + by];
    if (at >= 0 && next) this.show(next.id);
  }

  override render(): TemplateResult {
    const { lesson, assets } = this;
    const at = assets?.findIndex((asset) => asset.id === this.open) ?? -1;
    return html`<div class="page">
      <header>
        <div class="grow">
          <p class="muted small">${t("Album")}${lesson ? html` · ${day(lesson.started)}` : nothing}</p>
          <h1>${lesson?.title ?? t("Album")}</h1>
          ${assets?.length ? html`<p class="muted">${this.next ? t("More than {n} pictures", { n: assets.length }) : tn("{n} picture", "{n} pictures", assets.length)}</p>` : nothing}
        </div>
        ${
          lesson && !lesson.ended
            ? html`<a class="button" href="/">${icon("microscope")}${t("To the microscopes")}</a>`
            : nothing
        }
      </header>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${assets?.length === 0 && lesson ? this.empty() : nothing}
      ${
        this.problem && !lesson
          ? html`<div class="stack"><a class="button primary" href="/albums">${t("Albums")}</a></div>`
          : nothing
      }
      <ul class="grid">${repeat(
        assets ?? [],
        (asset) => asset.id,
        (asset) => html`<li>${this.tile(asset)}</li>`,
      )}</ul>
      ${
        this.next
          ? html`<button @click=${() => void this.load(this.next)}>${t("Show more")}</button>`
          : nothing
      }
    </div>
    <hub-asset-viewer .asset=${at >= 0 ? (assets?.[at] ?? null) : null} ?first=${at <= 0} ?last=${at === (assets?.length ?? 0) - 1 && !this.next}
      .place=${assets && at >= 0 ? `${at + 1} / ${assets.length}${this.next ? "+" : ""}` : ""} .ahead=${assets?.[at + 1]?.links.content ?? ""}
      @close=${() => this.show(null)} @previous=${() => void this.step(-1)} @next=${() => void this.step(1)}
      @deleted=${() => this.open && this.drop(this.open)}
      @failed=${(event: CustomEvent<Problem>) => sayProblem(event.detail)}></hub-asset-viewer>`;
  }

  private tile(asset: Asset): TemplateResult {
    return html`<button class="tile" @click=${() => this.show(asset.id)}>
      ${
        asset.links.thumbnail
          ? html`<img src=${asset.links.thumbnail} alt=${t("Picture")} loading="lazy" decoding="async">`
          : html`<span class="none">${icon("images")}</span>`
      }
      <span class="words"><span class="who">${personName(asset.owner?.name ?? "") || t("No name")}</span>
        <time datetime=${asset.created}>${clock(asset.created)}</time></span>
      ${asset.note ? html`<span class="note">${asset.note}</span>` : nothing}
    </button>`;
  }

  private empty(): TemplateResult {
    return html`<div class="card empty">${icon("camera")}
      <div class="stack"><h2>${t("No pictures yet.")}</h2>
      <p class="muted">${t("Open a microscope and press “Take a picture”. It appears here at once.")}</p></div></div>`;
  }
}
define("hub-album-page", AlbumPage);
