import { base, define, HubElement, i18n, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { type Material, nameOf } from "../material.js";
import type { PartScene, Spot } from "./scene.js";

const TAP = 10;

/** Dispatched when a part is tapped; `part` is its id. */
export class PartTap extends Event {
  constructor(readonly part: string) {
    super("part-tap", { bubbles: true, composed: true });
  }
}

/** A 3D model to turn around, its parts marked, hidden, apart from each other, with their names. */
export class ModelView extends HubElement {
  static override properties = {
    material: { attribute: false },
    address: {},
    hiddenParts: { attribute: false },
    marked: { attribute: false },
    right: { attribute: false },
    wrong: { attribute: false },
    explode: { type: Number },
    names: { type: Boolean },
    fault: { state: true },
    spots: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { position: relative; display: grid; min-height: 0; min-width: 0; overflow: hidden; container-type: size; }
      canvas { width: 100%; height: 100%; display: block; touch-action: none; grid-area: 1 / 1; min-height: 0; min-width: 0; }
      .label { position: absolute; left: 0; top: 0; pointer-events: none; background: rgb(8 14 13 / 72%); color: #fff; border-radius: 0.4em; padding: 0.1em 0.5em; font: 600 clamp(0.875rem, 2.2cqmin, 2.5rem)/1.3 var(--sans, system-ui, sans-serif); white-space: nowrap; max-width: 60%; overflow: hidden; text-overflow: ellipsis; }
      p { grid-area: 1 / 1; place-self: center; padding: 1rem; text-align: center; }
    `,
  ];
  declare material: Material | null;
  /** Where the file's bytes are. */
  declare address: string;
  declare hiddenParts: Set<string>;
  declare marked: Set<string>;
  declare right: Set<string>;
  declare wrong: Set<string>;
  declare explode: number;
  declare names: boolean;
  declare fault: boolean;
  declare spots: Spot[];
  private scene: PartScene | null = null;
  private shown = "";
  private down: { x: number; y: number } | null = null;

  constructor() {
    super();
    this.material = null;
    this.address = "";
    this.hiddenParts = new Set();
    this.marked = new Set();
    this.right = new Set();
    this.wrong = new Set();
    this.explode = 0;
    this.names = false;
    this.fault = false;
    this.spots = [];
  }

  protected override arrive(): void {
    const watch = new ResizeObserver(([entry]) => {
      if (entry) this.scene?.resize(entry.contentRect.width, entry.contentRect.height);
    });
    watch.observe(this);
    this.until(() => watch.disconnect());
    if (this.hasUpdated) void this.begin();
  }

  protected override leave(): void {
    this.scene?.close();
    this.scene = null;
    this.shown = "";
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("material") || changed.has("address")) void this.begin();
    else if (!changed.has("spots")) this.look();
    for (const label of this.renderRoot.querySelectorAll<HTMLElement>(".label")) {
      label.style.transform = `translate(${label.dataset.x}px, ${label.dataset.y}px) translate(-50%, -50%)`;
    }
  }

  private async begin(): Promise<void> {
    const { material, address } = this;
    if (!material || !address || this.shown === address) return;
    this.shown = address;
    try {
      const [{ PartScene }, data] = await Promise.all([
        import("./scene.js"),
        fetch(address, { credentials: "same-origin" }).then((answer) => {
          if (!answer.ok) throw new Error(String(answer.status));
          return answer.arrayBuffer();
        }),
      ]);
      const canvas = this.renderRoot.querySelector("canvas");
      if (this.shown !== address || !canvas || !this.isConnected) return;
      this.scene?.close();
      const scene = new PartScene(canvas);
      this.scene = scene;
      scene.drawn = () => {
        if (this.names) this.spots = scene.spots();
      };
      scene.resize(this.clientWidth, this.clientHeight);
      await scene.load(material.media_type, data);
      this.fault = false;
      this.look();
    } catch {
      this.fault = true; // No WebGL, a file that three.js cannot read, or the hub is out of reach.
      this.shown = "";
    }
  }

  private look(): void {
    this.scene?.show({
      hidden: this.hiddenParts,
      marked: this.marked,
      right: this.right,
      wrong: this.wrong,
      explode: this.explode || 0,
    });
  }

  private released(event: PointerEvent): void {
    const { down } = this;
    this.down = null;
    if (!down || Math.hypot(event.offsetX - down.x, event.offsetY - down.y) > TAP) return;
    const part = this.scene?.at(event.offsetX, event.offsetY);
    if (part) this.dispatchEvent(new PartTap(part));
  }

  override render(): TemplateResult {
    return html`<canvas tabindex="0" role="img" aria-label=${this.material?.title || t("3D model")}
        @pointerdown=${(event: PointerEvent) => {
          this.down = { x: event.offsetX, y: event.offsetY };
        }}
        @pointerup=${this.released}
        @keydown=${(event: KeyboardEvent) => {
          const by = { ArrowLeft: -0.2, ArrowRight: 0.2 }[event.key];
          if (by) this.scene?.turn(by);
        }}></canvas>
      ${this.fault ? html`<p>${t("This model cannot be drawn here.")}</p>` : nothing}
      ${this.names ? this.spots.map((spot) => this.label(spot)) : nothing}`;
  }

  private label(spot: Spot): TemplateResult | typeof nothing {
    const at = this.material?.parts.findIndex((one) => one.id === spot.id) ?? -1;
    const part = this.material?.parts[at];
    if (!part) return nothing;
    return html`<span class="label" data-x=${spot.x} data-y=${spot.y}>${nameOf(part, i18n.language, at)}</span>`;
  }
}
define("hub-model-view", ModelView);
