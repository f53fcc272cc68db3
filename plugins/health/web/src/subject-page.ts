import { type Device, hub, type Problem, problemOf } from "@classhub/client";
import { define, deviceName, HubElement, icon, t } from "@classhub/ui";
import { html, type TemplateResult } from "lit";
import { type Change, type LessonShare, type Plot, type Series, shareTone } from "./api.js";
import "./charts.js";
import { healthStyles } from "./health-page.styles.js";
import { AGAIN, PLACES, plotsOf, rangeStyles, ranges } from "./ranges.js";
import { changeText, moment, shareText } from "./words.js";

// What is the same all the time tells nothing unless something is wrong.
const FIRST = ["healthy", "reachable", "answer", "processor", "memory"];
/** How a device, or the computer, was: every series as a curve, and what changed. */
class SubjectPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    device: { state: true },
    plots: { state: true },
    changes: { state: true },
    lessons: { state: true },
    hours: { state: true },
    problem: { state: true },
    loaded: { state: true },
  };
  static override styles = [healthStyles, rangeStyles];
  declare params: { id?: string };
  declare device: Device | null;
  declare plots: Plot[];
  declare changes: Change[];
  declare lessons: LessonShare[];
  declare hours: number;
  declare problem: Problem | null;
  declare loaded: boolean;
  private end = 0;

  constructor() {
    super();
    this.params = {};
    this.device = null;
    this.plots = [];
    this.changes = [];
    this.lessons = [];
    this.hours = 24;
    this.problem = null;
    this.loaded = false;
  }

  private get subject(): string {
    return this.params.id ?? "";
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { every: AGAIN });
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
      const plots = await plotsOf(wanted, this.hours, end);
      this.end = end;
      this.plots = plots;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.loaded = true;
  }

  private choose(hours: number): void {
    this.hours = hours;
    void this.load();
  }

  override render(): TemplateResult {
    const place = PLACES[this.subject];
    const name = place ? t(place) : this.device ? deviceName(this.device) : this.subject;
    return html`<div class="page">
      <div class="head"><div><a href="/health" class="button quiet">${icon("arrow-left")}${t("Device health")}</a><h1>${name}</h1></div>
        ${ranges(this.hours, (hours) => this.choose(hours))}</div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${
        this.plots.length
          ? html`<hub-health-charts .plots=${this.plots} .hours=${this.hours} .end=${this.end}
              .heading=${(series: Series) => (place ? series.title : this.heading(series))}></hub-health-charts>`
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

  /** The series' name leads to the same of all others. */
  private heading(series: Series): TemplateResult {
    return html`<a href="/health/compare/${encodeURIComponent(series.name)}" title=${t("Compare with others")}>${series.title}</a>`;
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
