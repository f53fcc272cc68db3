import { base, cannotShow, define, HubElement, i18n, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Material, nameOf, type Part } from "../material.js";
import { type Assembly, type Piece, plain, type Tried } from "./assembly.js";
import type { Bench } from "./bench.js";
import type { PartScene, Spot } from "./scene.js";

const TAP = 10;

/** Dispatched when a part is tapped; `part` is its id. */
export class PartTap extends Event {
  constructor(readonly part: string) {
    super("part-tap", { bubbles: true, composed: true });
  }
}

/** Dispatched when a part was put down in an assembly. */
export class PartDrop extends Event {
  constructor(
    readonly part: string,
    readonly tried: Tried,
  ) {
    super("part-drop", { bubbles: true, composed: true });
  }
}

/** A part of this share of the model stays where it is: the others are put to it. */
const BASE = 0.72;

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
    assembly: { attribute: false },
    fault: { state: true },
    spots: { state: true },
    places: { state: true },
    chosen: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { position: relative; display: grid; min-height: 0; min-width: 0; overflow: hidden; container-type: size; }
      canvas { width: 100%; height: 100%; display: block; touch-action: none; grid-area: 1 / 1; min-height: 0; min-width: 0; }
      .label { position: absolute; left: 0; top: 0; pointer-events: none; background: rgb(8 14 13 / 72%); color: #fff; border-radius: 0.4em; padding: 0.1em 0.5em; font: 600 clamp(0.875rem, 2.2cqmin, 2.5rem)/1.3 var(--sans, system-ui, sans-serif); white-space: nowrap; max-width: 60%; overflow: hidden; text-overflow: ellipsis; }
      .piece, .place { position: absolute; left: 0; top: 0; min-width: 0; min-height: 0; }
      .piece { min-height: 2.75rem; padding: 0.25em 0.7em; background: rgb(8 14 13 / 80%); color: #fff; border: 2px solid rgb(255 255 255 / 30%); border-radius: 0.5em; font: 600 clamp(1rem, 2.4cqmin, 2.75rem)/1.2 var(--sans, system-ui, sans-serif); touch-action: none; cursor: grab; max-width: 45cqw; }
      .piece:hover { background: rgb(8 14 13 / 92%); }
      .piece[aria-pressed="true"] { background: var(--accent); border-color: #fff; color: var(--on-accent); }
      .place { width: clamp(2.75rem, 6cqmin, 6rem); height: clamp(2.75rem, 6cqmin, 6rem); padding: 0; border-radius: 50%; border: 0.25rem dashed var(--accent); background: rgb(255 255 255 / 30%); color: transparent; }
      .place:hover, .place:focus-visible { background: rgb(255 255 255 / 70%); }
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
  /** While there is one, parts lie apart and are put together. */
  declare assembly: Assembly | null;
  /** Of an assembly: the open places, and the part that is chosen to be put there. */
  declare places: Spot[];
  declare chosen: string | null;
  private scene: PartScene | null = null;
  private bench: Bench | null = null;
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
    this.assembly = null;
    this.places = [];
    this.chosen = null;
  }

  /** What can be put together of these parts: all, or all but a base that is much of the model. */
  pieces(parts: string[]): Piece[] {
    const { scene, material } = this;
    if (!scene || !material) return [];
    const { id, share } = scene.largest();
    const loose = share > BASE && parts.length > 2 ? parts.filter((one) => one !== id) : parts;
    return loose.map((one) => {
      const at = material.parts.findIndex((part) => part.id === one);
      const part = material.parts[at];
      const name =
        part?.name || Object.keys(part?.names ?? {}).length
          ? plain(nameOf(part as Part, "kk", at))
          : "";
      return { id: one, alike: `${scene.shape(one)} ${name}` };
    });
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
    this.bench = null;
    this.shown = "";
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("material") || changed.has("address")) void this.begin();
    else if (changed.has("assembly")) this.build();
    else if (!changed.has("spots")) this.look();
    for (const label of this.renderRoot.querySelectorAll<HTMLElement>("[data-x]")) {
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
      this.bench = null;
      // Before the scene's own: what holds a part does not turn the model.
      for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"] as const) {
        canvas.addEventListener(type, this.hand, { capture: true });
      }
      const scene = new PartScene(canvas);
      this.scene = scene;
      scene.drawn = () => {
        if (this.names || this.bench) this.spots = scene.spots();
        if (this.bench) this.places = this.bench.places();
      };
      scene.resize(this.clientWidth, this.clientHeight);
      await scene.load(material.media_type, data);
      this.fault = false;
      this.look();
      this.dispatchEvent(new Event("model-ready"));
    } catch {
      cannotShow(this, "not-drawn");
      this.fault = true; // No WebGL, a file that three.js cannot read, or the hub is out of reach.
      this.shown = "";
    }
  }

  /** Lay the parts apart, or put them together. */
  private build(): void {
    const { scene, assembly } = this;
    this.chosen = null;
    this.bench = null;
    if (!scene) return;
    if (!assembly) {
      scene.disassemble();
      this.look();
      return;
    }
    const loose = assembly.left.map((one) => one.id);
    const fixed = this.material?.parts.map((one) => one.id).filter((id) => !loose.includes(id));
    this.bench = scene.assemble(loose, fixed ?? []);
    this.look();
  }

  /** A pointer on the picture: takes a part, carries it, lets it go. */
  private readonly hand = (event: PointerEvent): void => {
    const { bench, scene } = this;
    if (!bench || !scene) return;
    const { offsetX: x, offsetY: y, pointerId: pointer } = event;
    if (event.type === "pointerdown") {
      const part = scene.at(x, y);
      if (part && this.take(event, part, x, y)) event.stopImmediatePropagation();
      return;
    }
    const begun = this.carried.get(pointer);
    if (!begun) return;
    event.stopImmediatePropagation();
    if (event.type === "pointermove") {
      if (Math.hypot(x - begun.x, y - begun.y) > TAP) begun.moved = true;
      if (begun.moved) bench.move(pointer, x, y);
      return;
    }
    this.carried.delete(pointer);
    const part = bench.let(pointer);
    if (!part) return;
    if (event.type === "pointercancel") bench.back(part);
    else if (begun.moved) this.drop(part, bench.distances(part));
    else this.choose(part);
  };
  private readonly carried = new Map<number, { x: number; y: number; moved: boolean }>();

  private take(event: PointerEvent, part: string, x: number, y: number): boolean {
    const open = this.assembly?.left.some((one) => one.id === part);
    if (!open || !this.bench?.take(event.pointerId, part, x, y)) return false;
    this.carried.set(event.pointerId, { x, y, moved: false });
    this.renderRoot.querySelector("canvas")?.setPointerCapture(event.pointerId);
    return true;
  }

  /** A pointer on a part's name carries the part. */
  private takeByName(event: PointerEvent, part: string): void {
    const box = this.getBoundingClientRect();
    this.take(event, part, event.clientX - box.left, event.clientY - box.top);
  }

  private choose(part: string): void {
    this.chosen = this.chosen === part ? null : part;
    this.look();
  }

  /** The chosen part goes to a place, or near one. */
  private put(distances: Map<string, number>): void {
    if (this.chosen) this.drop(this.chosen, distances);
  }

  private drop(part: string, distances: Map<string, number>): void {
    const { assembly, bench } = this;
    if (!assembly || !bench) return;
    const tried = assembly.drop(part, distances, bench.size(part));
    if (tried.said === "right") bench.place(part, tried.target);
    if (tried.said === "wrong") bench.back(part);
    if (assembly.done) this.scene?.frame();
    if (tried.said === "right" || this.chosen !== part) this.chosen = null;
    bench.aim(null);
    this.look();
    this.dispatchEvent(new PartDrop(part, tried));
    if (this.shadowRoot?.activeElement?.classList.contains("place")) void this.goOn();
  }

  /** By keyboard: on to the next part. */
  private async goOn(): Promise<void> {
    await this.updateComplete;
    const piece = this.renderRoot.querySelector<HTMLElement>(".piece");
    (piece ?? this.renderRoot.querySelector("canvas"))?.focus();
  }

  private look(): void {
    this.scene?.show({
      hidden: this.hiddenParts,
      marked: this.chosen ? new Set([this.chosen]) : this.marked,
      right: this.right,
      wrong: this.wrong,
      explode: this.explode || 0,
    });
  }

  private released(event: PointerEvent): void {
    const { down } = this;
    this.down = null;
    if (!down || Math.hypot(event.offsetX - down.x, event.offsetY - down.y) > TAP) return;
    if (this.bench) {
      this.put(this.bench.from({ x: event.offsetX, y: event.offsetY }));
      return;
    }
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
      ${this.assembly ? this.loose(this.assembly) : this.names ? this.spots.map((spot) => this.label(spot)) : nothing}`;
  }

  /** Names of the parts that lie apart; with one chosen, the places to which it can go. */
  private loose({ left }: Assembly): TemplateResult {
    const open = new Set(left.map((one) => one.id));
    const mixed = [...this.places].sort((a, b) => a.y - b.y || a.x - b.x);
    return html`${repeat(
      this.spots.filter((spot) => open.has(spot.id)),
      (spot) => spot.id,
      ({
        id,
        x,
        y,
      }) => html`<button class="piece" data-part=${id} data-x=${x} data-y=${y} aria-pressed=${String(this.chosen === id)}
          @pointerdown=${(event: PointerEvent) => this.takeByName(event, id)}
          @click=${(event: MouseEvent) => event.detail === 0 && this.choose(id)}>${this.nameOf(id)}</button>`,
    )}${
      this.chosen
        ? repeat(
            mixed,
            (place) => place.id,
            (
              { id, x, y },
              at,
            ) => html`<button class="place" data-part=${id} data-x=${x} data-y=${y} aria-label=${t("Place {n}", { n: at + 1 })}
                @focus=${() => this.bench?.aim(id)} @blur=${() => this.bench?.aim(null)}
                @click=${() => this.put(new Map([[id, 0]]))}></button>`,
          )
        : nothing
    }`;
  }

  private nameOf(id: string): string {
    const at = this.material?.parts.findIndex((one) => one.id === id) ?? -1;
    const part = this.material?.parts[at];
    return part ? nameOf(part, i18n.language, at) : "";
  }

  private label(spot: Spot): TemplateResult | typeof nothing {
    const name = this.nameOf(spot.id);
    return name
      ? html`<span class="label" data-x=${spot.x} data-y=${spot.y}>${name}</span>`
      : nothing;
  }
}
define("hub-model-view", ModelView);
