import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { define, HubElement } from "./element.js";
import { number } from "./i18n.js";
import { optionText, withUnit } from "./schema.js";
import { base } from "./styles.js";

export {
  type Control,
  controlFor,
  optionText,
  resolve,
  unitText,
  withUnit,
} from "./schema.js";
export { Writer } from "./writer.js";

/** Dispatched by every control when the person has set a value. */
export class SetEvent<T> extends Event {
  constructor(readonly value: T) {
    super("set");
  }
}

const HOLD = 1_500;

/** A slider with its name, value and unit. A value that arrives while it is held waits. */
export class Range extends HubElement {
  static override properties = {
    label: {},
    unit: {},
    value: { attribute: false },
    minimum: { type: Number },
    maximum: { type: Number },
    step: { type: Number },
    disabled: { type: Boolean },
  };
  static override styles = [
    base,
    css`
      .head { display: flex; justify-content: space-between; gap: var(--space-3); align-items: baseline; }
      output { font: var(--type-strong); font-variant-numeric: tabular-nums; white-space: nowrap; }
      input {
        appearance: none; width: 100%; min-height: var(--touch); background: transparent;
        border: 0; padding: 0; margin: 0; cursor: pointer; --thumb: 1.75rem;
      }
      input::-webkit-slider-runnable-track {
        height: 0.5rem; border-radius: 99px;
        background: linear-gradient(to right, var(--accent) var(--at, 0%), var(--line-strong) var(--at, 0%));
      }
      input::-moz-range-track { height: 0.5rem; border-radius: 99px; background: var(--line-strong); }
      input::-moz-range-progress { height: 0.5rem; border-radius: 99px; background: var(--accent); }
      input::-webkit-slider-thumb {
        appearance: none; width: var(--thumb); height: var(--thumb); margin-top: calc(0.25rem - var(--thumb) / 2);
        border-radius: 50%; background: var(--surface); border: 3px solid var(--accent);
      }
      input::-moz-range-thumb {
        width: var(--thumb); height: var(--thumb); box-sizing: border-box; border-radius: 50%;
        background: var(--surface); border: 3px solid var(--accent);
      }
      input:disabled { opacity: 0.55; cursor: default; }
    `,
  ];
  declare label: string;
  declare unit: string;
  declare value: number | null;
  declare minimum: number;
  declare maximum: number;
  declare step: number;
  declare disabled: boolean;
  private held: number | null = null;
  private release: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.label = "";
    this.unit = "";
    this.value = null;
    this.minimum = 0;
    this.maximum = 100;
    this.step = 1;
    this.disabled = false;
  }

  private get shown(): number {
    return this.held ?? this.value ?? this.minimum;
  }

  protected override updated(_: PropertyValues): void {
    const span = this.maximum - this.minimum || 1;
    const at = Math.min(1, Math.max(0, (this.shown - this.minimum) / span));
    this.renderRoot.querySelector("input")?.style.setProperty("--at", `${at * 100}%`);
  }

  private moved(event: Event): void {
    this.held = (event.target as HTMLInputElement).valueAsNumber;
    clearTimeout(this.release);
    this.release = setTimeout(() => {
      this.held = null;
      this.requestUpdate();
    }, HOLD);
    this.requestUpdate();
    this.dispatchEvent(new SetEvent(this.held));
  }

  override render(): TemplateResult {
    const known = this.held !== null || this.value !== null;
    const digits = this.step >= 1 ? 0 : this.step >= 0.1 ? 1 : 2;
    const text = known ? withUnit(number(this.shown, digits), this.unit) : "–";
    return html`<div class="head"><label for="r">${this.label}</label><output for="r">${text}</output></div>
      <input id="r" type="range" min=${this.minimum} max=${this.maximum} step=${this.step}
        .value=${live(String(this.shown))} ?disabled=${this.disabled} aria-valuetext=${text}
        @input=${this.moved}>`;
  }
}
define("hub-range", Range);

/** On or off. */
export class Switch extends HubElement {
  static override properties = {
    label: {},
    value: { attribute: false },
    disabled: { type: Boolean },
  };
  static override styles = [
    base,
    css`
      button { width: 100%; justify-content: space-between; background: transparent; border-color: transparent; padding-inline: 0; text-align: start; }
      button:hover { background: transparent; }
      .track {
        width: 3.25rem; height: 1.85rem; border-radius: 99px; background: var(--surface);
        border: 2px solid var(--line-strong); flex: none; position: relative; transition: background-color 140ms;
      }
      .track::after {
        content: ""; position: absolute; inset: 0.2rem auto 0.2rem 0.25rem; aspect-ratio: 1;
        border-radius: 50%; background: var(--line-strong); transition: translate 140ms;
      }
      [aria-checked="true"] .track { background: var(--accent); border-color: var(--accent); }
      [aria-checked="true"] .track::after { translate: 1.35rem 0; background: var(--on-accent); }
    `,
  ];
  declare label: string;
  declare value: boolean;
  declare disabled: boolean;

  constructor() {
    super();
    this.label = "";
    this.value = false;
    this.disabled = false;
  }

  override render(): TemplateResult {
    return html`<button role="switch" aria-checked=${this.value ? "true" : "false"}
      ?disabled=${this.disabled} @click=${() => this.dispatchEvent(new SetEvent(!this.value))}>
      <span>${this.label}</span><span class="track"></span></button>`;
  }
}
define("hub-switch", Switch);

const BUTTONS_AT_MOST = 5;

/** One of several: buttons side by side where they are few, else a list. */
export class Choice extends HubElement {
  static override properties = {
    label: {},
    options: { attribute: false },
    value: { attribute: false },
    disabled: { type: Boolean },
  };
  static override styles = [
    base,
    css`
      .options { display: flex; flex-wrap: wrap; gap: var(--space-2); margin-top: var(--space-2); }
      .options button { flex: 1 1 auto; padding-inline: 0.8em; }
      [aria-checked="true"], [aria-checked="true"]:hover {
        background: var(--accent); border-color: var(--accent); color: var(--on-accent);
      }
      select { margin-top: var(--space-2); }
    `,
  ];
  declare label: string;
  declare options: unknown[];
  declare value: unknown;
  declare disabled: boolean;

  constructor() {
    super();
    this.label = "";
    this.options = [];
    this.value = null;
    this.disabled = false;
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const now = this.options.indexOf(this.value);
    const next = (now + step + this.options.length) % this.options.length;
    this.dispatchEvent(new SetEvent(this.options[next]));
    this.renderRoot.querySelectorAll<HTMLElement>("[role=radio]")[next]?.focus();
  }

  override render(): TemplateResult {
    const list = this.options;
    if (list.length > BUTTONS_AT_MOST) {
      return html`<label for="c">${this.label}</label><select id="c" ?disabled=${this.disabled}
        @change=${(event: Event) =>
          this.dispatchEvent(
            new SetEvent(list[(event.target as HTMLSelectElement).selectedIndex]),
          )}>
        ${list.map((one) => html`<option ?selected=${one === this.value}>${optionText(one)}</option>`)}
      </select>`;
    }
    const none = !list.includes(this.value);
    return html`${this.label ? html`<label id="l">${this.label}</label>` : nothing}
      <div class="options" role="radiogroup" aria-label=${this.label} @keydown=${this.key}>${list.map(
        (
          one,
          index,
        ) => html`<button role="radio" aria-checked=${one === this.value ? "true" : "false"}
          tabindex=${one === this.value || (none && index === 0) ? 0 : -1} ?disabled=${this.disabled}
          @click=${() => this.dispatchEvent(new SetEvent(one))}>${optionText(one)}</button>`,
      )}</div>`;
  }
}
define("hub-choice", Choice);
