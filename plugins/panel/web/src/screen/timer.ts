import { hub } from "@classhub/client";
import { base, define, HubElement, t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";
import { inDigits, secondsLeft } from "./fitting.js";
import { screen } from "./styles.js";

const LOOK = 250;

/**
 * A timer that counts down by the hub's clock. Attributes: `seconds` in all, counted from
 * `shown-at`; `left`: it stands still with so many left.
 */
export class ScreenTimer extends HubElement {
  static override properties = {
    seconds: { type: Number },
    left: {},
    at: { attribute: "shown-at" },
    now: { state: true },
  };
  static override styles = [
    base,
    screen,
    css`
      .whole { place-self: center; display: grid; gap: 3cqmin; justify-items: center; width: 80cqw; }
      .digits { font: 700 clamp(3rem, min(30cqw, 55cqh), 60rem)/1 var(--sans, system-ui, sans-serif); font-variant-numeric: tabular-nums; letter-spacing: -0.02em; }
      .over .digits { color: #ff9d8e; }
      progress { height: 2cqmin; min-height: 0.5rem; background: #22302d; }
      progress::-webkit-progress-bar { background: #22302d; }
      progress::-webkit-progress-value { background: #66cfc8; }
      p { font: var(--type-heading); min-height: 1.3em; }
    `,
  ];
  declare seconds: number;
  declare left: string | null;
  declare at: string;
  declare now: number;
  /** How far this computer's clock is behind the hub's, in milliseconds. */
  private behind = 0;

  constructor() {
    super();
    this.seconds = 0;
    this.left = null;
    this.at = "";
    this.now = Date.now();
  }

  protected override arrive(): void {
    this.every(LOOK, () => {
      this.now = Date.now() + this.behind;
    });
    void this.compare();
  }

  private async compare(): Promise<void> {
    try {
      const answer = await fetch(hub.api.url("/health"), { cache: "no-store" });
      const said = Date.parse(answer.headers.get("Date") ?? "");
      const behind = said - Date.now();
      // The header has whole seconds: what is less is no difference.
      this.behind = Math.abs(behind) > 1500 ? behind : 0;
    } catch {
      this.behind = 0; // Without the hub this computer's clock is the best there is.
    }
  }

  override render(): TemplateResult {
    const still = this.left !== null && this.left !== "";
    const left = still ? Number(this.left) : secondsLeft(this.seconds, this.at, this.now);
    const words = still ? t("The timer stands still.") : left === 0 ? t("Time is up") : "";
    return html`<div class="whole ${left === 0 ? "over" : ""}" role="timer" aria-label=${t("Timer")}>
      <div class="digits">${inDigits(left)}</div>
      <progress max=${Math.max(1, this.seconds)} value=${left}></progress><p aria-live="polite">${words}</p></div>`;
  }
}
define("hub-screen-timer", ScreenTimer);
