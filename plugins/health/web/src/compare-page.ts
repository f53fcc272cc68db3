import { type Device, hub, type Problem, problemOf } from "@classhub/client";
import { define, deviceName, HubElement, icon, t } from "@classhub/ui";
import { html, type TemplateResult } from "lit";
import type { Plot, Series } from "./api.js";
import "./charts.js";
import { lastOf } from "./charts.js";
import { healthStyles } from "./health-page.styles.js";
import { AGAIN, PLACES, plotsOf, rangeStyles, ranges } from "./ranges.js";
import { SHARES } from "./words.js";

/** One thing that is measured, of everything of which it is: side by side, on one scale. */
class ComparePage extends HubElement {
  static override properties = {
    params: { attribute: false },
    plots: { state: true },
    names: { state: true },
    hours: { state: true },
    problem: { state: true },
    loaded: { state: true },
  };
  static override styles = [healthStyles, rangeStyles];
  declare params: { id?: string };
  declare plots: Plot[];
  declare names: Record<string, string>;
  declare hours: number;
  declare problem: Problem | null;
  declare loaded: boolean;
  private end = 0;

  constructor() {
    super();
    this.params = {};
    this.plots = [];
    this.names = {};
    this.hours = 24;
    this.problem = null;
    this.loaded = false;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { every: AGAIN });
  }

  private async load(): Promise<void> {
    try {
      const [known, devices] = await Promise.all([
        hub.api.get<{ items: Series[] }>("/health/series"),
        hub.api.get<{ items: Device[] }>("/devices"),
      ]);
      this.names = Object.fromEntries(devices.items.map((one) => [one.id, deviceName(one)]));
      const end = Date.now() / 1000;
      const wanted = known.items.filter((one) => one.name === this.params.id);
      const plots = await plotsOf(wanted, this.hours, end);
      this.end = end;
      const worst = SHARES.includes(this.params.id ?? "") ? 1 : -1;
      this.plots = plots.sort((one, other) => worst * (lastOf(one) - lastOf(other)));
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.loaded = true;
  }

  private nameOf(subject: string): string {
    const place = PLACES[subject];
    return place ? t(place) : (this.names[subject] ?? subject);
  }

  override render(): TemplateResult {
    const title = this.plots[0]?.series.title ?? t("Compare");
    return html`<div class="page">
      <div class="head"><div><a href="/health" class="button quiet">${icon("arrow-left")}${t("Device health")}</a><h1>${title}</h1></div>
        ${ranges(this.hours, (hours) => {
          this.hours = hours;
          void this.load();
        })}</div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${
        this.plots.length
          ? html`<p class="muted">${t("All on one scale; what stands out comes first.")}</p>
            <hub-health-charts .alike=${true} .plots=${this.plots} .hours=${this.hours} .end=${this.end}
              .heading=${({ subject }: Series) => html`<a href="/health/${encodeURIComponent(subject)}">${this.nameOf(subject)}</a>`}></hub-health-charts>`
          : html`<p class="card calm muted">${this.loaded ? t("Nothing was measured in this time. The first curves are here a minute after the hub has started.") : t("Loading")}</p>`
      }
    </div>`;
  }
}
define("hub-health-compare", ComparePage);
