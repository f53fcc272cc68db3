import { hub } from "@classhub/client";
import { base, cannotShow, define, HubElement, number, t, unitText, withUnit } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { overlay } from "../measure/overlay.js";
import { shapeStyles } from "../measure/shape.styles.js";
import type { Shape } from "../measure/shapes.js";
import { Sketch } from "../measure/sketch.js";
import { fit, type Size } from "../measure/view.js";
import { scaleBar } from "../scale.js";

/** The class's screen is read from the back row: so much of it is what a laptop's page is at 1. */
const LAPTOP = 540;

/** As `GET /captures/{asset}/annotations/screen` says it. */
interface Shown extends Size {
  scale: number | null;
  items: Shape[];
}

/** A picture with what is drawn on it, as it is drawn. Attributes: `asset`, `layer`. */
export class ScreenMeasured extends HubElement {
  static override properties = {
    asset: {},
    layer: {},
    shown: { state: true },
    room: { state: true },
    gone: { state: true },
  };
  static override styles = [
    base,
    shapeStyles,
    css`
      :host { position: relative; display: grid; overflow: hidden; background: #0a0f0e; color: #f4f8f6; }
      img { width: 100%; height: 100%; min-height: 0; object-fit: contain; grid-area: 1 / 1; }
      svg { position: absolute; inset: 0; width: 100%; height: 100%; }
      .scale { left: 2rem; bottom: 2rem; font-size: 1.6rem; }
      .said { place-self: center; grid-area: 1 / 1; color: #cbd6d1; font: var(--type-heading); }
    `,
  ];
  declare asset: string;
  declare layer: string;
  declare shown: Shown | null;
  declare room: Size;
  declare gone: boolean;
  private readonly sketch = new Sketch(
    () => {},
    () => {},
  );

  constructor() {
    super();
    this.asset = "";
    this.layer = "";
    this.shown = null;
    this.room = { width: 1, height: 1 };
    this.gone = false;
  }

  protected override arrive(): void {
    const watch = new ResizeObserver(() => {
      this.room = { width: this.clientWidth, height: this.clientHeight };
    });
    watch.observe(this);
    this.until(() => watch.disconnect());
    this.until(
      hub.stream.subscribe("x/microscopy/screen", (_, payload) => {
        const told = payload as { asset?: string } | null;
        if (told?.asset === this.asset) void this.load();
      }),
    );
  }

  protected override willUpdate(changed: PropertyValues): void {
    if ((changed.has("asset") || changed.has("layer")) && this.asset) void this.load();
  }

  private async load(): Promise<void> {
    const { asset } = this;
    try {
      const path = `/captures/${encodeURIComponent(asset)}/annotations/screen`;
      const shown = await hub.api.get<Shown>(path);
      if (asset !== this.asset) return;
      this.sketch.open(shown.items, false);
      this.shown = shown;
    } catch {
      // The picture itself says whether it is gone; without the hub what is drawn stays.
    }
  }

  protected override updated(): void {
    const scale = this.renderRoot.querySelector<HTMLElement>(".scale");
    if (!scale || !this.shown) return;
    const { left, top } = fit(this.shown, this.room); // on the picture, not in the black beside it
    scale.style.translate = `${left}px ${-top}px`;
    scale.querySelector("i")?.style.setProperty("width", `${this.bar()?.width ?? 0}px`);
  }

  private bar(): ReturnType<typeof scaleBar> {
    const { shown, room } = this;
    if (!shown || shown.scale === null) return null;
    return scaleBar(shown.scale, fit(shown, room).zoom, room.width / 4);
  }

  override render(): TemplateResult {
    if (this.gone) return html`<p class="said">${t("This picture is not there any more.")}</p>`;
    const { shown, room, sketch } = this;
    const size = Math.max(1, Math.min(room.width, room.height) / LAPTOP);
    return html`${
      this.asset
        ? html`<img alt=${t("Picture")} src="/api/v1/panel/content?asset=${encodeURIComponent(this.asset)}" @error=${this.broken}>`
        : nothing
    }<svg>${shown ? overlay({ sketch, view: fit(shown, room), scale: shown.scale, size }) : nothing}</svg>${this.scaleBar()}`;
  }

  private scaleBar(): TemplateResult | typeof nothing {
    const bar = this.bar();
    if (!bar) return nothing;
    const text = withUnit(number(bar.figure), unitText(bar.unit));
    return html`<div class="scale" role="img" aria-label=${t("Scale bar: {length}", { length: text })}><span>${text}</span><i></i></div>`;
  }

  private broken(): void {
    this.gone = true;
    cannotShow(this, "not-loaded");
  }
}
define("hub-screen-measured", ScreenMeasured);
