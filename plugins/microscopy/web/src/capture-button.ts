import { type Asset, type Hub, hub, hubFor, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, i18n, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { capture } from "./capture.js";

/** Dispatched when a picture has been kept. */
export class CapturedEvent extends Event {
  constructor(readonly asset: Asset) {
    super("captured", { bubbles: true, composed: true });
  }
}

/**
 * Dispatched when a picture could not be kept; says why and what to do. The button shows it itself
 * unless the page calls `preventDefault`.
 */
export class CaptureFailedEvent extends Event {
  constructor(readonly problem: Problem) {
    super("capture-failed", { bubbles: true, composed: true, cancelable: true });
  }
}

/** Milliseconds for which the button shows that the picture is kept. */
const SHOWN = 1_200;

interface Viewer extends HTMLElement {
  device: string;
  frame: number | null;
}

/**
 * The button that keeps the picture. Attributes: `device`; `note`; `lesson`. It keeps the very
 * picture that the page's `<hub-live-view>` of the same device shows; without one, the next fresh
 * picture.
 */
export class CaptureButton extends HubElement {
  static override properties = {
    device: {},
    note: {},
    lesson: {},
    hub: { attribute: false },
    view: { attribute: false },
    busy: { type: Boolean, reflect: true },
    said: { state: true },
    kept: { state: true },
    failure: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: inline-block; }
      button {
        font: 650 1.125rem/1.2 var(--sans, system-ui, sans-serif); background: var(--sun, #f4b82e); color: var(--on-sun, #241a02);
        border: 0; border-radius: 99px; min-height: max(3.75rem, 60px); padding: 0 1.9rem 0 0.6rem; gap: 0.8rem;
        box-shadow: 0 0 0 1px rgb(0 0 0 / 12%), 0 10px 30px -10px rgb(0 0 0 / 55%); width: 100%;
      }
      button:hover { background: var(--sun, #f4b82e); filter: brightness(1.05); }
      button:active { transform: scale(0.97); }
      .lens {
        width: 2.6rem; height: 2.6rem; border-radius: 50%; background: var(--on-sun, #241a02); color: var(--sun, #f4b82e);
        display: grid; place-content: center; flex: none;
      }
      .lens svg { width: 1.4rem; height: 1.4rem; }
      :host([busy]) .lens { animation: pulse 600ms ease-in-out infinite alternate; }
      .failure { font: 400 0.9375rem/1.4 var(--sans, system-ui, sans-serif); margin-top: 0.5rem; max-width: 24rem; }
      @keyframes pulse { to { opacity: 0.45; } }
    `,
  ];
  declare device: string;
  declare note: string;
  declare lesson: string;
  declare hub: Hub;
  declare view: Viewer | null;
  declare busy: boolean;
  declare said: string;
  /** The last picture was kept a moment ago. */
  declare kept: boolean;
  declare failure: Problem | null;

  constructor() {
    super();
    this.device = "";
    this.note = "";
    this.lesson = "";
    this.hub = hub;
    this.view = null;
    this.busy = false;
    this.said = "";
    this.kept = false;
    this.failure = null;
  }

  protected override arrive(): void {
    this.hub = hubFor(this);
    this.hub.speak(i18n.language);
  }

  private viewer(): Viewer | null {
    if (this.view) return this.view;
    const root = this.getRootNode() as Document | ShadowRoot;
    const all = [...root.querySelectorAll<Viewer>("hub-live-view")];
    return all.find((view) => view.device === this.device) ?? null;
  }

  /** Keep the picture now; resolves to it, or to null where that failed (and says so). */
  async capture(): Promise<Asset | null> {
    if (this.busy) return null;
    const frame = this.viewer()?.frame ?? undefined;
    this.busy = true;
    this.failure = null;
    try {
      const asset = await capture(this.hub, this.device, {
        frame,
        note: this.note || undefined,
        lesson: this.lesson || undefined,
      });
      this.said = t("The picture is kept.");
      this.kept = true;
      setTimeout(() => {
        this.kept = false;
      }, SHOWN);
      this.dispatchEvent(new CapturedEvent(asset));
      return asset;
    } catch (error) {
      const problem = problemOf(error);
      this.said = t(problem.title, problem.params);
      if (this.dispatchEvent(new CaptureFailedEvent(problem))) this.failure = problem;
      return null;
    } finally {
      this.busy = false;
    }
  }

  override render(): TemplateResult {
    return html`<button @click=${() => void this.capture()} aria-disabled=${this.busy ? "true" : "false"}>
      <span class="lens">${icon(this.kept ? "check" : "camera")}</span><span>${t("Take a picture")}</span></button>
      <span class="visually-hidden" role="status">${this.said}</span>
      ${this.failure ? html`<p class="failure">${t(this.failure.title, this.failure.params)} ${t(this.failure.hint ?? "")}</p>` : nothing}`;
  }
}
define("hub-capture-button", CaptureButton);
