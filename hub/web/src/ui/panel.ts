import { hub, N_, problemOf } from "@classhub/client";
import { css, html, nothing, type ReactiveController, type TemplateResult } from "lit";
import { define, HubElement } from "./element.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { say, sayProblem } from "./notice.js";
import { base } from "./styles.js";

/** What the class's screen can be told to show. */
export interface OnPanel {
  asset?: string;
  device?: string;
  stream?: string;
}

interface Shown {
  element: string;
  attributes: Record<string, string>;
}

/** What the class's screen shows now, for the element that wants to know; and telling it. */
export class PanelState implements ReactiveController {
  shown: Shown | null = null;
  private end: (() => void) | null = null;

  constructor(private readonly host: HubElement) {
    host.addController(this);
  }

  hostConnected(): void {
    this.end = hub.stream.subscribe("x/hub/show", (_, payload) => {
      const said = payload as Shown | null;
      this.shown = said?.element ? said : null;
      this.host.requestUpdate();
    });
  }

  hostDisconnected(): void {
    this.end?.();
    this.end = null;
  }

  /** Whether just this is on the screen. */
  shows(what: OnPanel): boolean {
    const now = this.shown?.attributes;
    if (!now) return false;
    return what.asset
      ? now.asset === what.asset
      : !!what.device && now.device === what.device && now.stream === (what.stream || "view");
  }

  /** Show it; where it is shown already, take it off. */
  async toggle(what: OnPanel): Promise<void> {
    if (this.shows(what)) {
      await this.clear();
      return;
    }
    const body = what.asset
      ? { asset: what.asset }
      : { device: what.device, stream: what.stream || "view" };
    try {
      await hub.api.put("/panel", body);
      say(t("The class's screen shows it."));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  async clear(): Promise<void> {
    try {
      await hub.api.delete("/panel");
      say(t("The class's screen is clear."));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }
}

const ON = N_("Show on the class's screen");
const OFF = N_("Take off the class's screen");

/**
 * For teachers: puts a picture (`asset`) or a live picture (`device`, `stream`) on the class's
 * screen, and takes it off again. `compact` leaves the words out, `over` stands on a picture.
 */
export class PanelButton extends HubElement {
  static override properties = {
    asset: {},
    device: {},
    stream: {},
    compact: { type: Boolean },
    over: { type: Boolean },
  };
  static override styles = [
    base,
    css`
      :host { display: inline-block; flex: none; max-width: 100%; }
      .over, .over:hover { background: rgb(8 14 13 / 60%); color: #fff; border-color: rgb(255 255 255 / 28%); }
      .over:hover { background: rgb(8 14 13 / 82%); }
      [aria-pressed="true"], [aria-pressed="true"]:hover { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
    `,
  ];
  declare asset: string;
  declare device: string;
  declare stream: string;
  declare compact: boolean;
  declare over: boolean;
  private readonly panel = new PanelState(this);

  constructor() {
    super();
    this.asset = "";
    this.device = "";
    this.stream = "";
    this.compact = false;
    this.over = false;
  }

  override render(): TemplateResult | typeof nothing {
    if (!hub.session.may("teacher")) return nothing;
    const on = this.panel.shows(this);
    const words = on ? t(OFF) : t(ON);
    return html`<button class="${this.compact ? "icon" : ""} ${this.over ? "over" : ""}" aria-pressed=${String(on)}
      aria-label=${words} title=${words} @click=${() => void this.panel.toggle(this)}>${icon("present")}${this.compact ? nothing : words}</button>`;
  }
}
define("hub-panel-button", PanelButton);

/** For teachers: that something is on the class's screen, and the button that clears it. */
export class PanelNow extends HubElement {
  static override styles = [
    base,
    css`
      .now { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-3); }
      .chip { background: var(--accent-soft); }
    `,
  ];
  private readonly panel = new PanelState(this);

  override render(): TemplateResult | typeof nothing {
    const shown = this.panel.shown;
    this.hidden = !shown || !hub.session.may("teacher");
    if (this.hidden) return nothing;
    return html`<div class="now"><span class="chip">${icon("present")}${
      shown?.attributes.device
        ? t("The class's screen shows a live picture.")
        : t("The class's screen shows a picture.")
    }</span>
      <button @click=${() => void this.panel.clear()}>${icon("close")}${t("Clear the class's screen")}</button></div>`;
  }
}
define("hub-panel-now", PanelNow);
