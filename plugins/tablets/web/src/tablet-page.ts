import { type Device, hub, type Problem, problemOf } from "@classhub/client";
import {
  define,
  deviceName,
  deviceStatus,
  HubElement,
  icon,
  number,
  say,
  sayProblem,
  t,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import "./calibrate-dialog.js";
import { EVEN, type Mapping, type PenSample, type PressureCurve, samplesOf, shape } from "./pen.js";
import "./pen-sheet.js";
import type { PenSheet } from "./pen-sheet.js";
import { tabletPageStyles } from "./tablet-page.styles.js";

const TURNS = [0, 90, 180, 270] as const;

/** A tablet: its pen tried out, how hard one presses, which way up it lies, calibrating. */
class TabletPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    device: { state: true },
    pen: { state: true },
    curve: { state: true },
    problem: { state: true },
    calibrating: { state: true },
    busy: { state: true },
  };
  static override styles = tabletPageStyles;
  declare params: { id?: string };
  declare device: Device | null;
  declare pen: PenSample | null;
  declare curve: PressureCurve;
  declare problem: Problem | null;
  declare calibrating: boolean;
  declare busy: boolean;
  private frame = 0;

  constructor() {
    super();
    this.params = {};
    this.device = null;
    this.pen = null;
    this.curve = EVEN;
    this.problem = null;
    this.calibrating = false;
    this.busy = false;
  }

  private get tablet(): string {
    return this.params.id ?? "";
  }

  private get me(): string | null {
    return hub.session.principal?.person ?? null;
  }

  protected override arrive(): void {
    const topics = [`${this.tablet}/state`, `${this.tablet}/p/+`];
    this.keepLoaded(() => this.load(), { topics, sources: [hub.session] });
    this.until(
      hub.stream.subscribe(`${this.tablet}/s/pen`, (_, payload) => this.hear(samplesOf(payload))),
    );
    this.until(() => cancelAnimationFrame(this.frame));
  }

  private async load(): Promise<void> {
    try {
      this.device = await hub.api.get<Device>(`/devices/${encodeURIComponent(this.tablet)}`);
      if (this.me && hub.session.may("pupil")) {
        this.curve = await hub.api.get<PressureCurve>(`/tablets/curves/${this.me}`);
      }
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private hear(samples: PenSample[]): void {
    this.renderRoot.querySelector<PenSheet>("hub-pen-sheet")?.draw(samples);
    const last = samples.at(-1) ?? null;
    // Two hundred reports a second: the figures are drawn once for each frame of the screen.
    if (this.frame === 0) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.pen = this.next;
      });
    }
    this.next = last;
  }
  private next: PenSample | null = null;

  private async attempt(work: () => Promise<unknown>, done = ""): Promise<void> {
    this.busy = true;
    try {
      await work();
      if (done) say(done);
      await this.load();
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = false;
  }

  private value<T>(name: string): T | null {
    return (this.device?.properties[name]?.value as T | undefined) ?? null;
  }

  private set(name: string, value: unknown): void {
    const path = `/devices/${encodeURIComponent(this.tablet)}/properties/${name}`;
    void this.attempt(() => hub.api.put(path, { value }));
  }

  override render(): TemplateResult {
    const device = this.device;
    if (!device) {
      return html`<div class="page"><hub-notice .problem=${this.problem}></hub-notice></div>`;
    }
    const status = deviceStatus(device.state);
    const size = this.value<{ width: number; height: number }>("size");
    return html`<div class="page">
      <div class="head"><div>
        <p class="muted small">${t(device.kind_title)}${device.seat ? html` · ${t("Seat")}: ${device.seat}` : nothing}</p>
        <h1>${deviceName(device)}</h1>
        <p class="chip"><span class="dot ${status.tone}"></span>${status.text}</p>
      </div>
      ${hub.session.may("teacher") ? html`<a class="button" href="/devices/${encodeURIComponent(device.id)}">${icon("sliders")}${t("All about it")}</a>` : nothing}</div>
      <hub-notice .problem=${device.state.problem ?? device.state.health ?? this.problem}></hub-notice>
      <div class="columns">
        <section class="card"><div class="head"><h2>${t("Try the pen")}</h2>
          <button @click=${() => this.renderRoot.querySelector<PenSheet>("hub-pen-sheet")?.clear()}>${icon("erase")}${t("Clear")}</button></div>
          <hub-pen-sheet .curve=${this.curve} .ratio=${size ? size.width / size.height : 1.6}></hub-pen-sheet>
          <p class="muted small">${t("Write here with the tablet's own pen. What you write is not kept.")}</p>
        </section>
        <div class="side">${this.live()}${this.me ? this.hand() : nothing}${hub.session.may("teacher") ? this.lie() : nothing}</div>
      </div>
      ${
        this.calibrating
          ? html`<hub-calibrate-tablet .device=${device.id} @close=${() => {
              this.calibrating = false;
              void this.load();
            }}></hub-calibrate-tablet>`
          : nothing
      }
    </div>`;
  }

  private live(): TemplateResult {
    const pen = this.pen?.near ? this.pen : null;
    const pressed = pen?.contact ? pen.pressure : 0;
    const across = pen?.tilt_x ?? 0;
    const down = pen?.tilt_y ?? 0;
    const known = pen === null || pen.tilt_x !== null;
    return html`<section class="card" aria-label=${t("The pen now")}>
      <div><p>${t("Pressure")}</p>
        <progress class="bar" max="1" .value=${pressed} aria-label=${t("Pressure")}></progress></div>
      <div class="live">
        ${
          known
            ? html`<svg class="dial" viewBox="-50 -50 100 100" fill="none" stroke="currentColor" stroke-width="2" role="img" aria-label=${t("Tilt")}>
              <circle r="46"></circle><circle r="23" stroke-dasharray="3 4"></circle>
              <g class="pen" stroke="currentColor"><path stroke-width="5" stroke-linecap="round" d="M0 0L${(across / 64) * 46} ${(down / 64) * 46}"></path><circle r="4" fill="currentColor"></circle></g></svg>`
            : html`<span></span>`
        }
        <dl>
          <dt>${t("Tilt")}</dt><dd>${known ? `${number(across, 0)}°, ${number(down, 0)}°` : t("not measured")}</dd>
          <dt>${t("Buttons")}</dt><dd>${pen?.buttons.length ? pen.buttons.join(", ") : "–"}</dd>
          <dt>${t("Pen end")}</dt><dd>${pen === null ? "–" : pen.eraser ? t("Eraser") : t("Tip")}</dd>
        </dl>
      </div>
    </section>`;
  }

  private hand(): TemplateResult {
    const curve = this.curve;
    const keep = (changed: Partial<PressureCurve>) => {
      const next = { ...curve, ...changed };
      void this.attempt(() => hub.api.put(`/tablets/curves/${this.me}`, next), t("Kept for you."));
    };
    const pressed = this.pen?.contact ? shape(curve, this.pen.pressure) : 0;
    return html`<section class="card"><h2>${t("My hand")}</h2>
      <div><label for="softness">${t("How hard I press")}</label>
        <input id="softness" type="range" min="-1" max="1" step="0.1" .value=${String(-curve.softness)}
          @change=${(event: Event) => keep({ softness: -Number((event.target as HTMLInputElement).value) })}>
        <p class="ends small muted"><span>${t("lightly")}</span><span>${t("hard")}</span></p></div>
      <progress class="bar meant" max="1" .value=${pressed} aria-label=${t("Pressure")}></progress>
      <p class="muted small">${t("It goes with you to every tablet.")}</p>
    </section>`;
  }

  private lie(): TemplateResult {
    const mapping = this.value<Mapping>("mapping");
    const calibration = this.value<{ points: number; error: number | null }>("calibration");
    const off = !this.device?.state.reachable || this.busy;
    const left = mapping?.rotation === 180;
    return html`<section class="card"><h2>${t("How it lies")}</h2>
      ${
        mapping
          ? html`<hub-switch label=${t("For a left-handed pupil")} .value=${left} ?disabled=${off}
              @set=${() => this.set("mapping", { ...mapping, rotation: left ? 0 : 180 })}></hub-switch>
            <div class="turns" role="group" aria-label=${t("Turned by")}>${TURNS.map(
              (turn) =>
                html`<button ?disabled=${off} aria-pressed=${mapping.rotation === turn ? "true" : "false"} @click=${() => this.set("mapping", { ...mapping, rotation: turn })}>${turn}°</button>`,
            )}</div>`
          : nothing
      }
      <h3>${t("Calibration")}</h3>
      <p class="muted small">${
        calibration?.points
          ? t("Calibrated by {n} marks.", { n: calibration.points })
          : t("Only a screen with a pen needs it: open this page on that very screen.")
      }</p>
      <div class="row"><button ?disabled=${off} @click=${() => {
        this.calibrating = true;
      }}>${icon("focus")}${t("Calibrate")}</button>
      ${
        calibration?.points
          ? html`<button ?disabled=${off} @click=${() => void this.attempt(() => hub.api.delete(`/tablets/${encodeURIComponent(this.tablet)}/calibration`))}>${icon("undo")}${t("As it was")}</button>`
          : nothing
      }</div>
      <p><a href="/pen-for-programs">${t("A pen for this computer's programs")}</a></p>
    </section>`;
  }
}
define("hub-tablet-page", TabletPage);
