/** The table of measurements: each value, and mean and deviation of each kind. */
import { base, define, HubElement, icon, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { measure, statistics } from "./geometry.js";
import {
  COLOUR_NAMES,
  COLOURS,
  type Colour,
  KINDS,
  type Kind,
  OF_KIND,
  type Shape,
} from "./shapes.js";
import { measuredText, valueText } from "./words.js";

/** Somebody has chosen a shape, changed it, or deleted it. */
export class ShapeEvent extends Event {
  constructor(
    type: "choose" | "change" | "erase",
    readonly shape: Shape,
  ) {
    super(type);
  }
}

class MeasureTable extends HubElement {
  static override properties = {
    shapes: { attribute: false },
    scale: { attribute: false },
    selected: {},
    editable: { type: Boolean },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-5); align-content: start; }
      h3 { display: flex; align-items: center; gap: var(--space-2); font: var(--type-strong); }
      h3 svg { width: 1.25rem; height: 1.25rem; color: var(--muted); }
      section { display: grid; gap: var(--space-2); }
      li { border-radius: var(--radius-m); }
      li.selected { background: var(--accent-soft); }
      .choose { display: grid; grid-template-columns: 1rem minmax(0, 1fr) auto; gap: var(--space-3); width: 100%; text-align: start; padding: 0.35em 0.7em; font: var(--type-body); }
      .choose b { font: var(--type-strong); font-variant-numeric: tabular-nums; white-space: nowrap; }
      .choose span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .swatch { width: 1rem; height: 1rem; border-radius: 50%; box-shadow: 0 0 0 1.5px rgb(20 34 31 / 65%); align-self: center; }
      .yellow { background: #ffd84a; } .orange { background: #ff9440; } .red { background: #ff5e57; }
      .green { background: #5fe08a; } .blue { background: #5cb8ff; } .white { background: #fff; }
      .edit { display: grid; gap: var(--space-3); padding: 0 0.7em 0.7em; }
      .colours { display: flex; flex-wrap: wrap; gap: var(--space-1); align-items: center; }
      .colours button { padding: 0; width: var(--touch); border-color: transparent; background: transparent; }
      .colours button[aria-pressed="true"] { border-color: var(--ink); }
      .colours .swatch { width: 1.5rem; height: 1.5rem; }
      .colours .danger { margin-inline-start: auto; width: auto; padding: 0 0.8em; }
      .sum { display: grid; grid-template-columns: auto auto; justify-content: space-between; gap: 0 var(--space-4); background: var(--sunken); border-radius: var(--radius-m); padding: 0.5em 0.7em; font: var(--type-small); }
      .sum dd { text-align: end; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
      .crossing { color: var(--bad); }
    `,
  ];
  declare shapes: Shape[];
  declare scale: number | null;
  declare selected: string | null;
  declare editable: boolean;

  constructor() {
    super();
    this.shapes = [];
    this.scale = null;
    this.selected = null;
    this.editable = false;
  }

  override render(): TemplateResult {
    if (this.shapes.length === 0) {
      return html`<p class="muted">${
        this.editable
          ? t("Choose a tool and tap on the picture. What you measure appears here.")
          : t("Nothing has been measured here yet.")
      }</p>`;
    }
    return html`${KINDS.map((kind) => this.group(kind))}`;
  }

  private group(kind: Kind): TemplateResult | typeof nothing {
    const shapes = this.shapes.filter((shape) => shape.kind === kind);
    if (shapes.length === 0) return nothing;
    return html`<section>
      <h3>${icon(OF_KIND[kind].icon)}${t(OF_KIND[kind].title)}</h3>
      <ul>${repeat(
        shapes,
        (shape) => shape.id,
        (shape, index) => this.row(shape, index),
      )}</ul>
      ${this.sum(kind)}
    </section>`;
  }

  private row(shape: Shape, index: number): TemplateResult {
    const chosen = shape.id === this.selected;
    const found = measure(shape, this.scale);
    return html`<li class=${chosen ? "selected" : ""}>
      <button class="quiet choose" aria-pressed=${chosen ? "true" : "false"} @click=${() => this.tell("choose", shape)}>
        <i class="swatch ${shape.colour}"></i><span>${shape.text || index + 1}</span>
        <b class=${found.crossing ? "crossing" : ""}>${measuredText(found)}</b></button>
      ${chosen ? this.edit(shape, found.perimeter, found.unit) : nothing}
    </li>`;
  }

  private edit(shape: Shape, perimeter: number | null, unit: string): TemplateResult {
    const around =
      perimeter === null
        ? nothing
        : html`<p class="small">${t("Perimeter")}: ${valueText(perimeter, unit.replace("2", ""))}</p>`;
    if (!this.editable) return html`<div class="edit">${around}</div>`;
    return html`<div class="edit">${around}
      <input maxlength="200" aria-label=${t("Text")} placeholder=${t("Name it")} .value=${shape.text}
        @change=${(event: Event) => this.rename(shape, event.target as HTMLInputElement)}>
      <div class="colours" role="group" aria-label=${t("Colour")}>${COLOURS.map(
        (
          colour,
        ) => html`<button aria-pressed=${colour === shape.colour ? "true" : "false"} aria-label=${t(COLOUR_NAMES[colour])}
          title=${t(COLOUR_NAMES[colour])} @click=${() => this.paint(shape, colour)}><i class="swatch ${colour}"></i></button>`,
      )}
      <button class="danger" @click=${() => this.tell("erase", shape)}>${icon("erase")}${t("Delete")}</button></div>
    </div>`;
  }

  private sum(kind: Kind): TemplateResult | typeof nothing {
    const found = statistics(kind, this.shapes, this.scale);
    if (!found || found.n < 2) return nothing;
    const text = (value: number | null) => (value === null ? "–" : valueText(value, found.unit));
    return html`<dl class="sum" aria-label=${tn("{n} value", "{n} values", found.n)}>
      <dt>${t("Mean")}</dt><dd class="mean">${text(found.mean)}</dd>
      <dt>${t("Standard deviation")}</dt><dd class="deviation">${text(found.deviation)}</dd>
      <dt>${t("Smallest")}</dt><dd>${text(found.least)}</dd>
      <dt>${t("Largest")}</dt><dd>${text(found.most)}</dd></dl>`;
  }

  private rename(shape: Shape, input: HTMLInputElement): void {
    const text = input.value.trim();
    // A label is its words: without them it would be nothing.
    if (shape.kind === "label" && !text) input.value = shape.text;
    else if (text !== shape.text) this.tell("change", { ...shape, text });
  }

  private paint(shape: Shape, colour: Colour): void {
    if (colour !== shape.colour) this.tell("change", { ...shape, colour });
  }

  private tell(type: "choose" | "change" | "erase", shape: Shape): void {
    this.dispatchEvent(new ShapeEvent(type, shape));
  }
}
define("hub-measure-table", MeasureTable);
