import { type Asset, hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, Running, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { albumOf } from "../album.js";
import { made } from "../process/wish.js";
import "./histogram.js";
import type { Levels } from "./levels.js";

type White = "background" | "average" | "none";

interface Shown {
  asset: Asset;
  made: Asset | null;
  levels: Levels | null;
  after: Levels | null;
}

/** Even light and true white for pictures that were taken: before and after, beside each other. */
class LightPage extends HubElement {
  static override properties = {
    shown: { state: true },
    even: { state: true },
    white: { state: true },
    problem: { state: true },
    at: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { display: grid; gap: var(--space-5); }
      header { display: flex; align-items: center; gap: var(--space-3); }
      .ways { display: flex; flex-wrap: wrap; gap: var(--space-5); align-items: end; padding: var(--space-5); }
      .ways > div { display: grid; gap: 0.3rem; }
      label { display: flex; gap: var(--space-3); align-items: center; min-height: 44px; }
      input[type="checkbox"] { width: 1.4rem; height: 1.4rem; accent-color: var(--accent); }
      select { min-height: 44px; }
      .pair { display: grid; gap: var(--space-4); grid-template-columns: repeat(2, minmax(0, 1fr)); padding: var(--space-4); }
      figure { display: grid; gap: var(--space-2); align-content: start; min-width: 0; }
      img { width: 100%; border-radius: var(--radius-m); display: block; background: #0a0f0e; }
      .empty { display: grid; place-content: center; min-height: 8rem; border: 2px dashed var(--line-strong); border-radius: var(--radius-m); color: var(--muted); padding: var(--space-4); text-align: center; }
      progress { width: 100%; height: 0.8rem; accent-color: var(--accent); }
      @media (max-width: 40rem) { .pair { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];
  declare shown: Shown[];
  declare even: boolean;
  declare white: White;
  declare problem: Problem | null;
  /** Which picture is worked on; -1: none. */
  declare at: number;
  private stopped = false;
  private readonly running = new Running(this);

  constructor() {
    super();
    this.shown = [];
    this.even = true;
    this.white = "background";
    this.problem = null;
    this.at = -1;
  }

  protected override arrive(): void {
    this.until(() => {
      this.stopped = true;
    });
    void this.load();
  }

  private async load(): Promise<void> {
    const ids = (new URLSearchParams(location.search).get("assets") ?? "").split(",");
    try {
      const found = ids
        .filter(Boolean)
        .map((id) => hub.api.get<Asset>(`/assets/${encodeURIComponent(id)}`));
      const assets = await Promise.all(found);
      this.shown = assets.map((asset) => ({ asset, made: null, levels: null, after: null }));
    } catch (error) {
      this.problem = problemOf(error);
    }
    for (const [index, one] of this.shown.entries()) {
      this.put(index, { levels: await this.levels(one.asset.id) });
    }
  }

  private put(index: number, news: Partial<Shown>): void {
    this.shown = this.shown.map((one, place) => (place === index ? { ...one, ...news } : one));
  }

  private async levels(asset: string): Promise<Levels | null> {
    try {
      return await hub.api.get<Levels>(`/captures/${encodeURIComponent(asset)}/histogram`);
    } catch {
      return null; // The picture tells more than its histogram.
    }
  }

  private async make(): Promise<void> {
    this.stopped = false;
    this.problem = null;
    for (const [index, { asset }] of this.shown.entries()) {
      this.at = index;
      this.put(index, { made: null, after: null });
      const options = { kept: this.even, white: this.white };
      const result = await made<{ asset: string }>(this.running, {
        process: "flat-field",
        sources: [asset.id],
        options,
      });
      if (!result || this.stopped) break;
      try {
        const made = await hub.api.get<Asset>(`/assets/${result.asset}`);
        this.put(index, { made, after: await this.levels(made.id) });
      } catch (error) {
        this.problem = problemOf(error);
        break;
      }
    }
    this.at = -1;
  }

  private stop(): void {
    this.stopped = true;
    void this.running.stop();
  }

  override render(): TemplateResult {
    return html`<div class="page">
      <header><a class="button quiet icon" href=${albumOf(this.shown[0]?.asset)} aria-label=${t("Back to the album")}>${icon("arrow-left")}</a>
        <h1>${t("Even light")}</h1></header>
      <hub-notice .problem=${this.problem ?? this.running.problem}></hub-notice>
      ${this.shown.length > 0 ? this.choices() : this.problem ? nothing : html`<p class="muted">${t("Choose pictures in an album, then come back here.")}</p>`}
      ${this.shown.map((one, index) => this.pair(one, index))}
    </div>`;
  }

  private choices(): TemplateResult {
    const whites: [White, string][] = [
      ["background", t("The background is white")],
      ["average", t("All together is grey")],
      ["none", t("Leave the colours")],
    ];
    const busy = this.at >= 0;
    return html`<section class="card ways">
      <label><input type="checkbox" .checked=${this.even} ?disabled=${busy} @change=${(
        event: Event,
      ) => {
        this.even = (event.target as HTMLInputElement).checked;
      }}>${t("Even, by the empty field that is kept for the objective")}</label>
      <div><label for="white">${t("White")}</label><select id="white" ?disabled=${busy} @change=${(
        event: Event,
      ) => {
        this.white = whites[(event.target as HTMLSelectElement).selectedIndex]?.[0] ?? "background";
      }}>${whites.map(([value, words]) => html`<option ?selected=${value === this.white}>${words}</option>`)}</select></div>
      ${
        busy
          ? html`<button @click=${this.stop}>${icon("stop")}${t("Stop")}</button>`
          : html`<button class="primary" ?disabled=${!this.even && this.white === "none"} @click=${() => void this.make()}>${icon("sun")}${tn("Mend {count} picture", "Mend {count} pictures", this.shown.length, { count: this.shown.length })}</button>`
      }
    </section>`;
  }

  private pair({ asset, made, levels, after }: Shown, index: number): TemplateResult {
    return html`<section class="card pair">
      <figure><figcaption>${t("Before")}</figcaption><img src=${asset.links.content} alt=${asset.title}><hub-histogram .levels=${levels}></hub-histogram></figure>
      <figure aria-live="polite"><figcaption>${t("After")}</figcaption>${
        made
          ? html`<img src=${made.links.content} alt=${made.title}><hub-histogram .levels=${after}></hub-histogram>
            <div><a class="button" href=${albumOf(made)}>${icon("images")}${t("Open in the album")}</a></div>`
          : html`<div class="empty">${
              this.at === index
                ? html`<progress max="1" .value=${this.running.operation?.fraction ?? 0} aria-label=${t("Progress")}></progress>`
                : t("The picture stays as it is; the mended one is kept beside it.")
            }</div>`
      }</figure>
    </section>`;
  }
}
define("hub-light-page", LightPage);
