import { define, HubElement, t } from "@classhub/ui";
import { css, html, type TemplateResult, unsafeCSS } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Plot, Series } from "./api.js";
import { CHART_CSS, Chart, type Span } from "./chart.js";
import { healthStyles } from "./health-page.styles.js";
import { moment, shown } from "./words.js";

/** Curves beside each other, each under its title; with `alike` all on one scale, to be compared. */
class HealthCharts extends HubElement {
  static override properties = {
    plots: { attribute: false },
    hours: { attribute: false },
    end: { attribute: false },
    alike: { attribute: false },
    heading: { attribute: false },
    told: { state: true },
  };
  static override styles = [
    healthStyles,
    unsafeCSS(CHART_CSS),
    css`
      .charts { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); }
      .chart { padding: var(--space-4) var(--space-5); display: grid; gap: var(--space-2); min-width: 0; }
      .chart header { display: flex; justify-content: space-between; gap: var(--space-3); align-items: center; }
      .chart header a { display: inline-flex; align-items: center; min-height: var(--touch); }
      .chart header span { font-variant-numeric: tabular-nums; white-space: nowrap; }
      .place { height: 10rem; min-width: 0; overflow: hidden; }
    `,
  ];
  declare plots: Plot[];
  /** How far back they go, and where they end (seconds since the epoch). */
  declare hours: number;
  declare end: number;
  declare alike: boolean;
  /** What stands above a curve. */
  declare heading: (series: Series) => TemplateResult | string;
  declare told: { series: number; time: number; value: number } | null;
  private charts: Chart[] = [];

  constructor() {
    super();
    this.plots = [];
    this.hours = 24;
    this.end = 0;
    this.alike = false;
    this.heading = (series) => series.title;
    this.told = null;
  }

  protected override arrive(): void {
    const size = new ResizeObserver(() => this.fit());
    size.observe(this);
    const theme = new MutationObserver(() => this.draw());
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.until(() => {
      size.disconnect();
      theme.disconnect();
    });
  }

  protected override leave(): void {
    for (const chart of this.charts.splice(0)) chart.close();
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("hours")) this.told = null;
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has("plots") || changed.has("end")) this.draw();
  }

  private draw(): void {
    for (const chart of this.charts.splice(0)) chart.close();
    const style = getComputedStyle(this);
    const of = (name: string) => style.getPropertyValue(name).trim();
    const colours = {
      curve: of("--accent"),
      band: of("--accent-soft"),
      ink: of("--muted"),
      line: of("--line"),
    };
    const range = { begin: this.end - this.hours * 3600, end: this.end };
    const scale = this.alike ? spanOf(this.plots) : undefined;
    this.renderRoot.querySelectorAll<HTMLElement>(".place").forEach((place, at) => {
      const plot = this.plots[at];
      if (!plot) return;
      const told = (time: number | null, value: number | null) => {
        const known = time !== null && value !== null;
        this.told = known ? { series: plot.series.id, time, value } : null;
      };
      this.charts.push(new Chart(place, plot, range, colours, told, scale));
    });
  }

  private fit(): void {
    this.renderRoot.querySelectorAll<HTMLElement>(".place").forEach((place, at) => {
      this.charts[at]?.fit(place.clientWidth, place.clientHeight);
    });
  }

  override render(): TemplateResult {
    return html`<div class="charts">${repeat(
      this.plots,
      (plot) => plot.series.id,
      (plot) => this.chart(plot),
    )}</div>`;
  }

  private chart(plot: Plot): TemplateResult {
    const { series } = plot;
    const told = this.told?.series === series.id ? this.told : null;
    const last = lastOf(plot);
    return html`<div class="card chart"><header><h3>${this.heading(series)}</h3>
        <span>${told ? html`<span class="muted small">${moment(new Date(told.time * 1000).toISOString())}</span> ` : ""}<b>${shown(series, told?.value ?? last)}</b></span></header>
      <div class="place" role="img" aria-label=${t("{name}: {value} now", { name: series.title, value: shown(series, last) })}></div></div>`;
  }
}
define("hub-health-charts", HealthCharts);

/** The last value of a curve; of what is counted, all of it together. */
export function lastOf({ series, values }: Plot): number {
  return series.sums ? values.reduce((sum, value) => sum + value, 0) : (values.at(-1) ?? 0);
}

/** From the least to the most of several curves. */
export function spanOf(plots: Plot[]): Span {
  const of = (plot: Plot) => (plot.series.sums ? plot.values : [...plot.least, ...plot.most]);
  const all = plots.flatMap(of);
  return {
    low: all.reduce((least, value) => Math.min(least, value), 0),
    high: all.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  };
}
