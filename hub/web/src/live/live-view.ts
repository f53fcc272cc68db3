import {
  type DeviceState,
  type FrameMessage,
  type FrameSubscription,
  type Hub,
  hub,
  hubFor,
  N_,
  type Problem,
} from "@classhub/client";
import { base, define, HubElement, i18n, icon, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { FramePump } from "./pump.js";

/** Seconds after which a standing picture is called old. */
const OLD = 3;
const BROKEN_AT_MOST = 5;

const BROKEN: Problem = {
  code: "broken-picture",
  title: N_("The camera's picture cannot be shown."),
  hint: N_("Unplug the camera and plug it in again. If it stays so, tell the lab engineer."),
};

/** Dispatched after each picture has been drawn. */
export class DrawnEvent extends Event {
  constructor(
    readonly frame: number,
    readonly width: number,
    readonly height: number,
  ) {
    super("drawn");
  }
}

/**
 * A device's live picture. Attributes: `device`, `stream` (default "view"), `size` "full" or
 * "small", `fit` "contain" or "cover", `quiet` to leave out the badge. It watches only while it can be seen.
 */
export class LiveView extends HubElement {
  static override properties = {
    device: {},
    stream: {},
    size: {},
    fit: { reflect: true },
    quiet: { type: Boolean },
    paused: { type: Boolean, reflect: true },
    hub: { attribute: false },
    problem: { state: true },
    trouble: { state: true },
    started: { state: true },
    age: { state: true },
    waiting: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { position: relative; background: #0a0f0e; color: #eef4f1; overflow: hidden; min-height: 8rem; }
      canvas { display: block; width: 100%; height: 100%; object-fit: contain; position: absolute; inset: 0; }
      :host([fit="cover"]) canvas { object-fit: cover; }
      .why {
        position: absolute; inset: 0; display: grid; place-content: center; justify-items: center;
        gap: var(--space-3, 0.75rem); padding: var(--space-5, 1.5rem); text-align: center;
      }
      .why.over { background: rgb(8 14 13 / 72%); }
      .why svg { width: 2.75rem; height: 2.75rem; opacity: 0.75; }
      .why strong { font: var(--type-heading, 600 1.2rem/1.3 system-ui); max-width: 30rem; }
      .why p { max-width: 30rem; opacity: 0.88; font: var(--type-body, 1rem/1.5 system-ui); }
      .spin {
        width: 2.5rem; height: 2.5rem; border-radius: 50%; border: 3px solid rgb(255 255 255 / 25%);
        border-top-color: #fff; animation: turn 1.1s linear infinite;
      }
      @keyframes turn { to { rotate: 1turn; } }
      .badge {
        position: absolute; top: var(--badge-top, 0.75rem); left: var(--badge-left, 0.75rem); display: flex; align-items: center;
        gap: 0.5em; padding: 0.3em 0.8em; border-radius: 99px; background: rgb(8 14 13 / 66%);
        font: 600 0.875rem/1.4 var(--sans, system-ui, sans-serif); max-width: calc(100% - 1.5rem);
      }
      .badge i { width: 0.65em; height: 0.65em; border-radius: 50%; background: #ff6a55; flex: none; }
      .badge.old i { background: #f4b82e; }
      .badge.paused i { background: #b9c6c1; }
    `,
  ];
  declare device: string;
  declare stream: string;
  declare size: "full" | "small";
  declare fit: "contain" | "cover";
  declare quiet: boolean;
  declare paused: boolean;
  declare hub: Hub;
  declare problem: Problem | null;
  /** Why the device itself gives no picture, as its state says. */
  declare trouble: Problem | null;
  declare started: boolean;
  declare age: number;
  declare waiting: boolean;
  /** The id of the picture that is on the screen now; null before the first. */
  frame: number | null = null;
  private subscription: FrameSubscription | null = null;
  private pump: FramePump<ImageBitmap> | null = null;
  private arrived = 0;
  private brokenInRow = 0;
  private inSight = true;

  constructor() {
    super();
    this.device = "";
    this.stream = "view";
    this.size = "full";
    this.fit = "contain";
    this.quiet = false;
    this.paused = false;
    this.hub = hub;
    this.problem = null;
    this.trouble = null;
    this.started = false;
    this.age = 0;
    this.waiting = false;
  }

  /** The canvas with the picture in the camera's own pixels. */
  get canvas(): HTMLCanvasElement | null {
    return this.renderRoot.querySelector("canvas");
  }

  /** Where the picture lies within the element, in CSS pixels, and how many of them to one of it. */
  get placement(): {
    left: number;
    top: number;
    width: number;
    height: number;
    zoom: number;
  } | null {
    const canvas = this.canvas;
    if (!canvas || !this.started) return null;
    const across = this.clientWidth / canvas.width;
    const down = this.clientHeight / canvas.height;
    const zoom = this.fit === "cover" ? Math.max(across, down) : Math.min(across, down);
    const width = canvas.width * zoom;
    const height = canvas.height * zoom;
    return {
      left: (this.clientWidth - width) / 2,
      top: (this.clientHeight - height) / 2,
      width,
      height,
      zoom,
    };
  }

  protected override arrive(): void {
    this.hub = hubFor(this);
    this.hub.speak(i18n.language);
    const sight = new IntersectionObserver((entries) => {
      this.inSight = entries.at(-1)?.isIntersecting ?? true;
      this.settle();
    });
    sight.observe(this);
    this.until(() => sight.disconnect());
    this.on(document, "visibilitychange", () => this.settle());
    this.every(1000, () => {
      if (this.arrived) this.age = (performance.now() - this.arrived) / 1000;
    });
    // The first update begins to watch; here it is for an element that was moved.
    if (this.hasUpdated) this.settle();
  }

  protected override leave(): void {
    this.release();
  }

  protected override updated(changed: PropertyValues): void {
    if (
      changed.has("device") ||
      changed.has("stream") ||
      changed.has("size") ||
      changed.has("hub")
    ) {
      if (changed.get("device") !== undefined) this.forget();
      this.release();
    }
    if (["device", "stream", "size", "paused", "hub"].some((name) => changed.has(name)))
      this.settle();
  }

  private forget(): void {
    this.started = false;
    this.frame = null;
    this.arrived = 0;
    this.problem = null;
  }

  private settle(): void {
    const wanted =
      this.isConnected && !this.paused && this.inSight && !document.hidden && this.device !== "";
    if (wanted && !this.subscription) this.watch();
    else if (!wanted) this.release();
  }

  private watch(): void {
    const stream = this.hub.stream;
    const pump = new FramePump<ImageBitmap>({
      decode: (message) => createImageBitmap(new Blob([message.bytes], { type: message.type })),
      draw: (picture) =>
        new Promise((done) =>
          requestAnimationFrame(() => {
            this.paint(picture);
            done();
          }),
        ),
      drawn: (message, picture) => {
        this.frame = message.frame;
        this.arrived = performance.now();
        this.age = 0;
        this.brokenInRow = 0;
        this.problem = null;
        this.started = true;
        this.dispatchEvent(new DrawnEvent(message.frame, picture.width, picture.height));
        picture.close();
      },
      broken: () => {
        this.brokenInRow += 1;
        if (this.brokenInRow >= BROKEN_AT_MOST) this.problem = BROKEN;
      },
      ack: (frame) => this.subscription?.ack(frame),
    });
    this.pump = pump;
    const status = () => {
      this.waiting = stream.status === "waiting";
    };
    stream.addEventListener("status", status);
    const end = stream.subscribe(`${this.device}/state`, (_, payload) => {
      const state = payload as DeviceState | null;
      this.trouble = state?.problem ?? null;
    });
    const handlers = {
      frame: (message: FrameMessage) => void pump.take(message),
      problem: (problem: Problem | null) => {
        this.problem = problem;
      },
    };
    const subscription = stream.frames(this.device, this.stream, handlers, this.size);
    this.subscription = {
      ack: subscription.ack,
      close: () => {
        stream.removeEventListener("status", status);
        end();
        subscription.close();
      },
    };
  }

  private release(): void {
    this.pump?.stop();
    this.pump = null;
    this.subscription?.close();
    this.subscription = null;
  }

  private paint(picture: ImageBitmap): void {
    const canvas = this.canvas;
    if (!canvas) return;
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      canvas.width = picture.width;
      canvas.height = picture.height;
    }
    canvas.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0);
  }

  override render(): TemplateResult {
    return html`<canvas role="img" aria-label=${t("Live view")} ?hidden=${!this.started}></canvas>
      ${this.why()}${this.quiet || !this.started || this.reason ? nothing : this.badge()}<slot></slot>`;
  }

  /** Why there is no picture now; a device in trouble may still be showing its last seconds. */
  private get reason(): Problem | null {
    return this.problem ?? (!this.started || this.age >= OLD ? this.trouble : null);
  }

  private why(): TemplateResult | typeof nothing {
    const over = this.started ? "over" : "";
    const problem = this.reason;
    if (problem) {
      const { title, hint, params } = problem;
      return html`<div class="why ${over}" role="status">${icon("warning")}
        <strong>${t(title, params)}</strong>${hint && !this.quiet ? html`<p>${t(hint, params)}</p>` : nothing}</div>`;
    }
    if (this.waiting) {
      return html`<div class="why ${over}" role="status"><div class="spin"></div>
        <strong>${t("The connection to the hub is lost.")}</strong>
        <p>${t("It comes back by itself.")}</p></div>`;
    }
    if (this.started) return nothing;
    if (this.paused) {
      return html`<div class="why" role="status">${icon("pause")}<strong>${t("The picture is paused.")}</strong></div>`;
    }
    return html`<div class="why" role="status"><div class="spin"></div>
      <strong>${t("The camera is starting.")}</strong></div>`;
  }

  private badge(): TemplateResult {
    if (this.paused) return html`<div class="badge paused"><i></i>${t("Paused")}</div>`;
    if (this.age < OLD) return html`<div class="badge"><i></i>${t("Live")}</div>`;
    return html`<div class="badge old"><i></i>${t("{n} s old", { n: Math.round(this.age) })}</div>`;
  }
}
define("hub-live-view", LiveView);
