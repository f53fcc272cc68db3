import { hub, N_, problemOf, type Shown, type ShownThing } from "@classhub/client";
import { css, html, nothing, type ReactiveController, type TemplateResult } from "lit";
import { define, HubElement } from "./element.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { say, sayProblem } from "./notice.js";
import { base } from "./styles.js";

export type Side = "main" | "beside";

/** What the class's screen can be told to show: an asset, a live picture, or an element. */
export interface OnPanel {
  asset?: string;
  device?: string;
  stream?: string;
  element?: string;
  attributes?: Record<string, string>;
}

/** Tell the class's screen that an element on it cannot show what it is to. */
export function cannotShow(
  element: HTMLElement,
  trouble: NonNullable<ShownThing["trouble"]>,
): void {
  const told = { detail: trouble, bubbles: true, composed: true };
  element.dispatchEvent(new CustomEvent("cannot-show", told));
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

  /** The one or two things that are on the screen. */
  get things(): { side: Side; thing: ShownThing }[] {
    const { shown } = this;
    if (!shown) return [];
    const main = { side: "main" as const, thing: shown };
    return shown.beside ? [main, { side: "beside", thing: shown.beside }] : [main];
  }

  /** On which side just this is; null where it is not on the screen. */
  where(what: OnPanel): Side | null {
    return this.things.find(({ thing }) => isIt(thing, what))?.side ?? null;
  }

  /** Whether just this is on the screen. */
  shows(what: OnPanel): boolean {
    return this.where(what) !== null;
  }

  /** Show it; where it is shown already, take it off. */
  async toggle(what: OnPanel): Promise<void> {
    const side = this.where(what);
    if (side) await this.clear(side);
    else await this.show(what);
  }

  /** Show it. */
  async show(what: OnPanel): Promise<void> {
    const { asset, device, stream, element, attributes } = what;
    const body = asset
      ? { asset, ...(attributes ? { attributes } : {}) }
      : element
        ? { element, attributes: attributes ?? {} }
        : { device, stream: stream || "view" };
    await this.told(() => hub.api.put("/panel", body), t("The class's screen shows it."));
  }

  /** Change attributes of what is shown. */
  async change(side: Side, attributes: Record<string, string>): Promise<void> {
    await this.told(() => hub.api.patch("/panel", { side, attributes }));
  }

  /** Have what is shown next stand beside what is there, or not. */
  async expect(beside: boolean): Promise<void> {
    await this.told(() => hub.api.put("/panel/next", { beside }));
  }

  async clear(side?: Side): Promise<void> {
    const one = side && this.shown?.beside;
    await this.told(
      () => hub.api.delete(one ? `/panel?side=${side}` : "/panel"),
      one ? t("It is off the class's screen.") : t("The class's screen is clear."),
    );
  }

  private async told(ask: () => Promise<unknown>, done = ""): Promise<void> {
    try {
      await ask();
      if (done) say(done);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }
}

function isIt({ element, attributes }: ShownThing, what: OnPanel): boolean {
  if (what.asset) return attributes.asset === what.asset;
  if (what.device)
    return attributes.device === what.device && attributes.stream === (what.stream || "view");
  return (
    !!what.element &&
    element === what.element &&
    Object.entries(what.attributes ?? {}).every(([name, value]) => attributes[name] === value)
  );
}

const ON = N_("Show on the class's screen");
const OFF = N_("Take off the class's screen");

/**
 * For teachers: puts an asset (`asset`), a live picture (`device`, `stream`) or an element
 * (`element`, `attributes_`) on the class's screen, and takes it off again. `compact` leaves the words out, `over` stands on a picture.
 */
export class PanelButton extends HubElement {
  static override properties = {
    asset: {},
    device: {},
    stream: {},
    element: {},
    attributes_: { attribute: false },
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
  declare element: string;
  /** Of the element. */
  declare attributes_: Record<string, string>;
  declare compact: boolean;
  declare over: boolean;
  private readonly panel = new PanelState(this);

  constructor() {
    super();
    this.asset = "";
    this.device = "";
    this.stream = "";
    this.element = "";
    this.attributes_ = {};
    this.compact = false;
    this.over = false;
  }

  override render(): TemplateResult | typeof nothing {
    if (!hub.session.may("teacher")) return nothing;
    const what: OnPanel = this.asset
      ? { asset: this.asset }
      : this.element
        ? { element: this.element, attributes: this.attributes_ }
        : { device: this.device, stream: this.stream };
    const on = this.panel.shows(what);
    const words = on ? t(OFF) : t(ON);
    return html`<button class="${this.compact ? "icon" : ""} ${this.over ? "over" : ""}" aria-pressed=${String(on)}
      aria-label=${words} title=${words} @click=${() => void this.panel.toggle(what)}>${icon("present")}${this.compact ? nothing : words}</button>`;
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
    this.hidden = !this.panel.shown || !hub.session.may("teacher");
    if (this.hidden) return nothing;
    return html`<div class="now">${this.panel.things.map(
      ({ thing }) => html`<span class="chip">${icon("present")}${words(thing)}</span>`,
    )}
      <button @click=${() => void this.panel.clear()}>${icon("close")}${t("Clear the class's screen")}</button></div>`;
  }
}
define("hub-panel-now", PanelNow);

function words({ element, attributes, title }: ShownThing): string {
  if (element === "hub-live-view") return t("The class's screen shows a live picture.");
  if (element === "hub-panel-picture") return t("The class's screen shows a picture.");
  return t("On the class's screen: {what}", { what: attributes.title || t(title) });
}
