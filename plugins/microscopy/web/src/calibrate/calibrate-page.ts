import { hub, N_, type Problem, problemOf } from "@classhub/client";
import "@classhub/live-view";
import type { DrawnEvent, LiveView } from "@classhub/live-view";
import {
  define,
  HubElement,
  helpLink,
  icon,
  number,
  optionText,
  type SetEvent,
  sayProblem,
  t,
  unitText,
  withUnit,
} from "@classhub/ui";
import { html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import { calibrateStyles } from "./calibrate-page.styles.js";
import { drawLoupe } from "./loupe.js";
import { apart, type Known, length, names, newest, type Point, type Ruling } from "./model.js";

/** Radius of a point in rem: a finger finds it. */
const HANDLE = 1.6;
const FRESH_LIMIT = 8_000;
/** How well a person sets a point, in pixels. */
const BY_HAND = 1.5;
const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const NO_PICTURE: Problem = {
  code: "no-picture",
  title: N_("No new picture comes from the microscope."),
  hint: N_("Check that the microscope is plugged in, then try again."),
};

/** Calibrate an objective: two points on a stage micrometer, or its ruling found in the picture. */
class CalibratePage extends HubElement {
  static immersive = true;
  static override properties = {
    params: { attribute: false },
    known: { state: true },
    objective: { state: true },
    points: { state: true },
    ruling: { state: true },
    entered: { state: true },
    adding: { state: true },
    frozen: { state: true },
    busy: { state: true },
    held: { state: true },
    size: { state: true },
    problem: { state: true },
  };
  static override styles = calibrateStyles;
  declare params: { id: string };
  declare known: Known | null;
  declare objective: string;
  declare points: [Point, Point] | null;
  declare ruling: Ruling | null;
  /** The length between the points as it was typed, micrometres. */
  declare entered: string;
  declare adding: string;
  declare frozen: boolean;
  declare busy: boolean;
  /** The point that is being dragged or moved by keys. */
  declare held: number | null;
  /** Width and height of the picture in the camera's pixels. */
  declare size: Point | null;
  declare problem: Problem | null;
  private grip: Point = [0, 0];

  constructor() {
    super();
    this.params = { id: "" };
    this.known = null;
    this.objective = "";
    this.points = null;
    this.ruling = null;
    this.entered = "100";
    this.adding = "";
    this.frozen = false;
    this.busy = false;
    this.held = null;
    this.size = null;
    this.problem = null;
  }

  protected override arrive(): void {
    this.on(window, "resize", () => this.requestUpdate());
    this.until(
      hub.stream.subscribe(`x/microscopy/${this.params.id}/scale`, () => void this.load()),
    );
    void this.load();
  }

  private get path(): string {
    return `/microscopes/${encodeURIComponent(this.params.id)}`;
  }

  private async load(): Promise<void> {
    try {
      this.take(await hub.api.get<Known>(`${this.path}/calibrations`));
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private take(known: Known): void {
    this.known = known;
    const all = names(known);
    if (known.tells_objective || !all.includes(this.objective)) {
      this.objective = known.objective ?? all[0] ?? "";
    }
  }

  private get view(): LiveView | null {
    return this.renderRoot.querySelector("hub-live-view");
  }

  private drawn(event: DrawnEvent): void {
    if (this.size?.[0] !== event.width || this.size?.[1] !== event.height) {
      this.size = [event.width, event.height];
      this.forget();
    }
  }

  private forget(): void {
    const [width, height] = this.size ?? [0, 0];
    this.ruling = null;
    this.points = [
      [width * 0.25, height / 2],
      [width * 0.75, height / 2],
    ];
  }

  // Points

  private place(event: PointerEvent): Point | null {
    const view = this.view;
    const at = view?.placement;
    if (!view || !at) return null;
    const box = view.getBoundingClientRect();
    return [
      (event.clientX - box.left - at.left) / at.zoom,
      (event.clientY - box.top - at.top) / at.zoom,
    ];
  }

  private press(event: PointerEvent): void {
    const at = this.place(event);
    if (!at || !this.points || this.held !== null) return;
    event.preventDefault();
    const [a, b] = this.points.map(([x, y]) => Math.hypot(at[0] - x, at[1] - y));
    const which = (a ?? 0) <= (b ?? 0) ? 0 : 1;
    const point = this.points[which];
    // What is seen stands still while one points at it; the finger stays as far from the point.
    this.frozen = this.view?.frame !== null;
    this.held = which;
    this.grip = [point[0] - at[0], point[1] - at[1]];
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  }

  private drag(event: PointerEvent): void {
    const at = this.place(event);
    if (this.held === null || !at) return;
    this.move(this.held, [at[0] + this.grip[0], at[1] + this.grip[1]]);
  }

  private drop(): void {
    this.held = null;
  }

  private key(event: KeyboardEvent, which: number): void {
    const step = ARROWS[event.key];
    const point = this.points?.[which];
    if (!step || !point) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    this.frozen = this.view?.frame !== null;
    this.move(which, [point[0] + step[0] * far, point[1] + step[1] * far]);
  }

  private move(which: number, [x, y]: Point): void {
    const [width, height] = this.size ?? [0, 0];
    const kept: Point = [Math.min(Math.max(x, 0), width), Math.min(Math.max(y, 0), height)];
    const [a, b] = this.points ?? [kept, kept];
    this.points = which === 0 ? [kept, b] : [a, kept];
    this.ruling = null;
    this.loupe(which);
  }

  private loupe(which: number): void {
    const target = this.renderRoot.querySelector<HTMLCanvasElement>(".loupe");
    const picture = this.view?.canvas;
    const point = this.points?.[which];
    if (!target || !picture || !point) return;
    drawLoupe(target, picture, point);
  }

  protected override updated(changed: PropertyValues): void {
    if (this.held !== null && (changed.has("held") || changed.has("points"))) this.loupe(this.held);
  }

  // Asking the hub

  /** A picture that the hub still has, standing still on this screen. */
  private async fresh(): Promise<number> {
    this.frozen = false;
    await this.updateComplete;
    const view = this.view;
    if (!view) throw new Error("no view");
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => fail(new Error("no picture")), FRESH_LIMIT);
      view.addEventListener(
        "drawn",
        () => {
          clearTimeout(timer);
          done();
        },
        { once: true },
      );
    });
    this.frozen = true;
    return view.frame ?? 0;
  }

  private async find(): Promise<void> {
    this.busy = true;
    try {
      let frame: number;
      try {
        frame = await this.fresh();
      } catch {
        sayProblem(NO_PICTURE);
        return;
      }
      const found = await hub.api.post<Ruling>(`${this.path}/ruling`, { frame });
      this.ruling = found;
      this.points = found.points;
      this.entered = String(found.length_um);
    } catch (error) {
      sayProblem(problemOf(error));
    } finally {
      this.busy = false;
    }
  }

  private async save(): Promise<void> {
    const [width, height] = this.size ?? [0, 0];
    const between = length(this.entered);
    if (!this.points || !this.known || between === null || this.busy) return;
    this.busy = true;
    try {
      await hub.api.post(`${this.path}/calibrations`, {
        objective: this.objective,
        points: this.points,
        length_um: between,
        width,
        height,
        how: this.ruling ? "ruling" : "two-points",
        error: this.ruling?.error ?? null,
        replaces: newest(this.known, this.objective)?.id ?? null,
      });
      this.frozen = false;
      this.ruling = null;
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = false;
    await this.load();
  }

  private async ask(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      sayProblem(problemOf(error));
    }
    await this.load();
  }

  private choose(objective: string): void {
    this.objective = objective;
    void this.ask(() => hub.api.put(`${this.path}/objective-in-use`, { objective }));
  }

  private async add(): Promise<void> {
    const name = this.adding.trim();
    const listed = this.known?.objectives;
    if (!name || !listed) return;
    await this.ask(() =>
      hub.api.put(`${this.path}/objectives`, {
        revision: listed.revision,
        items: [...listed.items, { name, magnification: null }],
      }),
    );
    this.adding = "";
    if (this.known?.objectives.items.some((one) => one.name === name)) this.choose(name);
  }

  // What is seen

  override render(): TemplateResult {
    return html`<div class="stage">
      <div class="picture">
        <hub-live-view .device=${this.params.id} ?paused=${this.frozen} @drawn=${this.drawn}></hub-live-view>
        ${this.marks()}
        <canvas class="loupe ${this.held === 1 ? "aside" : ""}" ?hidden=${this.held === null} aria-hidden="true"></canvas>
        <header>
          <a class="over icon button" href="/microscopes/${encodeURIComponent(this.params.id)}" aria-label=${t("Back to the microscope")}>${icon("arrow-left")}</a>
          <h1>${t("Calibrate")}</h1><span class="grow"></span>
          ${helpLink("over")}
          <button class="over icon" @click=${() => {
            this.frozen = !this.frozen;
            this.ruling = null;
          }} aria-pressed=${this.frozen ? "true" : "false"}
            aria-label=${t("Freeze the picture")} title=${this.frozen ? t("Show it live again") : t("Freeze the picture")}>${icon(this.frozen ? "play" : "pause")}</button>
        </header>
      </div>
      <aside>
        ${this.problem ? html`<hub-notice .problem=${this.problem}></hub-notice>` : nothing}
        ${this.known ? [this.which(this.known), this.measuring(), this.list(this.known)] : nothing}
      </aside>
    </div>`;
  }

  private marks(): TemplateResult | typeof nothing {
    const at = this.view?.placement;
    if (!at || !this.points) return nothing;
    const on = ([x, y]: Point): Point => [at.left + x * at.zoom, at.top + y * at.zoom];
    const [a, b] = [on(this.points[0]), on(this.points[1])];
    return html`<svg class="marks" @pointerdown=${this.press} @pointermove=${this.drag} @pointerup=${this.drop} @pointercancel=${this.drop}>
      ${(this.ruling?.ticks ?? []).map(([from, to]) => {
        const [p, q] = [on(from), on(to)];
        return svg`<line class="tick" x1=${p[0]} y1=${p[1]} x2=${q[0]} y2=${q[1]}></line>`;
      })}
      <line class="under" x1=${a[0]} y1=${a[1]} x2=${b[0]} y2=${b[1]}></line>
      <line class="line" x1=${a[0]} y1=${a[1]} x2=${b[0]} y2=${b[1]}></line>
      ${[a, b].map(([x, y], which) => this.handle(x, y, which))}
    </svg>`;
  }

  private handle(x: number, y: number, which: number): TemplateResult {
    const label = which === 0 ? t("First point") : t("Second point");
    const [px, py] = this.points?.[which] ?? [0, 0];
    const r = HANDLE * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    return svg`<g tabindex="0" role="slider" aria-label=${label} aria-valuenow=${Math.round(px)}
      aria-valuetext="${Math.round(px)}, ${Math.round(py)}" @keydown=${(event: KeyboardEvent) => this.key(event, which)}>
      <circle class="handle" cx=${x} cy=${y} r=${r}></circle>
      <line class="cross" x1=${x - r} y1=${y} x2=${x + r} y2=${y}></line>
      <line class="cross" x1=${x} y1=${y - r} x2=${x} y2=${y + r}></line>
    </g>`;
  }

  private which(known: Known): TemplateResult {
    if (known.tells_objective) {
      return html`<div class="part"><h2>${t("Objective")}: ${optionText(this.objective)}</h2>
        <p class="muted small">${
          known.scale === null
            ? t("The microscope says itself which objective is in use.")
            : t(
                "The microscope tells its scale itself: {scale}. It need not be calibrated; a stage micrometer shows whether it is right.",
                { scale: `${number(known.scale, 4)} ${unitText("um/px")}` },
              )
        }</p></div>`;
    }
    const all = names(known);
    return html`<div class="part">
      ${
        all.length > 0
          ? html`<hub-choice label=${t("Objective in use")} .options=${all} .value=${known.objective}
              @set=${(event: SetEvent<string>) => this.choose(event.value)}></hub-choice>
            ${
              known.objective === null
                ? html`<p class="muted small">${t("Tap the objective that is in use. Until then pictures have no scale.")}</p>`
                : nothing
            }`
          : html`<p>${t("Write down the objectives of this microscope, as it says on them: 4x, 10x, 40x.")}</p>`
      }
      <form class="adding" @submit=${(event: Event) => {
        event.preventDefault();
        void this.add();
      }}>
        <input aria-label=${t("Name of the objective")} placeholder="10x" maxlength="40" .value=${this.adding}
          @input=${(event: Event) => {
            this.adding = (event.target as HTMLInputElement).value;
          }}>
        <button class="add" ?disabled=${!this.adding.trim()}>${icon("plus")}${t("Add")}</button>
      </form>
    </div>`;
  }

  private measuring(): TemplateResult {
    const between = length(this.entered);
    const far = this.points ? apart(this.points) : 0;
    const scale = between !== null && far >= 8 ? between / far : null;
    const error = this.ruling?.error ?? (far > 0 ? (Math.SQRT2 * BY_HAND) / far : 0);
    return html`<div class="part">
      <p class="muted small">${t("Put a stage micrometer under the objective and focus on its lines.")}</p>
      <button class="big find ${this.ruling ? "" : "primary"}" ?disabled=${this.busy || !this.size} @click=${this.find}>${icon("ruler")}${t("Find the ruling")}</button>
      <p class="muted small">${t("Or drag the two points to two lines and enter the length between them.")}</p>
      <label for="length">${t("Length between the points")}</label>
      <div class="with-unit"><input id="length" inputmode="decimal" .value=${this.entered} aria-invalid=${between === null ? "true" : "false"}
        @input=${(event: Event) => {
          this.entered = (event.target as HTMLInputElement).value;
        }}><span>${unitText("um")}</span></div>
      ${
        scale !== null
          ? html`<div class="result" role="status"><strong>${withUnit(number(scale, 4), unitText("um"))} ${t("to a pixel")}</strong>
              <span class="small">± ${number(error * 100, 2)} %${this.ruling ? html` · ${t("{n} lines found", { n: this.ruling.lines })}` : nothing}</span></div>`
          : nothing
      }
      <button class="big save ${this.ruling ? "primary" : ""}" ?disabled=${this.busy || scale === null || !this.objective} @click=${this.save}>${icon("check")}${
        this.objective
          ? t("Save for {objective}", { objective: optionText(this.objective) })
          : t("Save")
      }</button>
    </div>`;
  }

  private list(known: Known): TemplateResult | typeof nothing {
    const all = names(known);
    if (all.length === 0) return nothing;
    return html`<div class="part"><h2>${t("Calibrated objectives")}</h2><ul class="list">${all.map(
      (name) => {
        const one = newest(known, name);
        return html`<li class=${name === known.objective ? "now" : ""}><div><h3>${optionText(name)}</h3>
          <p class="muted small">${
            one
              ? html`${withUnit(number(one.scale, 4), unitText("um"))} · ${one.width} × ${one.height} · ± ${number(one.error * 100, 2)} %`
              : known.scale === null
                ? t("Not calibrated: its pictures have no scale.")
                : t("Its pictures have the scale that the microscope tells.")
          }</p></div>
          ${
            one
              ? html`<button class="quiet icon" aria-label=${t("Remove the calibration of {objective}", { objective: optionText(name) })}
                @click=${() => void this.ask(() => hub.api.delete(`${this.path}/calibrations/${one.id}`))}>${icon("erase")}</button>`
              : nothing
          }</li>`;
      },
    )}</ul></div>`;
  }
}
define("hub-calibrate-page", CalibratePage);
