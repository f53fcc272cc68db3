import { type Asset, hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, Running, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { albumOf } from "../album.js";
import { made, type ProcessWish } from "./wish.js";

type Making = "stack" | "mosaic";

/** Several pictures made into one: all of it sharp, or a larger piece of the slide. */
class ProcessPage extends HubElement {
  static override properties = {
    assets: { state: true },
    product: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { display: grid; gap: var(--space-5); }
      header { display: flex; gap: var(--space-3); align-items: center; }
      .sources { display: flex; gap: var(--space-2); overflow-x: auto; padding: 4px; }
      .sources li { flex: none; position: relative; }
      .sources img { height: 6rem; border-radius: var(--radius-s); display: block; }
      .sources span { position: absolute; left: 0.35rem; top: 0.35rem; background: rgb(8 14 13 / 75%); color: #fff; border-radius: 99px; padding: 0 0.55em; font: var(--type-small); }
      .ways { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); }
      .way { display: grid; gap: var(--space-3); padding: var(--space-5); align-content: space-between; }
      .busy { display: grid; gap: var(--space-3); padding: var(--space-5); }
      progress { width: 100%; height: 0.8rem; accent-color: var(--accent); }
      .made img { max-width: 100%; max-height: 50vh; border-radius: var(--radius-m); display: block; background: #0a0f0e; }
      .row { display: flex; flex-wrap: wrap; gap: var(--space-3); margin-top: var(--space-4); }
    `,
  ];
  declare assets: Asset[];
  declare product: Asset | null;
  declare problem: Problem | null;
  private readonly running = new Running(this);

  constructor() {
    super();
    this.assets = [];
    this.product = null;
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    const ids = (new URLSearchParams(location.search).get("assets") ?? "").split(",");
    try {
      const found = ids
        .filter(Boolean)
        .map((id) => hub.api.get<Asset>(`/assets/${encodeURIComponent(id)}`));
      this.assets = (await Promise.all(found)).sort((a, b) => a.created.localeCompare(b.created));
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async make(process: Making): Promise<void> {
    this.product = null;
    const wish: ProcessWish = { process, sources: this.assets.map((asset) => asset.id) };
    const result = await made<{ asset: string }>(this.running, wish);
    if (!result) return;
    try {
      this.product = await hub.api.get<Asset>(`/assets/${result.asset}`);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    return html`<div class="page">
      <header><a class="button quiet icon" href=${albumOf(this.assets[0])} aria-label=${t("Back to the album")}>${icon("arrow-left")}</a>
        <h1>${t("Join pictures")}</h1></header>
      <hub-notice .problem=${this.problem ?? this.running.problem}></hub-notice>
      <ul class="sources" aria-label=${t("Chosen pictures")}>${this.assets.map(
        (asset, index) =>
          html`<li><img src=${asset.links.thumbnail ?? ""} alt=${asset.title}><span>${index + 1}</span></li>`,
      )}</ul>
      ${this.running.busy ? this.progress() : this.product ? this.made(this.product) : this.ways()}
    </div>`;
  }

  private ways(): TemplateResult | typeof nothing {
    if (this.assets.length < 2) {
      return this.problem
        ? nothing
        : html`<p class="muted">${t("Choose two or more pictures in an album, then come back here.")}</p>`;
    }
    return html`<div class="ways">
      ${this.way("stack", t("Sharp all over"), t("For pictures of one place at several heights of the focus."), "focus")}
      ${this.way("mosaic", t("One large picture"), t("For pictures of neighbouring places that overlap by a quarter."), "images")}
    </div>`;
  }

  private way(making: Making, title: string, text: string, drawing: string): TemplateResult {
    return html`<section class="card way"><div><h2>${title}</h2><p class="muted">${text}</p></div>
      <button class="primary" @click=${() => this.make(making)}>${icon(drawing)}${title}</button></section>`;
  }

  private progress(): TemplateResult {
    const operation = this.running.operation;
    const count = this.assets.length;
    return html`<section class="card busy" aria-live="polite">
      <h2>${tn("Working on {count} picture", "Working on {count} pictures", count, { count })}</h2>
      <progress max="1" .value=${operation?.fraction ?? 0} aria-label=${t("Progress")}></progress>
      <p class="muted">${operation?.message ? t(operation.message) : t("Waiting for its turn")}</p>
      <div><button @click=${() => this.running.stop()}>${icon("stop")}${t("Stop")}</button></div>
    </section>`;
  }

  private made(asset: Asset): TemplateResult {
    const compared = `${asset.id},${this.assets[0]?.id ?? ""}`;
    return html`<section class="made">
      <img src=${asset.links.content} alt=${asset.title}>
      <div class="row">
        <a class="button primary" href=${albumOf(asset)}>${icon("images")}${t("Open in the album")}</a>
        <a class="button" href="/compare?assets=${compared}">${icon("grow")}${t("Compare")}</a>
        <button @click=${() => {
          this.product = null;
        }}>${t("Try the other way")}</button>
      </div>
    </section>`;
  }
}
define("hub-process-page", ProcessPage);
