import { problemOf } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { hasPlaces, type Places, type Volume } from "../model.js";
import type { Colours, ModelScene } from "./scene.js";

type View = { scene: ModelScene; local: RegExp };

const STEP = 0.26;

/**
 * A model in 3D: `src` the hub's preview (GLB) or `file` one on this device, `volume` of the
 * printer, `places` to light up. Where the browser cannot draw in 3D it shows `picture`.
 */
export class ModelView extends HubElement {
  static override properties = {
    src: {},
    file: { attribute: false },
    volume: { attribute: false },
    places: { attribute: false },
    picture: {},
    label: {},
    shapeless: { type: Boolean },
    state: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { position: relative; background: var(--sunken); border-radius: var(--radius-l); overflow: hidden; min-height: 16rem; }
      canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: grab; display: block; }
      canvas:active { cursor: grabbing; }
      canvas:focus-visible { outline-offset: -4px; }
      .tools { position: absolute; right: var(--space-3); bottom: var(--space-3); display: flex; gap: var(--space-2); }
      .tools button { box-shadow: var(--shadow); }
      .said { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: var(--space-3); text-align: center; padding: var(--space-5); pointer-events: none; }
      .said img { max-width: 100%; max-height: 20rem; object-fit: contain; }
      .spin { width: 2.5rem; height: 2.5rem; border-radius: 50%; border: 3px solid var(--line-strong); border-top-color: var(--accent); animation: turn 1.1s linear infinite; }
      @keyframes turn { to { rotate: 1turn; } }
      .hint { position: absolute; left: var(--space-4); bottom: var(--space-4); max-width: calc(100% - 14rem); }
      @media (max-width: 40rem) { .hint { display: none; } }
    `,
  ];
  declare src: string;
  declare file: File | null;
  declare volume: Volume | null;
  declare places: Places | null;
  declare picture: string;
  declare label: string;
  /** The hub has looked at the file, and there is no shape in it. */
  declare shapeless: boolean;
  declare state: "empty" | "loading" | "shown" | "flat";
  private view: View | null = null;
  private making: Promise<View | null> | null = null;
  private asked = 0;
  /** A canvas whose picture was given back cannot be drawn on again. */
  private canvas = 0;

  constructor() {
    super();
    this.src = "";
    this.file = null;
    this.volume = null;
    this.places = null;
    this.picture = "";
    this.label = "";
    this.shapeless = false;
    this.state = "empty";
  }

  protected override arrive(): void {
    const size = new ResizeObserver(() => this.fit());
    size.observe(this);
    const theme = new MutationObserver(() => this.view?.scene.paint(this.colours()));
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.until(() => {
      size.disconnect();
      theme.disconnect();
    });
    if (this.hasUpdated) void this.load();
  }

  protected override leave(): void {
    this.asked += 1;
    this.view?.scene.close();
    this.view = null;
    this.making = null;
    this.canvas += 1;
    this.state = "empty";
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("src") || changed.has("file")) void this.load();
    const scene = this.view?.scene;
    if (!scene) return;
    if (changed.has("volume")) scene.stage(this.volume);
    if (changed.has("places")) this.point();
  }

  private colours(): Colours {
    const style = getComputedStyle(this);
    const of = (name: string) => style.getPropertyValue(name).trim();
    return {
      // As the hub's own pictures of models are.
      model: "#6b9fdc",
      line: of("--line-strong"),
      plate: of("--surface"),
      mark: of("--bad-mark"),
    };
  }

  private fit(): void {
    this.view?.scene.resize(this.clientWidth, this.clientHeight);
  }

  private open(): Promise<View | null> {
    this.making ??= (async () => {
      const { ModelScene, LOCAL } = await import("./scene.js");
      await this.updateComplete;
      const canvas = this.renderRoot.querySelector("canvas");
      if (!canvas || !this.isConnected) return null;
      this.view = { scene: new ModelScene(canvas, this.colours()), local: LOCAL };
      this.view.scene.stage(this.volume);
      this.fit();
      return this.view;
    })();
    return this.making;
  }

  private async load(): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const { src, file } = this;
    if (!src && !file) return;
    if (this.state !== "shown") this.state = "loading";
    try {
      const view = await this.open();
      if (!view || mine !== this.asked) return;
      if (src) {
        const answer = await fetch(src);
        if (!answer.ok) throw new Error(`${answer.status} for the preview`);
        const data = await answer.arrayBuffer();
        if (mine !== this.asked) return;
        await view.scene.showGlb(data);
      } else if (file && view.local.test(file.name)) {
        const data = await file.arrayBuffer();
        if (mine !== this.asked) return;
        await view.scene.showFile(file.name, data);
      } else {
        this.state = "empty";
        return;
      }
      this.state = "shown";
      this.point();
    } catch (error) {
      if (mine !== this.asked) return;
      // No WebGL, or a file that only the hub can judge: the picture and the words stay.
      console.warn("3D:", problemOf(error).detail);
      this.state = file && !src ? "empty" : "flat";
    }
  }

  private point(): void {
    const scene = this.view?.scene;
    if (!scene || this.state !== "shown") return;
    scene.mark(this.places);
    if (this.places && hasPlaces(this.places)) scene.approach(this.places);
    else scene.frame();
  }

  private key(event: KeyboardEvent): void {
    const scene = this.view?.scene;
    const steps: Record<string, () => void> = {
      ArrowLeft: () => scene?.turn(-STEP, 0),
      ArrowRight: () => scene?.turn(STEP, 0),
      ArrowUp: () => scene?.turn(0, STEP),
      ArrowDown: () => scene?.turn(0, -STEP),
      "+": () => scene?.zoom(0.8),
      "=": () => scene?.zoom(0.8),
      "-": () => scene?.zoom(1.25),
      Home: () => scene?.frame(),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  }

  override render(): TemplateResult {
    const shown = this.state === "shown";
    const marked = hasPlaces(this.places ?? undefined);
    return html`${keyed(
      this.canvas,
      html`<canvas tabindex=${shown ? 0 : -1} role="img" ?hidden=${this.state === "flat"}
        aria-label=${this.label || t("The model in 3D. The arrow keys turn it, plus and minus come closer.")}
        data-state=${this.state} data-marked=${marked && shown ? "yes" : "no"} @keydown=${this.key}></canvas>`,
    )}
      ${this.said()}
      ${
        shown
          ? html`<p class="hint muted small" aria-hidden="true">${t("Turn it with your finger or the mouse.")}</p><div class="tools">
            <button class="icon" @click=${() => this.view?.scene.zoom(1.25)} aria-label=${t("Smaller")} title=${t("Smaller")}>${icon("zoom-out")}</button>
            <button class="icon" @click=${() => this.view?.scene.zoom(0.8)} aria-label=${t("Larger")} title=${t("Larger")}>${icon("zoom-in")}</button>
            <button class="icon" @click=${() => this.view?.scene.frame()} aria-label=${t("The whole model")} title=${t("The whole model")}>${icon("focus")}</button>
            <button class="icon" @click=${() => this.view?.scene.frameAll()} aria-label=${t("The whole plate")} title=${t("The whole plate")}>${icon("grow")}</button></div>`
          : nothing
      }`;
  }

  private said(): TemplateResult | typeof nothing {
    if (this.state === "shown") return nothing;
    if (this.state === "loading") {
      return html`<div class="said" role="status"><div class="spin"></div><p class="muted">${t("The model is being drawn.")}</p></div>`;
    }
    const picture = this.picture
      ? html`<img src=${this.picture} alt=${t("Picture of the model")}>`
      : html`<p class="muted">${
          this.shapeless
            ? t("There is no model to show in this file.")
            : t("The model appears here once the hub has looked at it.")
        }</p>`;
    return html`<div class="said">${picture}${
      this.state === "flat"
        ? html`<p class="muted small">${t("This device cannot show it in 3D.")}</p>`
        : nothing
    }</div>`;
  }
}
define("hub-print-model", ModelView);
