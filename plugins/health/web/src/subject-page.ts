import { type Device, hub, N_, type Problem, problemOf } from "@classhub/client";
import { define, deviceName, HubElement, i18n, icon, t } from "@classhub/ui";
import { css, html, type TemplateResult, unsafeCSS } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Change, type LessonShare, type Plot, type Series, shareTone } from "./api.js";
import { CHART_CSS, Chart } from "./chart.js";
import { healthStyles } from "./health-page.styles.js";
import { changeText, moment, shareText, valueText } from "./words.js";

const RANGES = [
  { hours: 1, title: N_("Hour") },
  { hours: 24, title: N_("Day") },
  { hours: 24 * 7, title: N_("Week") },
  { hours: 24 * 31, title: N_("Month") },
  { hours: 24 * 366, title: N_("Year") },
] as const;
const AT_ONCE = 12;
const AGAIN = 30_000;
// What is the same all the time tells nothing unless something is wrong.
const FIRST = ["healthy", "reachable", "answer", "processor", "memory"];
const SHARES = ["reachable", "healthy", "gateway", "dns", "internet", "ups_on_battery"];
/** What is watched and is no device. */
const PLACES: Record<string, string> = {
  computer: N_("The hub's computer"),
  network: N_("Network"),
};

/** How a device, or the computer, was: every series as a curve, and what changed. */
class SubjectPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    device: { state: true },
    plots: { state: true },
    changes: { state: true },
    lessons: { state: true },
    hours: { state: true },
    told: { state: true },
    problem: { state: true },
    loaded: { state: true },
  };
  static override styles = [
    healthStyles,
    unsafeCSS(CHART_CSS),
    css`
      .ranges { display: flex; flex-wrap: wrap; gap: var(--space-2); }
      .ranges [aria-pressed="true"] { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
      .charts { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); }
      .chart { padding: var(--space-4) var(--space-5); display: grid; gap: var(--space-2); min-width: 0; }
      .chart header { display: flex; justify-content: space-between; gap: var(--space-3); align-items: baseline; }
      .chart header span { font-variant-numeric: tabular-nums; white-space: nowrap; }
      .place { height: 10rem; min-width: 0; overflow: hidden; }
    `,
  ];
  declare params: { id?: string };
  declare device: Device | null;
  declare plots: Plot[];
  declare changes: Change[];
  declare lessons: LessonShare[];
  declare hours: number;
  declare told: { series: number; time: number; value: number } | null;
  declare problem: Problem | null;
  declare loaded: boolean;
  private charts: Chart[] = [];
  private end = 0;

  constructor() {
    super();
    this.params = {};
    this.device = null;
    this.plots = [];
    this.changes = [];
    this.lessons = [];
    this.hours = 24;
    this.told = null;
    this.problem = null;
    this.loaded = false;
  }

  private get subject(): string {
    return this.params.id ?? "";
  }

  protected override arrive(): void {
    const again = this.settled(() => void this.load());
    this.on(i18n, "change", again);
    this.every(AGAIN, again);
    const size = new ResizeObserver(() => this.fit());
    size.observe(this);
    const theme = new MutationObserver(() => this.draw());
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.until(() => {
      size.disconnect();
      theme.disconnect();
    });
    void this.load();
  }

  protected override leave(): void {
    for (const chart of this.charts.splice(0)) chart.close();
  }

  private async load(): Promise<void> {
    const subject = encodeURIComponent(this.subject);
    try {
      if (!(this.subject in PLACES)) {
        this.device = await hub.api.get<Device>(`/devices/${subject}`);
        const changes = await hub.api.get<{ items: Change[] }>(
          `/health/changes?device=${subject}&hours=${this.hours}&limit=100`,
        );
        this.changes = changes.items;
        const lessons = await hub.api.get<{ items: LessonShare[] }>(
          `/health/uptime?device=${subject}&days=30`,
        );
        this.lessons = lessons.items.filter((one) => one.share !== null);
      }
      const known = await hub.api.get<{ items: Series[] }>(`/health/series?subject=${subject}`);
      const wanted = sorted(known.items);
      const end = Date.now() / 1000;
      const plots: Plot[] = [];
      for (let at = 0; at < wanted.length; at += AT_ONCE) {
        const ids = wanted.slice(at, at + AT_ONCE).map((one) => `series=${one.id}`);
        const found = await hub.api.get<{ items: Plot[] }>(
          `/health/plots?${ids.join("&")}&hours=${this.hours}&until=${end}&points=240`,
        );
        plots.push(...found.items);
      }
      this.end = end;
      this.plots = plots.filter((plot) => plot.times.length > 0);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.loaded = true;
    await this.updateComplete;
    this.draw();
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
    const places = this.renderRoot.querySelectorAll<HTMLElement>(".place");
    const range = { begin: this.end - this.hours * 3600, end: this.end };
    places.forEach((place, at) => {
      const plot = this.plots[at];
      if (!plot) return;
      const told = (time: number | null, value: number | null) => {
        const known = time !== null && value !== null;
        this.told = known ? { series: plot.series.id, time, value } : null;
      };
      this.charts.push(new Chart(place, plot, range, colours, told));
    });
  }

  private fit(): void {
    const places = this.renderRoot.querySelectorAll<HTMLElement>(".place");
    places.forEach((place, at) => {
      this.charts[at]?.fit(place.clientWidth, place.clientHeight);
    });
  }

  private choose(hours: number): void {
    this.hours = hours;
    this.told = null;
    void this.load();
  }

  override render(): TemplateResult {
    const place = PLACES[this.subject];
    const name = place ? t(place) : this.device ? deviceName(this.device) : this.subject;
    return html`<div class="page">
      <div class="head"><div><a href="/health" class="button quiet">${icon("arrow-left")}${t("Device health")}</a><h1>${name}</h1></div>
        <div class="ranges" role="group" aria-label=${t("How far back")}>${RANGES.map(
          (one) =>
            html`<button aria-pressed=${this.hours === one.hours} @click=${() => this.choose(one.hours)}>${t(one.title)}</button>`,
        )}</div></div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${
        this.plots.length
          ? html`<div class="charts">${repeat(
              this.plots,
              (plot) => plot.series.id,
              (plot) => this.chart(plot),
            )}</div>`
          : html`<p class="card calm muted">${this.loaded ? t("Nothing was measured in this time. The first curves are here a minute after the hub has started.") : t("Loading")}</p>`
      }
      ${
        place
          ? ""
          : html`${this.byLesson()}<section><h2>${t("What changed")}</h2>${
              this.changes.length
                ? html`<ul class="log card">${this.changes.map((one) => this.change(one))}</ul>`
                : html`<p class="card calm muted">${t("Nothing in this time.")}</p>`
            }</section>
            <div class="row"><a class="button" href="/devices/${encodeURIComponent(this.subject)}">${icon("sliders")}${t("Look after it")}</a></div>`
      }
    </div>`;
  }

  private byLesson(): TemplateResult | string {
    if (!this.lessons.length) return "";
    return html`<section><h2>${t("By lesson hour, in 30 days")}</h2><ul class="tiles">${this.lessons.map(
      (one) => html`<li class="card tile"><span class="small">${one.begins}</span>
        <strong><span class="dot ${shareTone(one.share)}"></span> ${shareText(one)}</strong></li>`,
    )}</ul></section>`;
  }

  private chart(plot: Plot): TemplateResult {
    const { series } = plot;
    const told = this.told?.series === series.id ? this.told : null;
    const last = series.sums
      ? plot.values.reduce((sum, value) => sum + value, 0)
      : (plot.values.at(-1) ?? 0);
    const value = told?.value ?? last;
    return html`<div class="card chart"><header><h3>${series.title}</h3>
        <span>${told ? html`<span class="muted small">${moment(new Date(told.time * 1000).toISOString())}</span> ` : ""}<b>${this.value(series, value)}</b></span></header>
      <div class="place" role="img" aria-label=${t("{name}: {value} now", { name: series.title, value: this.value(series, last) })}></div></div>`;
  }

  private value(series: Series, value: number): string {
    if (SHARES.includes(series.name) && series.unit === "1") {
      return valueText({ unit: "%" }, Math.round(value * 100));
    }
    return valueText(series, value);
  }

  private change(one: Change): TemplateResult {
    return html`<li><time datetime=${one.time}>${moment(one.time)}</time>
      <span class="dot ${one.up ? "good" : "bad"}"></span><span>${changeText(one)}</span></li>`;
  }
}
define("hub-health-subject", SubjectPage);

function sorted(series: Series[]): Series[] {
  const rank = (one: Series) => {
    const at = FIRST.indexOf(one.name);
    return at < 0 ? FIRST.length : at;
  };
  return [...series].sort(
    (one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name),
  );
}
