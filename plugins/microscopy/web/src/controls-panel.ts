import {
  type Device,
  hub,
  type Operation,
  type PropertyDescription,
  problemOf,
  type Reading,
} from "@classhub/client";
import {
  base,
  controlFor,
  define,
  HubElement,
  icon,
  number,
  Running,
  type SetEvent,
  sayProblem,
  t,
  unitText,
  Writer,
  withUnit,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import "./camera-actions.js";

interface Position {
  x: number;
  y: number;
}

/** How far a press of an arrow moves the specimen, as a part of the view: small and large. */
const STEPS = [0.1, 0.4];
/** Micrometres that serve as the width of the view where the scale or the picture is not known. */
const UNKNOWN_WIDTH = 1920;

/** Objective, focus, light and stage, as far as this microscope has them. For teachers. */
class MicroscopeControls extends HubElement {
  static override properties = {
    device: { attribute: false },
    readings: { attribute: false },
    pixels: { attribute: false },
    step: { state: true },
  };
  static override styles = [
    base,
    css`
      .all { display: grid; gap: var(--space-6); }
      .part { display: grid; gap: var(--space-3); }
      .pad { display: grid; grid-template-columns: repeat(3, minmax(var(--touch), 4.25rem)); grid-auto-rows: calc(var(--touch) * 1.2); gap: var(--space-2); justify-content: center; }
      .pad button { padding: 0; }
      .pad .u { grid-column: 2; } .pad .l { grid-column: 1; } .pad .r { grid-column: 3; } .pad .d { grid-column: 2; }
      .pad .c { grid-column: 2; font: var(--type-small); }
      .where { text-align: center; font-variant-numeric: tabular-nums; }
      .fine { display: grid; grid-template-columns: auto 1fr auto; gap: var(--space-2); align-items: center; }
    `,
  ];
  declare device: Device;
  declare readings: Record<string, Reading>;
  /** How wide the live picture is, in the camera's pixels; 0 before there is one. */
  declare pixels: number;
  declare step: number;
  private readonly writers = new Map<string, Writer<unknown>>();
  private readonly focusing = new Running(this);
  private target: Position | null = null;

  constructor() {
    super();
    this.readings = {};
    this.pixels = 0;
    this.step = STEPS[0] ?? 0.1;
  }

  private property(name: string): PropertyDescription | undefined {
    return this.device.description?.properties[name];
  }

  private write(name: string, value: unknown): void {
    let writer = this.writers.get(name);
    if (!writer) {
      const path = `/devices/${encodeURIComponent(this.device.id)}/properties/${name}`;
      writer = new Writer(
        async (next) => {
          const reading = await hub.api.put<Reading>(path, { value: next });
          this.readings = { ...this.readings, [name]: reading };
        },
        (error) => {
          const problem = problemOf(error);
          if (problem.code !== "superseded") sayProblem(problem);
        },
      );
      this.writers.set(name, writer);
    }
    writer.send(value);
  }

  private async findFocus(): Promise<void> {
    const path = `/devices/${encodeURIComponent(this.device.id)}/actions/autofocus`;
    await this.focusing.follow(() => hub.api.post<Operation>(path, {}));
    if (this.focusing.problem) sayProblem(this.focusing.problem);
  }

  override render(): TemplateResult {
    const parts = [this.objective(), this.focusPart(), this.light(), this.stage()];
    return html`<div class="all">${
      parts.every((part) => part === nothing)
        ? html`<p class="muted">${t("This microscope is set by hand: its objective, focus and light cannot be moved from here.")}</p>`
        : parts
    }<hub-camera-actions .device=${this.device} .released=${this.readings.released?.value === true}></hub-camera-actions><a class="button calibrate" href="/microscopes/${encodeURIComponent(this.device.id)}/calibrate">${icon("ruler")}${t("Calibrate the scale")}</a></div>`;
  }

  private objective(): TemplateResult | typeof nothing {
    const property = this.property("objective");
    const control = property && controlFor(property.schema);
    if (!property?.writable || control?.kind !== "choice") return nothing;
    return html`<hub-choice label=${t("Objective")} ?disabled=${!this.device.state.reachable} .options=${control.options} .value=${this.readings.objective?.value}
      @set=${(event: SetEvent<unknown>) => this.write("objective", event.value)}></hub-choice>`;
  }

  private slider(name: string, label: string): TemplateResult | typeof nothing {
    const property = this.property(name);
    const control = property && controlFor(property.schema);
    if (!property?.writable || control?.kind !== "range") return nothing;
    return html`<hub-range label=${label} ?disabled=${!this.device.state.reachable} unit=${unitText(property.unit)} minimum=${control.minimum} maximum=${control.maximum}
      step=${control.step} .value=${(this.readings[name]?.value as number | undefined) ?? null}
      @set=${(event: SetEvent<number>) => this.write(name, event.value)}></hub-range>`;
  }

  private focusPart(): TemplateResult | typeof nothing {
    const slider = this.slider("focus", t("Focus"));
    const auto = this.device.description?.actions.autofocus;
    if (slider === nothing && !auto) return nothing;
    return html`<div class="part">${slider}${
      auto
        ? this.focusing.busy
          ? html`<progress max="1" .value=${this.focusing.operation?.fraction ?? 0} aria-label=${t("Autofocus")}></progress>
            <button ?disabled=${!this.focusing.operation} @click=${() => void this.focusing.stop()}>${icon("stop")}${t("Stop")}</button>`
          : html`<button ?disabled=${!this.device.state.reachable} @click=${this.findFocus}>${icon("focus")}${t("Focus by itself")}</button>`
        : nothing
    }</div>`;
  }

  private light(): TemplateResult | typeof nothing {
    return this.slider("light", t("Light"));
  }

  private move(dx: number, dy: number): void {
    const now = this.target ?? (this.readings.stage?.value as Position | undefined);
    if (!now) return;
    const scale = this.readings.scale?.value;
    const seen = typeof scale === "number" ? scale * this.pixels : 0;
    const across = seen > 0 ? seen : UNKNOWN_WIDTH;
    const far = across * this.step;
    this.go({ x: now.x + dx * far, y: now.y + dy * far });
  }

  private go(position: Position): void {
    this.target = position;
    this.write("stage", position);
    setTimeout(() => {
      if (this.target === position) this.target = null;
    }, 1_000);
  }

  private stage(): TemplateResult | typeof nothing {
    if (!this.property("stage")?.writable) return nothing;
    const at = this.readings.stage?.value as Position | undefined;
    const arrow = (
      place: string,
      name: "up" | "down" | "left" | "right",
      label: string,
      dx: number,
      dy: number,
    ) =>
      html`<button class=${place} ?disabled=${!this.device.state.reachable} aria-label=${label} @click=${() => this.move(dx, dy)}>${icon(name)}</button>`;
    return html`<div class="part"><h3>${t("Stage")}</h3>
      <div class="pad">
        ${arrow("u", "up", t("Move up"), 0, -1)}
        ${arrow("l", "left", t("Move left"), -1, 0)}
        <button class="c" ?disabled=${!this.device.state.reachable} aria-label=${t("Back to the centre")} title=${t("Back to the centre")} @click=${() => this.go({ x: 0, y: 0 })}>${icon("focus")}</button>
        ${arrow("r", "right", t("Move right"), 1, 0)}
        ${arrow("d", "down", t("Move down"), 0, 1)}
      </div>
      ${at ? html`<p class="where muted small">${number(at.x, 0)} · ${withUnit(number(at.y, 0), unitText("um"))}</p>` : nothing}
      <hub-choice .options=${[t("Small steps"), t("Large steps")]} .value=${this.step === STEPS[0] ? t("Small steps") : t("Large steps")}
        @set=${(event: SetEvent<string>) => {
          this.step = (event.value === t("Small steps") ? STEPS[0] : STEPS[1]) ?? 0.1;
        }}></hub-choice>
    </div>`;
  }
}
define("hub-microscope-controls", MicroscopeControls);
