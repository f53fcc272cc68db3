import type { Reading } from "@classhub/client";
import { base, define, HubElement, icon, number, type SetEvent, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { DRAW } from "../drawings.js";

const STEPS = [0.1, 1, 10, 50];
const SPEED = { x: 60, y: 60, z: 8 };

export class MoveEvent extends Event {
  constructor(readonly move: { x?: number; y?: number; z?: number; speed: number }) {
    super("move");
  }
}

/** Move the nozzle by hand: across, forwards, up; home first. Dispatches `move` and `home`. */
class MotionPart extends HubElement {
  static override properties = {
    reading: { attribute: false },
    disabled: { type: Boolean },
    moves: { type: Boolean },
    homes: { type: Boolean },
    step: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: grid; gap: var(--space-4); }
      .pads { display: flex; flex-wrap: wrap; gap: var(--space-5); align-items: center; }
      .pad { display: grid; grid-template-columns: repeat(3, calc(var(--touch) * 1.35)); grid-auto-rows: calc(var(--touch) * 1.35); gap: var(--space-2); }
      .pad button, .height button { padding: 0; height: 100%; }
      .pad .up { grid-area: 1 / 2; } .pad .left { grid-area: 2 / 1; } .pad .home { grid-area: 2 / 2; }
      .pad .right { grid-area: 2 / 3; } .pad .down { grid-area: 3 / 2; }
      .height { display: grid; gap: var(--space-2); grid-auto-rows: calc(var(--touch) * 1.35); width: calc(var(--touch) * 1.7); text-align: center; align-items: center; }
      .height button { display: grid; place-content: center; justify-items: center; gap: 0; }
      dl { display: flex; gap: var(--space-5); }
      dl div { display: flex; gap: 0.5em; }
      dt { color: var(--muted); }
      dd { font: var(--type-strong); font-variant-numeric: tabular-nums; }
    `,
  ];
  declare reading: Reading | null;
  declare disabled: boolean;
  declare moves: boolean;
  declare homes: boolean;
  declare step: number;

  constructor() {
    super();
    this.reading = null;
    this.disabled = false;
    this.moves = false;
    this.homes = false;
    this.step = 10;
  }

  private button(
    area: string,
    axis: "x" | "y" | "z",
    sign: 1 | -1,
    drawing: TemplateResult,
    words: string,
  ): TemplateResult {
    return html`<button class=${area} ?disabled=${this.disabled} aria-label=${words} title=${words}
      @click=${() => this.dispatchEvent(new MoveEvent({ [axis]: sign * this.step, speed: SPEED[axis] }))}>${drawing}</button>`;
  }

  override render(): TemplateResult {
    const at = this.reading?.value as
      | { x: number | null; y: number | null; z: number | null }
      | undefined;
    return html`${
      this.moves
        ? html`<hub-choice .label=${t("Step, mm")} .options=${STEPS} .value=${this.step} @set=${(event: SetEvent<number>) => (this.step = event.value)}></hub-choice>`
        : nothing
    }
      <div class="pads">
        <div class="pad">
          ${
            this.moves
              ? [
                  this.button("up", "y", 1, DRAW.up(), t("Move backwards")),
                  this.button("left", "x", -1, DRAW.left(), t("Move to the left")),
                  this.button("right", "x", 1, DRAW.right(), t("Move to the right")),
                  this.button("down", "y", -1, DRAW.down(), t("Move forwards")),
                ]
              : nothing
          }
          ${
            this.homes
              ? html`<button class="home" ?disabled=${this.disabled} aria-label=${t("Bring the nozzle home")} title=${t("Bring the nozzle home")}
            @click=${() => this.dispatchEvent(new Event("home"))}>${icon("home")}</button>`
              : nothing
          }
        </div>
        ${this.moves ? html`<div class="height">${this.button("", "z", 1, DRAW.up(), t("Nozzle up"))}<span class="small muted">${t("Height")}</span>${this.button("", "z", -1, DRAW.down(), t("Nozzle down"))}</div>` : nothing}
      </div>
      ${at ? html`<dl>${(["x", "y", "z"] as const).map((axis) => html`<div><dt>${axis.toUpperCase()}</dt><dd>${at[axis] === null ? "–" : `${number(at[axis], 1)} ${t("mm")}`}</dd></div>`)}</dl>` : nothing}
      <p class="muted small">${t("After switching on, bring the nozzle home first: then it knows where it is.")}</p>`;
  }
}
define("hub-printer-motion", MotionPart);
