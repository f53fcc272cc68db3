import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, number, type SetEvent, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Volume } from "../model.js";
import { type Layer, type LayerIndex, type PathKind, Sheet, shownKinds } from "./sheet.js";

/** So many layers are kept beside the one that is shown. */
const KEPT = 40;
const PLAY_EVERY = 120;

const NAMES: Record<PathKind, () => string> = {
  outer: () => t("Outside"),
  wall: () => t("Walls"),
  solid: () => t("Closed surfaces"),
  infill: () => t("Filling"),
  support: () => t("Supports"),
  brim: () => t("Brim"),
};

/** The layers as the printer will draw them, one after the other: `src` is their index. */
class LayersView extends HubElement {
  static override properties = {
    src: {},
    volume: { attribute: false },
    index: { state: true },
    at: { state: true },
    layer: { state: true },
    playing: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; grid-template-rows: minmax(0, 1fr) auto; gap: var(--space-3); background: var(--sunken); border-radius: var(--radius-l); padding: var(--space-3); min-height: 16rem;
        --outer: #0a686c; --wall: #2f9aa0; --solid: #7a5cc4; --infill: #d08700; --support: #a5281b; --brim: #6b7a75; }
      :host([dark]) { --outer: #66cfc8; --wall: #3fa39d; --solid: #ab93f0; --infill: #f0ab3e; --support: #ff9d8e; --brim: #a2b2ac; }
      .sheet { position: relative; min-height: 0; }
      canvas { position: absolute; inset: 0; width: 100%; height: 100%; border-radius: var(--radius-m); background: var(--surface); }
      .row { flex-wrap: nowrap; }
      hub-range { flex: 1; min-width: 0; }
      ul { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-4); }
      li { display: inline-flex; gap: 0.4em; align-items: center; font: var(--type-small); }
      i { width: 1.4em; height: 0.35em; border-radius: 99px; background: currentColor; }
      .outer { color: var(--outer); } .wall { color: var(--wall); } .solid { color: var(--solid); } .infill { color: var(--infill); }
      .support { color: var(--support); } .brim { color: var(--brim); }
      li span { color: var(--ink); }
    `,
  ];
  declare src: string;
  declare volume: Volume | null;
  declare index: LayerIndex | null;
  declare at: number;
  declare layer: Layer | null;
  declare playing: boolean;
  declare problem: Problem | null;
  private readonly known = new Map<number, Layer>();
  private loading = false;

  constructor() {
    super();
    this.src = "";
    this.volume = null;
    this.index = null;
    this.at = 0;
    this.layer = null;
    this.playing = false;
    this.problem = null;
  }

  protected override arrive(): void {
    const size = new ResizeObserver(() => this.draw());
    size.observe(this);
    const theme = new MutationObserver(() => this.draw());
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.until(() => {
      size.disconnect();
      theme.disconnect();
    });
    this.every(PLAY_EVERY, () => this.tick());
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("src")) void this.open();
  }

  protected override updated(): void {
    this.draw();
  }

  private async open(): Promise<void> {
    this.known.clear();
    const { src } = this;
    try {
      const index = await hub.api.get<LayerIndex>(src);
      if (src !== this.src) return;
      this.index = index;
      // The middle says more than the first layer.
      await this.go(Math.floor(index.count / 2));
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async go(at: number): Promise<void> {
    const most = (this.index?.count ?? 1) - 1;
    this.at = Math.max(0, Math.min(most, Math.round(at)));
    await this.fetch();
  }

  /** One request at a time; the newest place of the slider is asked for next. */
  private async fetch(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    try {
      let wanted = -1;
      while (wanted !== this.at) {
        wanted = this.at;
        this.layer = await this.get(wanted);
      }
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
      this.playing = false;
    }
    this.loading = false;
  }

  private async get(at: number): Promise<Layer> {
    const known = this.known.get(at);
    if (known) return known;
    const layer = await hub.api.get<Layer>(`${this.src}/${at}`);
    this.known.set(at, layer);
    for (const [old] of this.known) {
      if (this.known.size <= KEPT) break;
      this.known.delete(old);
    }
    return layer;
  }

  private tick(): void {
    if (!this.playing || this.loading || !this.index) return;
    if (this.at >= this.index.count - 1) this.playing = false;
    else void this.go(this.at + 1);
  }

  private play(): void {
    if (!this.playing && this.at >= (this.index?.count ?? 1) - 1) this.at = 0;
    this.playing = !this.playing;
  }

  private draw(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    if (!canvas || !this.index) return;
    this.toggleAttribute("dark", document.documentElement.dataset.theme === "dark");
    const style = getComputedStyle(this);
    const sheet = new Sheet(canvas, this.index.box, this.volume, (name) =>
      style.getPropertyValue(`--${name}`).trim(),
    );
    const below = this.known.get(this.at - 1);
    if (below) sheet.layer(below, 0.18);
    if (this.layer) sheet.layer(this.layer, 1);
  }

  override render(): TemplateResult {
    const { index, layer } = this;
    if (this.problem) return html`<hub-notice .problem=${this.problem}></hub-notice>`;
    if (!index)
      return html`<p class="muted" role="status">${t("The layers are being fetched.")}</p>`;
    const words = t("Layer {n} of {count}", { n: this.at + 1, count: index.count });
    return html`<div class="sheet"><canvas role="img" data-layer=${this.at} aria-label=${words}></canvas></div>
      <div>
        <div class="row">
          <button class="icon" @click=${this.play} aria-label=${this.playing ? t("Pause") : t("Let it grow")} title=${this.playing ? t("Pause") : t("Let it grow")}>${icon(this.playing ? "pause" : "play")}</button>
          <button class="icon" ?disabled=${this.at === 0} @click=${() => void this.go(this.at - 1)} aria-label=${t("One layer down")} title=${t("One layer down")}>${icon("down")}</button>
          <hub-range .label=${t("Layers: {count}", { count: index.count })} .value=${this.at + 1} minimum="1" maximum=${Math.max(2, index.count)} step="1" @set=${(event: SetEvent<number>) => void this.go(event.value - 1)}></hub-range>
          <button class="icon" ?disabled=${this.at >= index.count - 1} @click=${() => void this.go(this.at + 1)} aria-label=${t("One layer up")} title=${t("One layer up")}>${icon("up")}</button>
        </div>
        <ul>${layer ? html`<li><span class="muted">${t("Height {z} mm", { z: number(layer.z, 2) })}</span></li>${shownKinds(layer).map((kind) => html`<li class=${kind}><i></i><span>${NAMES[kind]()}</span></li>`)}` : nothing}</ul>
      </div>`;
  }
}
define("hub-print-layers", LayersView);
