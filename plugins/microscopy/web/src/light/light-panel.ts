import { hub, type Problem, problemOf } from "@classhub/client";
import type { LiveView } from "@classhub/live-view";
import {
  base,
  clock,
  day,
  define,
  HubElement,
  icon,
  number,
  optionText,
  say,
  t,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import "./histogram.js";
import { type Hint, hintOf, type Look, look } from "./levels.js";

interface EmptyField {
  objective: string | null;
  asset: string;
  falloff: number;
  by: string;
  made: string;
}

const EVERY = 500;
/** Enough to tell sharp from soft, and quick on a tablet. */
const WIDTH = 480;
/** From here on the picture is about as sharp as it was at its best. */
const SHARP = 0.9;

/**
 * Histogram and sharpness of the live picture, and the empty field of the objective. It reckons in
 * the browser, twice a second, and only while it is open and can be seen: the hub has no work of it.
 */
export class LightPanel extends HubElement {
  static override properties = {
    device: {},
    view: { attribute: false },
    objective: { attribute: false },
    seen: { state: true },
    best: { state: true },
    fields: { state: true },
    problem: { state: true },
    busy: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-5); }
      section { display: grid; gap: var(--space-3); }
      .hint { display: flex; gap: var(--space-3); align-items: center; padding: var(--space-3) var(--space-4); border-radius: var(--radius-m); background: var(--sunken); }
      .hint.over, .hint.dark { background: var(--warn-soft); }
      .hint.right { background: var(--accent-soft); }
      .hint svg { flex: none; width: 1.4rem; height: 1.4rem; }
      progress { width: 100%; height: 1rem; accent-color: var(--accent); }
      .line { display: flex; justify-content: space-between; align-items: baseline; gap: var(--space-3); }
      .line b { font-variant-numeric: tabular-nums; }
      ol { margin: 0; padding-inline-start: 1.3em; display: grid; gap: var(--space-2); list-style: decimal; }
    `,
  ];
  declare device: string;
  declare view: LiveView | null;
  declare objective: string | null;
  declare seen: Look | null;
  /** The sharpest that was seen since the panel was opened or begun anew. */
  declare best: number;
  declare fields: EmptyField[];
  declare problem: Problem | null;
  declare busy: boolean;
  private frame: number | null = null;
  private readonly small = document.createElement("canvas");

  constructor() {
    super();
    this.device = "";
    this.view = null;
    this.objective = null;
    this.seen = null;
    this.best = 0;
    this.fields = [];
    this.problem = null;
    this.busy = false;
  }

  protected override arrive(): void {
    this.every(EVERY, () => this.reckon());
    void this.load();
  }

  private get path(): string {
    return `/microscopes/${encodeURIComponent(this.device)}/empty-fields`;
  }

  private async load(): Promise<void> {
    try {
      this.fields = (await hub.api.get<{ items: EmptyField[] }>(this.path)).items;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private reckon(): void {
    const view = this.view;
    const canvas = view?.canvas;
    if (!view || !canvas?.width || document.hidden || view.frame === this.frame) return;
    this.frame = view.frame;
    const width = Math.min(WIDTH, canvas.width);
    const height = Math.max(1, Math.round((canvas.height * width) / canvas.width));
    this.small.width = width;
    this.small.height = height;
    const context = this.small.getContext("2d", { willReadFrequently: true, alpha: false });
    if (!context) return;
    context.drawImage(canvas, 0, 0, width, height);
    this.seen = look(context.getImageData(0, 0, width, height).data, width, height);
    this.best = Math.max(this.best, this.seen.score);
  }

  private async keep(): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      await hub.api.post<EmptyField>(this.path, {});
      say(t("The empty field is kept."));
      await this.load();
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.busy = false;
  }

  override render(): TemplateResult {
    return html`${this.light()}${this.sharpness()}${hub.session.may("teacher") ? this.even() : nothing}`;
  }

  private light(): TemplateResult {
    const hint = this.seen && hintOf(this.seen);
    const words: Record<Hint, string> = {
      over: t("Too bright: white places show nothing. Turn the light down."),
      dark: t("Too dark: turn the light up."),
      right: t("The light is right."),
    };
    return html`<section aria-label=${t("Brightness")}>
      <h3>${t("Brightness")}</h3>
      <hub-histogram .levels=${this.seen?.levels ?? null}></hub-histogram>
      ${hint ? html`<p class="hint ${hint}" role="status">${icon(hint === "right" ? "check" : "warning")}<span>${words[hint]}</span></p>` : nothing}
    </section>`;
  }

  private sharpness(): TemplateResult {
    const part = this.seen && this.best > 0 ? this.seen.score / this.best : 0;
    return html`<section aria-label=${t("Sharpness")}>
      <div class="line"><h3>${t("Sharpness")}</h3><b>${number(Math.round(part * 100))} %</b></div>
      <progress max="1" .value=${part} aria-label=${t("Sharpness")}></progress>
      <p class="muted small">${
        part >= SHARP
          ? t("As sharp as it was at its best.")
          : t("Turn the fine focus until the bar is full. 100 % is the sharpest picture so far.")
      }</p>
      <div><button @click=${() => {
        this.best = this.seen?.score ?? 0;
      }}>${icon("undo")}${t("Another place: begin anew")}</button></div>
    </section>`;
  }

  private even(): TemplateResult {
    const field = this.fields.find((one) => one.objective === this.objective);
    return html`<section aria-label=${t("Even light")}>
      <h3>${t("Even light")}</h3>
      <ol>
        <li>${t("Move the slide to an empty place, or take it away.")}</li>
        <li>${t("Set the light so that nothing is too bright.")}</li>
        <li>${t("Keep the empty field. Then leave lamp and diaphragm as they are.")}</li>
      </ol>
      <hub-notice .problem=${this.problem}></hub-notice>
      <div><button class="primary" ?disabled=${this.busy} @click=${() => void this.keep()}>${icon("camera")}${
        this.objective
          ? t("Keep the empty field for {objective}", { objective: optionText(this.objective) })
          : t("Keep the empty field")
      }</button></div>
      <p class="muted small">${
        field
          ? t("Kept on {day} at {time}: its edge is {percent} % darker.", {
              day: day(field.made),
              time: clock(field.made),
              percent: number(Math.round(field.falloff * 100)),
            })
          : t("None is kept for this objective yet.")
      }</p>
      <p class="muted small">${t("In the album choose pictures, then Even light.")}</p>
    </section>`;
  }
}
define("hub-light-panel", LightPanel);
