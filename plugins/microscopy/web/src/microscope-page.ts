import {
  type Asset,
  assetNews,
  type Device,
  hub,
  N_,
  type Page,
  type Problem,
  problemOf,
  type Reading,
} from "@classhub/client";
import "@classhub/live-view";
import type { LiveView } from "@classhub/live-view";
import {
  clock,
  define,
  deviceName,
  HubElement,
  helpLink,
  i18n,
  icon,
  number,
  optionText,
  sayProblem,
  t,
  unitText,
  withUnit,
} from "@classhub/ui";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { CaptureButton, CapturedEvent, CaptureFailedEvent } from "./capture-button.js";
import "./capture-button.js";
import { takesPicture } from "./capture-keys.js";
import "./controls-panel.js";
import type { Guide, GuideKind } from "./guided/guide.js";
import "./guided/guide.js";
import "./light/light-panel.js";
import { type ScaleNews, scaleOf } from "./live-scale.js";
import type { GuideEvent } from "./series/series-button.js";
import "./series/series-button.js";
import { microscopeStyles } from "./microscope-page.styles.js";
import { type ScaleBar, scaleBar } from "./scale.js";

const STRIP = 8;
/** The scale bar's greatest width in rem. */
const LONGEST_BAR = 14;

/** A frozen picture can be kept only for the few seconds that the hub holds it. */
const THAWED: Problem = {
  code: "frame-gone",
  title: N_("The frozen picture can no longer be kept."),
  hint: N_("Show the picture live again, then press the button."),
  severity: "warning",
};

/** A microscope: the picture first, one big button, what was kept, and the controls at the side. */
class MicroscopePage extends HubElement {
  static immersive = true;
  static override properties = {
    params: { attribute: false },
    device: { state: true },
    readings: { state: true },
    captures: { state: true },
    problem: { state: true },
    bar: { state: true },
    controls: { state: true },
    full: { state: true },
    frozen: { state: true },
    fresh: { state: true },
    light: { state: true },
    guide: { state: true },
  };
  static override styles = microscopeStyles;
  declare params: { id: string };
  declare device: Device | null;
  declare readings: Record<string, Reading>;
  declare captures: Asset[];
  declare problem: Problem | null;
  declare bar: ScaleBar | null;
  declare controls: boolean;
  declare full: boolean;
  /** The picture stands still on this screen; captures keep the one that is seen. */
  declare frozen: boolean;
  declare fresh: string;
  /** Histogram, sharpness and even light are at the side. */
  declare light: boolean;
  /** A person is led through a stack or a mosaic. */
  declare guide: GuideKind | null;

  constructor() {
    super();
    this.params = { id: "" };
    this.device = null;
    this.readings = {};
    this.captures = [];
    this.problem = null;
    this.bar = null;
    this.controls = false;
    this.full = false;
    this.frozen = false;
    this.fresh = "";
    this.light = false;
    this.guide = null;
  }

  protected override arrive(): void {
    const id = this.params.id;
    this.on(hub.session, "change", () => this.requestUpdate());
    this.on(document, "keydown", (event) => this.key(event as KeyboardEvent));
    this.on(document, "fullscreenchange", () => {
      this.full = document.fullscreenElement !== null;
    });
    this.on(window, "resize", () => this.measure());
    this.until(hub.stream.subscribe(`${id}/p/+`, (topic, payload) => this.read(topic, payload)));
    this.until(
      hub.stream.subscribe(`x/microscopy/${id}/scale`, (_, payload) => {
        this.news = payload as ScaleNews | null;
        this.measure();
        this.requestUpdate();
      }),
    );
    this.until(hub.stream.subscribe(`${id}/state`, () => void this.load()));
    this.until(hub.stream.subscribe("assets/+", (_, payload) => this.hear(payload)));
    this.on(i18n, "change", () => void this.load());
    this.on(hub.stream, "back", () => void this.loadStrip());
    void this.load();
    void this.loadStrip();
  }

  private news: ScaleNews | null = null;
  private loading = false;
  private again = false;

  private async load(): Promise<void> {
    // The retained state arrives while the page asks for the first time: one answer serves both.
    if (this.loading) {
      this.again = this.device !== null;
      return;
    }
    this.loading = true;
    try {
      this.device = await hub.api.get<Device>(`/devices/${encodeURIComponent(this.params.id)}`);
      this.readings = { ...this.device.properties, ...this.readings };
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.loading = false;
    if (this.again) {
      this.again = false;
      void this.load();
    }
  }

  private async loadStrip(): Promise<void> {
    try {
      const page = await hub.api.get<Page<Asset>>(
        `/microscopes/${encodeURIComponent(this.params.id)}/captures`,
        { limit: STRIP, lesson: hub.session.lesson?.id },
      );
      this.captures = page.items.filter((asset) => this.mine(asset));
    } catch {
      this.captures = []; // The strip is a comfort; the album shows what went wrong.
    }
  }

  /** Pupils see their own pictures here, teachers the whole lesson's. */
  private mine(asset: Asset): boolean {
    const me = hub.session.principal;
    return hub.session.may("teacher") || asset.owner?.id === (me?.person ?? me?.id);
  }

  private read(topic: string, payload: unknown): void {
    const name = topic.split("/").at(-1) ?? "";
    this.readings = { ...this.readings, [name]: payload as Reading };
    if (name === "scale" || name === "objective") this.measure();
  }

  private hear(payload: unknown): void {
    const news = assetNews(payload);
    if (!news) return;
    const { change, asset } = news;
    if (change === "deleted") this.captures = this.captures.filter((one) => one.id !== asset.id);
    else if (change === "edited") {
      this.captures = this.captures.map((one) => (one.id === asset.id ? asset : one));
    } else if (asset.device === this.params.id && this.mine(asset)) this.keep(asset);
  }

  private keep(asset: Asset): void {
    if (this.captures.some((one) => one.id === asset.id)) return;
    this.captures = [asset, ...this.captures].slice(0, STRIP);
    this.fresh = asset.id;
  }

  private get view(): LiveView | null {
    return this.renderRoot.querySelector("hub-live-view");
  }

  private get button(): CaptureButton | null {
    return this.renderRoot.querySelector("hub-capture-button");
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.controls) this.toggle();
    else if (event.key === "Escape" && this.light) this.toggleLight();
    if (!takesPicture(event)) return;
    event.preventDefault();
    void this.button?.capture();
  }

  private measure(): void {
    const view = this.view;
    const place = view?.placement;
    const canvas = view?.canvas;
    const value = (this.news && canvas && scaleOf(this.news, canvas.width, canvas.height)) ?? 0;
    if (!place || value <= 0) {
      if (this.bar) this.bar = null;
      return;
    }
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const bar = scaleBar(value, place.zoom, Math.min(place.width * 0.3, LONGEST_BAR * rem));
    if (bar?.width !== this.bar?.width || bar?.length !== this.bar?.length) this.bar = bar;
    const element = this.renderRoot.querySelector<HTMLElement>(".scale");
    if (!element || !view) return;
    element.style.left = `${Math.max(0, place.left) + rem}px`;
    element.style.bottom = `${Math.max(0, place.top) + rem}px`;
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("bar") && this.bar) {
      const line = this.renderRoot.querySelector<HTMLElement>(".scale i");
      if (line) line.style.width = `${this.bar.width}px`;
      this.measure();
    }
    if (changed.has("fresh") && this.fresh) void this.fly();
  }

  /** Let the picture that was just kept fly from the live picture into the strip. */
  private async fly(): Promise<void> {
    const place = this.view?.placement;
    const target = this.renderRoot.querySelector<HTMLElement>(`[data-id="${this.fresh}"]`);
    const from = this.view?.getBoundingClientRect();
    if (!place || !target || !from || matchMedia("(prefers-reduced-motion: reduce)").matches)
      return;
    const to = target.getBoundingClientRect();
    const x = from.left + place.left + place.width / 2 - (to.left + to.width / 2);
    const y = from.top + place.top + place.height / 2 - (to.top + to.height / 2);
    const scale = place.width / Math.max(1, to.width);
    target.animate(
      [
        { transform: `translate(${x}px, ${y}px) scale(${scale})`, opacity: 0.9 },
        { transform: "none", opacity: 1 },
      ],
      { duration: 420, easing: "cubic-bezier(.3,.7,.2,1)" },
    );
  }

  private async fullScreen(): Promise<void> {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await document.documentElement.requestFullscreen();
    } catch {
      sayProblem({ code: "no-fullscreen", title: N_("This browser shows no full screen.") });
    }
  }

  override render(): TemplateResult {
    const device = this.device;
    const teacher = hub.session.may("teacher");
    const place = this.view?.placement;
    const album = hub.session.lesson ? `/lessons/${hub.session.lesson.id}/album` : "/albums";
    return html`<div class="stage ${this.controls || this.light ? "with-controls" : ""}">
      <div class="picture">
        <hub-live-view .device=${this.params.id} ?paused=${this.frozen} @drawn=${this.measure}></hub-live-view>
        ${this.scale()}
        ${
          this.guide
            ? html`<hub-guide .kind=${this.guide} .view=${this.view} @over=${() => {
                this.guide = null;
              }}></hub-guide>`
            : nothing
        }
        <header>
          <a class="over icon button" href="/" aria-label=${t("Back to the home page")}>${icon("arrow-left")}</a>
          <h1><span class="name">${device ? deviceName(device) : t("Microscope")}</span>${this.lens()}</h1>
          <span class="grow"></span>
          <button class="over icon light" @click=${this.toggleLight} aria-expanded=${this.light ? "true" : "false"}
            aria-label=${t("Light and sharpness")} title=${t("Light and sharpness")}>${icon("sun")}</button>
          <button class="over icon" @click=${this.freeze} aria-pressed=${this.frozen ? "true" : "false"}
            aria-label=${t("Freeze the picture")} title=${this.frozen ? t("Show it live again") : t("Freeze the picture")}>${icon(this.frozen ? "play" : "pause")}</button>
          <hub-panel-button compact over .device=${this.params.id}></hub-panel-button>
          ${helpLink("over")}
          <button class="over icon" @click=${this.fullScreen} aria-label=${this.full ? t("Leave full screen") : t("Full screen")}
            title=${this.full ? t("Leave full screen") : t("Full screen")}>${icon(this.full ? "shrink" : "grow")}</button>
          ${
            teacher && !this.controls
              ? html`<button class="over controls" @click=${this.toggle} aria-expanded="false" aria-label=${t("Controls")}>${icon("sliders")}<span class="wide">${t("Controls")}</span></button>`
              : nothing
          }
        </header>
        ${this.problem && device ? html`<div class="trouble"><hub-notice .problem=${this.problem}></hub-notice></div>` : nothing}
      </div>
      ${
        this.controls && device
          ? html`<aside aria-label=${t("Controls")}>
            <div class="aside-head"><h2>${t("Controls")}</h2>
              <button class="quiet icon" @click=${this.toggle} aria-label=${t("Close")}>${icon("close")}</button></div>
            <hub-microscope-controls .device=${device} .readings=${this.readings} .pixels=${place ? Math.round(place.width / place.zoom) : 0}></hub-microscope-controls>
          </aside>`
          : this.light
            ? html`<aside aria-label=${t("Light and sharpness")}>
            <div class="aside-head"><h2>${t("Light and sharpness")}</h2>
              <button class="quiet icon" @click=${this.toggleLight} aria-label=${t("Close")}>${icon("close")}</button></div>
            <hub-light-panel .device=${this.params.id} .view=${this.view} .objective=${this.objective}></hub-light-panel>
          </aside>`
            : nothing
      }
      <footer>
        ${
          this.captures.length === 0
            ? html`<p class="strip nothing">${t("Pictures you take appear here.")}</p>`
            : html`<ul class="strip" aria-label=${t("Last pictures")}>${repeat(
                this.captures,
                (asset) => asset.id,
                (
                  asset,
                ) => html`<li><a data-id=${asset.id} href="${asset.lesson ? `/lessons/${asset.lesson}/album` : "/albums"}#${asset.id}"
                  aria-label=${t("Picture: {title}", { title: asset.note || clock(asset.created) })}><img src=${asset.links.thumbnail} alt="" loading="lazy" decoding="async"></a></li>`,
              )}</ul>`
        }
        <div class="take"><hub-capture-button .device=${this.params.id} @captured=${(event: CapturedEvent) => this.captured(event.asset)}
          @capture-failed=${(event: CaptureFailedEvent) => {
            event.preventDefault();
            sayProblem(this.frozen && event.problem.code === "frame-gone" ? THAWED : event.problem);
          }}></hub-capture-button>
        <hub-series-button .device=${this.params.id} .description=${device?.description ?? null} @guide=${(event: GuideEvent) => this.lead(event.kind)}></hub-series-button></div>
        <a class="button album" href=${album} aria-label=${t("Album")}>${icon("images")}<span>${t("Album")}</span></a>
      </footer>
    </div>`;
  }

  private freeze(): void {
    if (this.view?.frame !== null) this.frozen = !this.frozen;
  }

  private captured(asset: Asset): void {
    this.keep(asset);
    this.renderRoot.querySelector<Guide>("hub-guide")?.add(asset);
  }

  /** Lead through a stack or a mosaic; the picture is live for it. */
  private lead(kind: GuideKind): void {
    this.guide = kind;
    this.frozen = false;
    this.controls = false;
    this.light = false;
  }

  private toggleLight(): void {
    this.light = !this.light;
    this.controls = false;
    void this.updateComplete.then(() => {
      const next = this.light ? ".aside-head button" : ".light";
      this.renderRoot.querySelector<HTMLElement>(next)?.focus();
      this.measure();
    });
  }

  private toggle(): void {
    this.controls = !this.controls;
    this.light = false;
    void this.updateComplete.then(() => {
      const next = this.controls ? ".aside-head button" : ".controls";
      this.renderRoot.querySelector<HTMLElement>(next)?.focus();
      this.measure();
    });
  }

  private get objective(): string | null {
    const objective = this.news?.objective ?? this.readings.objective?.value;
    return typeof objective === "string" && objective ? objective : null;
  }

  private lens(): TemplateResult | typeof nothing {
    const objective = this.objective;
    return objective ? html`<span class="lens">${optionText(objective)}</span>` : nothing;
  }

  private scale(): TemplateResult {
    const bar = this.bar;
    const text = bar ? withUnit(number(bar.figure), unitText(bar.unit)) : "";
    return html`<div class="scale" ?hidden=${!bar} role="img" aria-label=${t("Scale bar: {length}", { length: text })}><span>${text}</span><i></i></div>`;
  }
}
define("hub-microscope-page", MicroscopePage);
