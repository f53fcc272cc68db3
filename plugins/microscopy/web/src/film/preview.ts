import { type Asset, hub } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { minutes } from "../series/series-button.js";
import { darken, draw, HEIGHT, type Scene, WIDTH } from "./drawing.js";
import { type Item, lengthOf, type Showing, type Storyboard, timeline, wordsOf } from "./model.js";

/** How far a clip may run from the film's clock before it is set right, seconds. */
const OFF = 0.3;

type Source = HTMLImageElement | HTMLVideoElement;

/** The film at once, without making it: pictures, clips, words, scale bars and cross-fades. */
export class FilmPreview extends HubElement {
  static override properties = {
    storyboard: { attribute: false },
    assets: { attribute: false },
    lengths: { attribute: false },
    playing: { state: true },
    time: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-2); }
      canvas { display: block; width: 100%; aspect-ratio: 16 / 9; max-height: 46vh; object-fit: contain; border-radius: var(--radius-m); background: #101614; }
      .row { flex-wrap: nowrap; }
      input { flex: 1; min-width: 0; padding: 0; accent-color: var(--accent); background: transparent; border: 0; }
      output { font-variant-numeric: tabular-nums; white-space: nowrap; }
    `,
  ];
  declare storyboard: Storyboard;
  declare assets: ReadonlyMap<string, Asset>;
  declare lengths: ReadonlyMap<string, number>;
  declare playing: boolean;
  declare time: number;
  private readonly sources = new Map<string, Source>();
  private readonly sound = new Audio();
  private showings: Showing[] = [];
  private drawn = 0;
  private last = 0;

  constructor() {
    super();
    this.assets = new Map();
    this.lengths = new Map();
    this.playing = false;
    this.time = 0;
  }

  protected override leave(): void {
    this.pause();
    cancelAnimationFrame(this.drawn);
    for (const source of this.sources.values()) source.removeAttribute("src");
    this.sources.clear();
    this.sound.removeAttribute("src");
  }

  /** Show the moment at which an item is fully there. */
  async show(index: number): Promise<void> {
    await this.updateComplete;
    const showing = this.showings[index];
    if (!showing || this.playing) return;
    this.time = Math.min(showing.start + showing.fade + 0.01, showing.end);
    this.paint();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("storyboard") && !changed.has("lengths")) return;
    this.showings = timeline(this.storyboard.items, this.lengths);
    this.time = Math.min(this.time, this.whole);
  }

  protected override updated(): void {
    const { kind, asset } = this.storyboard.narration;
    const wanted = kind === "recording" && asset ? content(asset) : "";
    if ((this.sound.getAttribute("src") ?? "") !== wanted) {
      if (wanted) this.sound.src = wanted;
      else this.sound.removeAttribute("src");
    }
    if (!this.playing) this.paint();
  }

  private get whole(): number {
    return lengthOf(this.showings);
  }

  private play(): void {
    if (this.whole === 0) return;
    if (this.time >= this.whole - 0.05) this.time = 0;
    this.playing = true;
    this.last = performance.now();
    if (this.sound.getAttribute("src")) {
      this.sound.currentTime = this.time;
      void this.sound.play().catch(() => {}); // A sound that cannot be played is told when the film is made.
    }
    this.drawn = requestAnimationFrame((now) => this.step(now));
  }

  private pause(): void {
    this.playing = false;
    this.sound.pause();
    for (const source of this.sources.values()) {
      if (source instanceof HTMLVideoElement) source.pause();
    }
  }

  private step(now: number): void {
    if (!this.playing) return;
    this.time = Math.min(this.whole, this.time + Math.max(0, now - this.last) / 1000);
    this.last = now;
    this.paint();
    if (this.time >= this.whole) this.pause();
    else this.drawn = requestAnimationFrame((later) => this.step(later));
  }

  private paint(): void {
    const canvas = this.renderRoot.querySelector("canvas");
    const to = canvas?.getContext("2d");
    if (!canvas || !to) return;
    const wide = Math.min(WIDTH, Math.round(canvas.clientWidth * devicePixelRatio) || WIDTH);
    if (canvas.width !== wide) {
      canvas.width = wide;
      canvas.height = Math.round((wide * HEIGHT) / WIDTH);
    }
    to.setTransform(wide / WIDTH, 0, 0, wide / WIDTH, 0, 0);
    darken(to);
    for (const [index, item] of this.storyboard.items.entries()) {
      const showing = this.showings[index];
      if (!showing || this.time < showing.start || this.time > showing.end) continue;
      const share = showing.fade > 0 ? Math.min(1, (this.time - showing.start) / showing.fade) : 1;
      draw(to, this.scene(item, showing), share);
    }
    this.rest();
  }

  private scene(item: Item, showing: Showing): Scene {
    const { language } = this.storyboard;
    const words = {
      title: wordsOf(item.title, language),
      caption: wordsOf(item.caption, language),
    };
    const asset = item.asset === null ? undefined : this.assets.get(item.asset);
    const source = asset ? this.source(asset) : null;
    if (source instanceof HTMLVideoElement)
      this.steer(source, item.begin + this.time - showing.start);
    const video = source instanceof HTMLVideoElement;
    const ready = video ? source.readyState >= 2 : source?.complete && source.naturalWidth > 0;
    const width = (video ? source.videoWidth : source?.naturalWidth) || asset?.width || WIDTH;
    const height = (video ? source.videoHeight : source?.naturalHeight) || asset?.height || HEIGHT;
    const said = asset?.info.scale;
    const known = item.bar && typeof said === "number" && said > 0;
    // What is loaded may be smaller than what is kept: the scale is of the latter.
    const scale = known ? (said * (asset?.width ?? width)) / width : null;
    return {
      ...words,
      source: ready && source ? source : null,
      width,
      height,
      card: item.asset === null,
      language,
      scale,
    };
  }

  private source(asset: Asset): Source {
    let found = this.sources.get(asset.id);
    if (found) return found;
    if (asset.media_type.startsWith("video/")) {
      const video = document.createElement("video");
      video.muted = true;
      video.playsInline = true;
      video.preload = "auto";
      video.addEventListener("seeked", () => this.redraw());
      video.addEventListener("loadeddata", () => this.redraw());
      video.src = asset.links.content;
      found = video;
    } else {
      const image = new Image();
      image.addEventListener("load", () => this.redraw());
      image.src = asset.links.content;
      found = image;
    }
    this.sources.set(asset.id, found);
    return found;
  }

  private redraw(): void {
    if (!this.playing) this.paint();
  }

  private steer(video: HTMLVideoElement, at: number): void {
    if (video.readyState < 1) return;
    const wanted = Math.min(at, video.duration || at);
    const off = Math.abs(video.currentTime - wanted);
    if (this.playing) {
      if (off > OFF) video.currentTime = wanted;
      if (video.paused && !video.ended) void video.play().catch(() => {});
    } else if (off > 0.05 && !video.seeking) video.currentTime = wanted;
  }

  /** Clips that are not on the screen stand still. */
  private rest(): void {
    const seen = new Set<string>();
    for (const [index, item] of this.storyboard.items.entries()) {
      const showing = this.showings[index];
      if (item.asset && showing && this.time >= showing.start && this.time <= showing.end) {
        seen.add(item.asset);
      }
    }
    for (const [id, source] of this.sources) {
      if (source instanceof HTMLVideoElement && !seen.has(id) && !source.paused) source.pause();
    }
  }

  private seek(event: Event): void {
    this.time = (event.target as HTMLInputElement).valueAsNumber;
    if (this.sound.getAttribute("src")) this.sound.currentTime = this.time;
    this.paint();
  }

  override render(): TemplateResult {
    const label = this.playing ? t("Pause") : t("Play");
    return html`<canvas role="img" aria-label=${t("Preview of the film")}></canvas>
      <div class="row">
        <button class="icon" ?disabled=${this.whole === 0} aria-label=${label} title=${label}
          @click=${() => (this.playing ? this.pause() : this.play())}>${icon(this.playing ? "pause" : "play")}</button>
        <input type="range" min="0" max=${this.whole || 1} step="0.05" .value=${String(this.time)} aria-label=${t("Place in the film")}
          aria-valuetext=${minutes(this.time)} ?disabled=${this.whole === 0} @input=${this.seek}>
        <output>${minutes(this.time)} / ${minutes(Math.round(this.whole))}</output>
      </div>`;
  }
}
define("hub-film-preview", FilmPreview);

function content(asset: string): string {
  return hub.api.url(`/assets/${encodeURIComponent(asset)}/content`);
}
