import { type Asset, hub, N_, type Problem, problemOf } from "@classhub/client";
import {
  define,
  givenName,
  HubElement,
  helpLink,
  i18n,
  icon,
  number,
  personName,
  sayProblem,
  t,
  unitText,
  withUnit,
} from "@classhub/ui";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { albumOf } from "../album.js";
import { type ScaleBar, scaleBar } from "../scale.js";
import { distance } from "./geometry.js";
import { type Gesture, Gestures } from "./gestures.js";
import { Keeper, type Keeping } from "./keeper.js";
import { magnify } from "./loupe.js";
import { measureStyles } from "./measure-page.styles.js";
import { overlay } from "./overlay.js";
import "./show-button.js";
import type { Annotations, Layer, Point, Shape } from "./shapes.js";
import { type Drag, Sketch } from "./sketch.js";
import type { ShapeEvent } from "./table.js";
import "./table.js";
import { HINTS, labelDialog, TOOLS, toolbar } from "./tools.js";
import { fit, inside, onPicture, onScreen, type Size, type View, zoomed } from "./view.js";

/** How far from a point it is taken hold of, in rem. */
const REACH = { touch: 1.6, mouse: 0.8 };
/** The scale bar's greatest width in rem. */
const BAR = 15;

/** A picture to measure on: tools, the picture with what is drawn, the table of values. */
class MeasurePage extends HubElement {
  static immersive = true;
  static override properties = {
    params: { attribute: false },
    asset: { state: true },
    found: { state: true },
    layer: { state: true },
    view: { state: true },
    keeping: { state: true },
    problem: { state: true },
    loupe: { state: true },
  };
  static override styles = measureStyles;
  declare params: { id: string };
  declare asset: Asset | null;
  declare found: Annotations | null;
  declare layer: Layer | null;
  declare view: View | null;
  declare keeping: Keeping;
  declare problem: Problem | null;
  /** Where the loupe looks, in pixels of the screen. */
  declare loupe: Point | null;
  private readonly sketch = new Sketch(
    () => this.requestUpdate(),
    (shapes) => this.keeper?.put(shapes),
  );
  private keeper: Keeper | null = null;
  private gestures: Gestures | null = null;
  private picture: Size | null = null;
  private room: Size = { width: 1, height: 1 };
  private fitted = true;
  /** Where a drawing was pressed, and whether it has begun a line since. */
  private pressed: Point | null = null;
  private begun = false;

  constructor() {
    super();
    this.params = { id: "" };
    this.asset = null;
    this.found = null;
    this.layer = null;
    this.view = null;
    this.keeping = "kept";
    this.problem = null;
    this.loupe = null;
  }

  protected override arrive(): void {
    this.on(document, "keydown", (event) => this.key(event as KeyboardEvent));
    this.on(document, "visibilitychange", () => document.hidden && void this.keeper?.flush());
    const topic = `x/microscopy/annotations/${this.params.id}`;
    this.until(hub.stream.subscribe(topic, (_, payload) => this.hear(payload)));
    void this.load();
  }

  protected override leave(): void {
    this.gestures?.close();
    this.gestures = null;
    void this.keeper?.close();
  }

  private async load(): Promise<void> {
    const id = encodeURIComponent(this.params.id);
    try {
      const [asset, found] = await Promise.all([
        hub.api.get<Asset>(`/assets/${id}`),
        hub.api.get<Annotations>(`/captures/${id}/annotations`),
      ]);
      this.asset = asset;
      this.found = found;
      this.problem = null;
      const own = found.items[0];
      const owners = found.items.find((layer) => layer.author.id === asset.owner?.id);
      // A teacher who opens a pupil's picture wants to see what the pupil has measured.
      const first = !own?.items.length && owners?.editable ? owners : own;
      if (first) this.open(first);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private open(layer: Layer): void {
    void this.keeper?.close();
    this.layer = layer;
    this.keeper = new Keeper(hub.api, this.params.id, layer, {
      changed: (shapes) => this.sketch.replace(shapes),
      state: (state, problem) => {
        if (problem && this.keeping !== "not-kept") sayProblem(problem);
        this.keeping = state;
      },
    });
    this.sketch.open(layer.items, layer.editable);
  }

  private async choose(author: string): Promise<void> {
    await this.keeper?.close();
    try {
      const path = `/captures/${encodeURIComponent(this.params.id)}/annotations`;
      this.found = await hub.api.get<Annotations>(path);
      const layer = this.found.items.find((one) => one.author.id === author);
      if (layer) this.open(layer);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private hear(payload: unknown): void {
    const news = payload as { author?: string; revision?: number } | null;
    if (news?.author === this.layer?.author.id) this.keeper?.heard(news?.revision ?? 0);
  }

  private get scale(): number | null {
    return this.found?.scale ?? null;
  }

  // The picture on the screen

  private shown(event: Event): void {
    const image = event.target as HTMLImageElement;
    this.picture = { width: image.naturalWidth, height: image.naturalHeight };
    this.sketch.picture = this.picture;
    const stage = this.renderRoot.querySelector(".stage");
    const over = this.renderRoot.querySelector("svg.over");
    if (!stage || !over || this.gestures) return;
    this.gestures = new Gestures(over, {
      press: (gesture) => this.press(gesture),
      drag: (gesture) => this.dragged(gesture),
      release: (gesture, tapped) => this.release(gesture, tapped),
      cancel: () => this.cancel(),
      move: (factor, at, by) => this.look(factor, at, by),
      hover: (at) => this.sketch.draft && this.sketch.aim(at && this.place(at)),
    });
    const watch = new ResizeObserver(() => {
      this.room = { width: stage.clientWidth, height: stage.clientHeight };
      if (this.fitted || !this.view) this.whole();
      else this.look(1, [0, 0], [0, 0]);
    });
    watch.observe(stage);
    this.until(() => watch.disconnect());
  }

  private whole(): void {
    if (!this.picture) return;
    this.fitted = true;
    this.view = fit(this.picture, this.room);
  }

  private look(factor: number, at: Point, by: Point): void {
    if (!this.picture || !this.view) return;
    this.fitted = false;
    this.view = zoomed(this.view, factor, at, by, this.picture, this.room);
  }

  private zoom(factor: number): void {
    this.look(factor, [this.room.width / 2, this.room.height / 2], [0, 0]);
  }

  /** The point of the picture under a point of the screen. */
  private place(at: Point): Point {
    if (!this.view || !this.picture) return [0, 0];
    return inside(onPicture(this.view, at), this.picture);
  }

  protected override updated(changed: PropertyValues): void {
    const image = this.renderRoot.querySelector<HTMLImageElement>(".stage img");
    if (changed.has("view") && this.view && this.picture && image) {
      image.style.left = `${this.view.left}px`;
      image.style.top = `${this.view.top}px`;
      image.style.width = `${this.picture.width * this.view.zoom}px`;
      image.style.height = `${this.picture.height * this.view.zoom}px`;
    }
    const bar = this.renderRoot.querySelector<HTMLElement>(".scale i");
    if (bar) bar.style.width = `${this.bar()?.width ?? 0}px`;
    const loupe = this.renderRoot.querySelector<HTMLElement>(".loupe");
    if (loupe && this.loupe && this.view && this.picture && this.asset) {
      magnify(loupe, this.loupe, this.asset.links.content, this.picture, this.view, this.room);
    }
  }

  // Drawing

  private press(gesture: Gesture): boolean {
    this.renderRoot.querySelector<HTMLElement>(".stage")?.focus({ preventScroll: true });
    const grip = this.grip(gesture);
    const precise = gesture.touch && (grip ? grip.index !== null : this.sketch.drawing);
    this.loupe = precise ? gesture.at : null;
    if (grip) {
      this.sketch.grab(grip);
      return true;
    }
    if (!this.sketch.drawing) return false;
    this.pressed = gesture.at;
    this.begun = false;
    this.sketch.aim(this.place(gesture.at));
    return true;
  }

  /** The point or shape that is pressed, where it can be moved. */
  private grip({ at, touch, target }: Gesture): Drag | null {
    const { editable, draft, tool, chosen } = this.sketch;
    if (!this.view || !editable || draft) return null;
    const from = this.place(at);
    let nearest = reach(touch);
    let index: number | null = null;
    for (const [number, point] of chosen?.points.entries() ?? []) {
      const away = distance(onScreen(this.view, point), at);
      if (away <= nearest) [nearest, index] = [away, number];
    }
    if (chosen && index !== null) return { shape: chosen, index, from };
    const shape = tool === "move" ? this.shapeOf(target) : undefined;
    return shape ? { shape, index: null, from } : null;
  }

  private shapeOf(target: EventTarget | null): Shape | undefined {
    const id = target instanceof Element && target.closest("[data-id]")?.getAttribute("data-id");
    return this.sketch.shapes.find((shape) => shape.id === id);
  }

  private dragged(gesture: Gesture): void {
    const { drag } = this.sketch;
    this.loupe = gesture.touch && drag?.index !== null ? gesture.at : null;
    const at = this.place(gesture.at);
    if (drag) {
      this.sketch.dragTo(at);
      return;
    }
    if (this.pressed && !this.begun && distance(this.pressed, gesture.at) > reach(false)) {
      this.begun = this.sketch.draft === null;
      this.sketch.begin(this.place(this.pressed));
    }
    this.sketch.aim(at);
  }

  private release(gesture: Gesture, tapped: boolean): void {
    this.loupe = null;
    this.pressed = null;
    if (this.sketch.drag) this.sketch.letGo(tapped);
    else if (!this.sketch.drawing) this.sketch.choose(this.shapeOf(gesture.target)?.id ?? null);
    else this.sketch.add(this.place(gesture.at), this.closes(gesture));
  }

  /** The first point of what is drawn is tapped again. */
  private closes({ at, touch }: Gesture): boolean {
    const first = this.sketch.draft?.points[0];
    if (!first || !this.view) return false;
    return distance(onScreen(this.view, first), at) <= reach(touch);
  }

  private cancel(): void {
    this.sketch.cancel(this.pressed !== null && this.begun);
    this.pressed = null;
    this.loupe = null;
  }

  // Keys

  private key(event: KeyboardEvent): void {
    const at = event.composedPath()[0];
    const typing = at instanceof HTMLInputElement || at instanceof HTMLSelectElement;
    if (typing || this.sketch.labelAt || !this.handled(event, at)) return;
    event.preventDefault();
  }

  private handled(event: KeyboardEvent, at: EventTarget | undefined): boolean {
    const { sketch } = this;
    if (event.ctrlKey || event.metaKey) {
      // By the key's place: with Cyrillic letters it says no "z".
      if (event.code === "KeyZ") sketch.travel(event.shiftKey ? "redo" : "undo");
      else if (event.code === "KeyY") sketch.travel("redo");
      else return false;
      return true;
    }
    if (event.altKey) return false;
    const pressed = at instanceof HTMLButtonElement || at instanceof HTMLAnchorElement;
    const arrow = ARROWS[event.key];
    const tool = TOOLS[Number(event.key) - 1];
    if (arrow && sketch.chosen) sketch.nudge(arrow);
    else if (arrow) this.look(1, [0, 0], [-40 * arrow[0], -40 * arrow[1]]);
    else if (tool && (sketch.editable || tool === "move")) sketch.take(tool);
    else if (event.key === "Delete" || event.key === "Backspace") sketch.eraseChosen();
    else if (event.key === "Escape") sketch.escape();
    else if (event.key === "Enter" && sketch.draft && !pressed) sketch.finish();
    else if (event.key === " " && !pressed) {
      sketch.add(this.place([this.room.width / 2, this.room.height / 2]));
    } else if (event.key === "+" || event.key === "=") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else if (event.key === "0") this.whole();
    else return false;
    return true;
  }

  override render(): TemplateResult {
    const { sketch } = this;
    return html`<div class="frame">${this.header()}
      ${toolbar(sketch.tool, sketch.editable, (tool) => sketch.take(tool))}
      ${this.stage()}${this.side()}</div>
      ${labelDialog(sketch.labelAt !== null, (text) => (text ? sketch.label(text) : sketch.drop()))}`;
  }

  private header(): TemplateResult {
    const asset = this.asset;
    const { sketch } = this;
    return html`<header>
      <a class="dark icon button" href=${albumOf(asset)} aria-label=${t("Back to the album")}>${icon("arrow-left")}</a>
      <h1>${asset ? givenName(asset.title) || t("Picture") : t("Measure")}</h1>
      <span class="grow"></span>
      <span class="state ${this.keeping === "not-kept" ? "wrong" : ""}" role="status">${stateText(this.keeping)}</span>
      ${this.layers()}
      <hub-show-measured .asset=${asset?.id ?? ""} .author=${this.layer?.author.id ?? ""}></hub-show-measured>
      <button class="dark icon" ?disabled=${!sketch.canUndo} aria-label=${t("Undo")} title=${t("Undo")}
        @click=${() => sketch.travel("undo")}>${icon("undo")}</button>
      <button class="dark icon" ?disabled=${!sketch.canRedo} aria-label=${t("Redo")} title=${t("Redo")}
        @click=${() => sketch.travel("redo")}>${icon("redo")}</button>
      ${helpLink("dark")}
    </header>`;
  }

  private layers(): TemplateResult | typeof nothing {
    const layers = this.found?.items ?? [];
    if (layers.length < 2) return nothing;
    return html`<select class="whose" aria-label=${t("Whose measurements")} @change=${(
      event: Event,
    ) => void this.choose((event.target as HTMLSelectElement).value)}>${layers.map(
      (layer, index) =>
        html`<option value=${layer.author.id} ?selected=${layer.author.id === this.layer?.author.id}>${
          index === 0 ? t("My measurements") : personName(layer.author.name) || t("No name")
        }</option>`,
    )}</select>`;
  }

  private stage(): TemplateResult {
    const { sketch, view, scale } = this;
    const close = (view?.zoom ?? 0) > 3 ? "close" : "";
    return html`<div class="stage ${sketch.drawing ? "drawing" : ""}" tabindex="0" role="group" aria-label=${t("Picture")}>
      ${this.asset ? html`<img class=${close} src=${this.asset.links.content} alt="" draggable="false" @load=${this.shown} @error=${this.broken}>` : nothing}
      <svg class="over" @dblclick=${() => sketch.finish()}>${view ? overlay({ sketch, view, scale, size: rem() / 16 }) : nothing}</svg>
      ${this.loupe ? html`<div class="loupe"></div>` : nothing}
      ${this.hint()}${this.scaleBar()}
      <div class="zoom">
        <button class="over-picture icon" aria-label=${t("Larger")} title=${t("Larger")} @click=${() => this.zoom(1.5)}>${icon("zoom-in")}</button>
        <button class="over-picture icon" aria-label=${t("Smaller")} title=${t("Smaller")} @click=${() => this.zoom(1 / 1.5)}>${icon("zoom-out")}</button>
        <button class="over-picture icon" aria-label=${t("Whole picture")} title=${t("Whole picture")} @click=${this.whole}>${icon("grow")}</button>
      </div>
    </div>`;
  }

  private broken(): void {
    this.problem = { code: "bad-picture", title: N_("This picture cannot be shown.") };
  }

  private hint(): TemplateResult | typeof nothing {
    const { tool, drawing, drag, draft, ready } = this.sketch;
    if (!drawing || tool === "move" || !this.view || drag || this.loupe) return nothing;
    return html`<div class="hint"><p>${t(HINTS[tool])}</p>
      ${ready ? html`<button class="primary" @click=${() => this.sketch.finish()}>${icon("check")}${t("Done")}</button>` : nothing}
      ${draft ? html`<button class="over-picture" @click=${() => this.sketch.drop()}>${icon("close")}${t("Cancel")}</button>` : nothing}</div>`;
  }

  private bar(): ScaleBar | null {
    if (this.scale === null || !this.view) return null;
    return scaleBar(this.scale, this.view.zoom, Math.min(this.room.width / 3, BAR * rem()));
  }

  private scaleBar(): TemplateResult | typeof nothing {
    const bar = this.bar();
    if (!bar) return nothing;
    const text = withUnit(number(bar.figure), unitText(bar.unit));
    return html`<div class="scale" role="img" aria-label=${t("Scale bar: {length}", { length: text })}><span>${text}</span><i></i></div>`;
  }

  private side(): TemplateResult {
    const { shapes, selected, editable } = this.sketch;
    return html`<aside aria-label=${t("Measurements")}>
      <div class="aside-head"><h2>${t("Measurements")}</h2>
        ${shapes.length ? html`<a class="button" href=${this.table()} download>${icon("download")}${t("Table")}</a>` : nothing}</div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${
        this.found && this.scale === null
          ? html`<div class="unknown" role="note"><strong>${t("The scale of this picture is not known.")}</strong>
            <p>${t("Lengths are in pixels of the picture. Calibrate the objective, then take the picture again.")}</p></div>`
          : nothing
      }
      ${this.layer && !editable ? html`<p class="muted small">${t("You can look at these measurements, not change them.")}</p>` : nothing}
      <hub-measure-table .shapes=${shapes} .scale=${this.scale} .selected=${selected} ?editable=${editable}
        @choose=${({ shape }: ShapeEvent) =>
          this.sketch.choose(shape.id === selected ? null : shape.id, shape.points.length - 1)}
        @change=${({ shape }: ShapeEvent) => this.sketch.change(shape)}
        @erase=${({ shape }: ShapeEvent) => this.sketch.erase(shape.id)}></hub-measure-table>
    </aside>`;
  }

  /** The address of the table as the computers here open it: Excel takes commas for decimals. */
  private table(): string {
    return hub.api.url(`/captures/${encodeURIComponent(this.params.id)}/annotations.csv`, {
      decimal: i18n.language === "en" ? "point" : "comma",
      lang: i18n.language,
      author: this.layer?.author.id,
    });
  }
}

const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function rem(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}

/** How far from a point it is taken hold of, in pixels of the screen. */
function reach(touch: boolean): number {
  return rem() * (touch ? REACH.touch : REACH.mouse);
}

function stateText(state: Keeping): string {
  if (state === "keeping") return t("Saving…");
  return state === "kept" ? t("Saved") : t("Not saved");
}
define("hub-measure-page", MeasurePage);
