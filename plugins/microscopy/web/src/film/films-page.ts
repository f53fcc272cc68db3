import { type Asset, hub, type Problem, problemOf } from "@classhub/client";
import {
  base,
  clock,
  day,
  define,
  HubElement,
  i18n,
  icon,
  navigate,
  personName,
  t,
  tn,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { fetchAssets, isVideo, MEDIA, videoLength } from "./media.js";
import { emptyStoryboard, type Film, type Item, MOST_ITEMS, newItem, STILL } from "./model.js";

/** The films; reached from an album, what to do with the pictures chosen there. */
class FilmsPage extends HubElement {
  static override properties = {
    films: { state: true },
    chosen: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { gap: var(--space-5); }
      .head { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; justify-content: space-between; }
      .chosen { padding: var(--space-5); display: grid; gap: var(--space-4); }
      .pictures { display: flex; gap: var(--space-2); overflow-x: auto; }
      .pictures img, .pictures span { height: 4.5rem; min-width: 6rem; border-radius: var(--radius-s); background: #0a0f0e; object-fit: cover; flex: none; }
      .films { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); }
      .film { display: grid; grid-template-rows: auto 1fr; color: inherit; text-decoration: none; overflow: hidden; height: 100%; width: 100%; padding: 0; border: 0; text-align: start; font: var(--type-body); }
      .film:hover { background: var(--hover); }
      .film .cover { aspect-ratio: 16 / 9; background: #101614; color: #5f746d; display: grid; place-items: center; overflow: hidden; }
      .film .cover svg { width: 2.5rem; height: 2.5rem; }
      .film img { width: 100%; height: 100%; object-fit: contain; }
      .film .about { padding: var(--space-4); display: grid; gap: var(--space-1); align-content: start; }
    `,
  ];
  declare films: Film[] | null;
  declare chosen: Asset[];
  declare busy: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.films = null;
    this.chosen = [];
    this.busy = false;
    this.problem = null;
  }

  /** The lesson from whose album the page was opened. */
  private lesson: string | null = null;

  protected override arrive(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    const asked = new URLSearchParams(location.search);
    this.lesson = asked.get("lesson");
    const ids = (asked.get("assets") ?? "").split(",");
    try {
      this.films = (await hub.api.get<{ items: Film[] }>("/films")).items;
      const found = await fetchAssets(ids.filter(Boolean).slice(0, MOST_ITEMS));
      this.chosen = found.filter((asset) => MEDIA.includes(asset.media_type));
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async items(): Promise<Item[]> {
    return Promise.all(
      this.chosen.map(async (asset) =>
        newItem(asset.id, isVideo(asset) ? ((await videoLength(asset)) ?? STILL) : STILL),
      ),
    );
  }

  private async open(work: () => Promise<Film>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const film = await work();
      navigate(`/films/${film.id}`);
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.busy = false;
  }

  private begin(): Promise<void> {
    return this.open(async () => {
      const lesson = this.chosen[0]?.lesson ?? this.lesson ?? hub.session.lesson?.id;
      return hub.api.post<Film>("/films", {
        title: t("Our film"),
        storyboard: { ...emptyStoryboard(i18n.language), items: await this.items() },
        ...(lesson ? { lesson } : {}),
      });
    });
  }

  private extend(film: Film): Promise<void> {
    return this.open(async () => {
      const { title, revision, storyboard } = film;
      const items = [...storyboard.items, ...(await this.items())];
      return hub.api.put<Film>(`/films/${film.id}`, {
        title,
        revision,
        storyboard: { ...storyboard, items },
      });
    });
  }

  private mine(film: Film): boolean {
    const me = hub.session.principal;
    return hub.session.may("teacher") || film.owner.id === (me?.person ?? me?.id);
  }

  override render(): TemplateResult {
    const some = this.chosen.length > 0;
    const films = (this.films ?? []).filter(
      (film) => (!some || this.mine(film)) && (!this.lesson || film.lesson === this.lesson),
    );
    return html`<div class="page">
      <div class="head"><a class="button quiet icon" href=${this.lesson ? `/lessons/${this.lesson}/album` : "/albums"} aria-label=${this.lesson ? t("Back to the album") : t("Back to the albums")}>${icon("arrow-left")}</a><h1 class="grow">${t("Films")}</h1>${some ? nothing : this.newButton(t("New film"))}</div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${some ? this.beginning(films.length > 0) : nothing}
      ${
        this.films !== null && films.length === 0 && !some
          ? html`<p class="muted">${t("There are no films yet. A film shows pictures and clips of a lesson one after another, with titles and captions.")}</p>`
          : nothing
      }
      <ul class="films">${films.map((film) => html`<li>${this.one(film, some)}</li>`)}</ul>
    </div>`;
  }

  private newButton(text: string): TemplateResult {
    return html`<button class="primary big" ?disabled=${this.busy || this.films === null} @click=${() => void this.begin()}>${icon("plus")}${text}</button>`;
  }

  private beginning(more: boolean): TemplateResult {
    return html`<section class="card chosen">
      <h2>${tn("A film of {n} chosen thing", "A film of {n} chosen things", this.chosen.length)}</h2>
      <div class="pictures">${this.chosen.map((asset) =>
        asset.links.thumbnail
          ? html`<img src=${asset.links.thumbnail} alt=${asset.title}>`
          : html`<span></span>`,
      )}</div>
      <div>${this.newButton(t("New film of these"))}</div>
      ${more ? html`<p class="muted">${t("Or tap a film below to put them at its end.")}</p>` : nothing}
    </section>`;
  }

  private one(film: Film, extend: boolean): TemplateResult {
    const first = film.storyboard.items.find((item) => item.asset !== null)?.asset;
    // A film begins in the dark; its first picture tells more.
    const cover = first ?? film.asset;
    const inside = html`<span class="cover">${
      cover
        ? html`<img src=${hub.api.url(`/assets/${encodeURIComponent(cover)}/thumbnail`)} alt="" loading="lazy"
            @error=${(event: Event) => (event.target as HTMLElement).remove()}>`
        : icon("film")
    }</span><span class="about"><b>${film.title}</b>
      <span class="muted small">${personName(film.owner.name)} · ${day(film.changed)} ${clock(film.changed)}</span>
      <span class="muted small">${tn("{n} part", "{n} parts", film.storyboard.items.length)}${film.asset ? html` · ${t("Made")}` : nothing}</span></span>`;
    return extend
      ? html`<button class="card film" ?disabled=${this.busy} @click=${() => void this.extend(film)}>${inside}</button>`
      : html`<a class="card film" href="/films/${film.id}">${inside}</a>`;
  }
}
define("hub-films-page", FilmsPage);
