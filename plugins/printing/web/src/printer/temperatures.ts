import { hub, type Reading } from "@classhub/client";
import { base, define, HubElement, i18n, number, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult, unsafeCSS } from "lit";
import { printerPath } from "../api.js";
import { DRAW } from "../drawings.js";
import {
  KEPT_SECONDS,
  PRESETS,
  rowOf,
  type TemperatureRow,
  type Temperatures,
  withRow,
} from "./device.js";
import { PLOT_CSS, Plot } from "./plot.js";

export class HeatEvent extends Event {
  /** Null switches all heaters off. */
  constructor(readonly targets: { tool?: number; bed?: number } | null) {
    super("heat");
  }
}

/** How warm the printer is, now and in the last half hour; teachers heat and cool it. */
class TemperaturesPart extends HubElement {
  static override properties = {
    printer: {},
    reading: { attribute: false },
    heats: { type: Boolean },
    disabled: { type: Boolean },
  };
  static override styles = [
    base,
    unsafeCSS(PLOT_CSS),
    css`
      :host { display: grid; gap: var(--space-4); min-width: 0; }
      .now { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: var(--space-3); }
      .now div { padding: var(--space-3) var(--space-4); border-radius: var(--radius-m); background: var(--sunken); border-inline-start: 6px solid var(--mark); }
      .tool { --mark: var(--bad-mark); }
      .bed { --mark: var(--accent); }
      .chamber { --mark: var(--sun); }
      .now strong { display: block; font: 700 1.75rem/1.1 var(--sans); font-variant-numeric: tabular-nums; }
      .plot { height: 15rem; min-width: 0; overflow: hidden; }
      form { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: end; }
      form div { flex: 1 1 7rem; }
    `,
  ];
  declare printer: string;
  declare reading: Reading | null;
  declare heats: boolean;
  declare disabled: boolean;
  private rows: TemperatureRow[] = [];
  private plot: Plot | null = null;

  constructor() {
    super();
    this.printer = "";
    this.reading = null;
    this.heats = false;
    this.disabled = false;
  }

  protected override arrive(): void {
    const size = new ResizeObserver(() => {
      const place = this.renderRoot.querySelector<HTMLElement>(".plot");
      if (place) this.plot?.fit(place.clientWidth, place.clientHeight);
    });
    size.observe(this);
    const again = new MutationObserver(() => this.redraw());
    again.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.until(() => {
      size.disconnect();
      again.disconnect();
    });
    this.on(i18n, "change", () => this.redraw());
    void this.load();
  }

  protected override leave(): void {
    this.plot?.close();
    this.plot = null;
  }

  private async load(): Promise<void> {
    await this.updateComplete;
    try {
      const kept = await hub.api.get<{ items: TemperatureRow[] } | TemperatureRow[]>(
        `${printerPath(this.printer, "temperatures")}?seconds=${KEPT_SECONDS}`,
      );
      const before = Array.isArray(kept) ? kept : kept.items;
      this.rows = [...before, ...this.rows.filter((row) => row[0] > (before.at(-1)?.[0] ?? 0))];
    } catch {
      // The curve begins now; the figures beside it are right all the same.
    }
    this.redraw();
  }

  private redraw(): void {
    const place = this.renderRoot.querySelector<HTMLElement>(".plot");
    if (!place || !this.isConnected) return;
    this.plot?.close();
    const style = getComputedStyle(this);
    const of = (name: string) => style.getPropertyValue(name).trim();
    this.plot = new Plot(place, this.rows, {
      tool: of("--bad-mark"),
      bed: of("--accent"),
      ink: of("--muted"),
      line: of("--line"),
    });
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has("reading") || !this.reading) return;
    this.rows = withRow(
      this.rows,
      rowOf(Date.parse(this.reading.time) / 1000, this.reading.value as Temperatures),
    );
    this.plot?.draw(this.rows);
  }

  override render(): TemplateResult {
    const now = this.reading?.value as Temperatures | undefined;
    return html`<div class="now">
        ${now?.tools.map((heater, index) => this.figure("tool", now.tools.length > 1 ? t("Nozzle {n}", { n: index + 1 }) : t("Nozzle"), heater))}
        ${now?.bed ? this.figure("bed", t("Plate"), now.bed) : nothing}
        ${now?.chamber ? this.figure("chamber", t("Chamber"), now.chamber) : nothing}
      </div>
      <div class="plot" role="img" aria-label=${t("The temperatures of the last half hour")}></div>
      ${this.heats ? this.controls(now) : nothing}`;
  }

  private figure(
    kind: string,
    name: string,
    heater: { actual: number; target: number },
  ): TemplateResult {
    return html`<div class=${kind}><span class="small">${name}</span><strong>${number(heater.actual, 0)} °C</strong>
      <span class="small muted">${heater.target > 0 ? t("shall be {n} °C", { n: number(heater.target, 0) }) : t("is off")}</span></div>`;
  }

  private controls(now: Temperatures | undefined): TemplateResult {
    const heat = (targets: { tool?: number; bed?: number } | null) =>
      this.dispatchEvent(new HeatEvent(targets));
    return html`<div class="row">${PRESETS.map(
      (one) =>
        html`<button ?disabled=${this.disabled} @click=${() => heat({ tool: one.tool, ...(now?.bed ? { bed: one.bed } : {}) })}>${DRAW.heat()}${t("Heat for {material}", { material: one.material })}</button>`,
    )}<button ?disabled=${this.disabled} @click=${() => heat(null)}>${DRAW.cool()}${t("Switch the heaters off")}</button></div>
    <form @submit=${(event: Event) => {
      event.preventDefault();
      const form = new FormData(event.target as HTMLFormElement);
      const value = (name: string) => (form.get(name) ? { [name]: Number(form.get(name)) } : {});
      heat({ ...value("tool"), ...value("bed") });
    }}>
      <div><label for="tool">${t("Nozzle, °C")}</label><input id="tool" name="tool" type="number" min="0" max="320" inputmode="numeric"></div>
      ${now?.bed ? html`<div><label for="bed">${t("Plate, °C")}</label><input id="bed" name="bed" type="number" min="0" max="140" inputmode="numeric"></div>` : nothing}
      <button ?disabled=${this.disabled}>${DRAW.heat()}${t("Heat")}</button></form>`;
  }
}
define("hub-printer-temperatures", TemperaturesPart);
