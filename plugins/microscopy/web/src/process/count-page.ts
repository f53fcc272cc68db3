import { type Asset, hub, type Problem, problemOf } from "@classhub/client";
import {
  base,
  define,
  givenName,
  HubElement,
  icon,
  number,
  Running,
  type SetEvent,
  t,
  unitText,
  withUnit,
} from "@classhub/ui";
import { css, html, nothing, svg, type TemplateResult } from "lit";
import { albumOf } from "../album.js";
import { type CountedObject, corrections, type Objects, summary, tapped } from "./objects.js";
import { made } from "./wish.js";

/** Counting what is in a picture: the hub proposes, people correct with a tap. */
class CountPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    asset: { state: true },
    found: { state: true },
    objects: { state: true },
    problem: { state: true },
    threshold: { state: true },
    smallest: { state: true },
    parting: { state: true },
    borders: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: block; }
      .all { display: grid; grid-template-columns: minmax(0, 1fr) minmax(17rem, 22rem); gap: var(--space-5); align-items: start; padding: var(--space-4) var(--gutter); }
      figure { position: relative; background: #0a0f0e; border-radius: var(--radius-m); overflow: hidden; line-height: 0; touch-action: manipulation; }
      figure img { width: 100%; display: block; }
      svg.marks { position: absolute; inset: 0; width: 100%; height: 100%; cursor: crosshair; }
      .marks polygon, .marks circle { fill: rgb(244 184 46 / 14%); stroke: #ffd34d; stroke-width: 2; vector-effect: non-scaling-stroke; }
      .marks .added { stroke: #6ff0d8; fill: rgb(111 240 216 / 18%); }
      .marks .removed { stroke: #ff7b6b; fill: transparent; stroke-dasharray: 5 5; opacity: 0.75; }
      aside { display: grid; gap: var(--space-4); }
      header { display: flex; gap: var(--space-3); align-items: start; margin-inline-start: calc(-1 * var(--space-2)); }
      .number { font: 700 4.2rem/1 var(--sans); font-variant-numeric: tabular-nums; letter-spacing: -0.02em; }
      .busy { display: grid; gap: var(--space-2); }
      progress { width: 100%; accent-color: var(--accent); }
      dl { display: grid; grid-template-columns: 1fr auto; gap: var(--space-1) var(--space-3); font-variant-numeric: tabular-nums; }
      @media (max-width: 62rem) and (orientation: portrait), (max-width: 48rem) { .all { grid-template-columns: minmax(0, 1fr); } }
    `,
  ];
  declare params: { id: string };
  declare asset: Asset | null;
  declare found: Objects | null;
  declare objects: CountedObject[];
  declare problem: Problem | null;
  declare threshold: number;
  declare smallest: number;
  declare parting: boolean;
  declare borders: boolean;
  private readonly running = new Running(this);
  private save: () => void = () => {};

  constructor() {
    super();
    this.params = { id: "" };
    this.asset = null;
    this.found = null;
    this.objects = [];
    this.problem = null;
    this.threshold = 1;
    this.smallest = 0;
    this.parting = true;
    this.borders = false;
  }

  protected override arrive(): void {
    this.save = this.settled(() => void this.keep(), 600);
    void this.load();
  }

  private get path(): string {
    return `/captures/${encodeURIComponent(this.params.id)}/objects`;
  }

  private async load(): Promise<void> {
    try {
      this.asset = await hub.api.get<Asset>(`/assets/${encodeURIComponent(this.params.id)}`);
    } catch (error) {
      this.problem = problemOf(error);
      return;
    }
    try {
      const found = await hub.api.get<Objects>(this.path);
      this.take(found);
      this.threshold = found.options.threshold ?? 1;
      this.smallest = found.options.smallest ?? 0;
      this.parting = found.options.part ?? true;
      this.borders = found.options.borders ?? false;
    } catch (error) {
      // That nothing was counted yet is where everybody starts.
      if (problemOf(error).code !== "not-counted") this.problem = problemOf(error);
    }
  }

  private take(found: Objects): void {
    this.found = found;
    this.objects = found.objects;
  }

  private async count(): Promise<void> {
    const options = {
      threshold: this.threshold,
      smallest: this.smallest,
      part: this.parting,
      borders: this.borders,
    };
    const sources = [this.params.id];
    const result = await made<unknown>(this.running, { process: "count", sources, options });
    this.problem = this.running.problem;
    if (!result) return;
    try {
      this.take(await hub.api.get<Objects>(this.path));
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private tap(event: PointerEvent): void {
    const found = this.found;
    if (!found) return;
    const room = (event.currentTarget as Element).getBoundingClientRect();
    const factor = found.width / Math.max(1, room.width);
    const x = (event.clientX - room.left) * factor;
    const y = (event.clientY - room.top) * factor;
    // A fingertip is some eight pixels of the screen off.
    this.objects = tapped(this.objects, x, y, 8 * factor, found);
    this.save();
  }

  private async keep(): Promise<void> {
    try {
      this.found = await hub.api.put<Objects>(this.path, corrections(this.objects));
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult {
    return html`<div class="all">
      <figure>${this.asset ? html`<img src=${this.asset.links.content} alt=${this.asset.title}>` : nothing}${this.marks()}</figure>
      <aside>
        <header><a class="button quiet icon" href=${albumOf(this.asset)} aria-label=${t("Back to the album")}>${icon("arrow-left")}</a>
          <div><h1>${t("Count")}</h1>${this.asset ? html`<p class="muted small">${this.asset.note || givenName(this.asset.title)}</p>` : nothing}</div></header>
        <hub-notice .problem=${this.problem}></hub-notice>
        ${this.numbers()}
        ${
          this.running.busy
            ? html`<div class="busy" aria-live="polite"><progress max="1" .value=${this.running.operation?.fraction ?? 0} aria-label=${t("Progress")}></progress>
              <button @click=${() => this.running.stop()}>${icon("stop")}${t("Stop")}</button></div>`
            : html`<button class="primary" ?disabled=${!this.asset} @click=${this.count}>${icon("focus")}${this.found ? t("Count again") : t("Count")}</button>`
        }
        <hub-range label=${t("Sensitivity")} minimum="0.4" maximum="2" step="0.05" .value=${2.4 - this.threshold}
          @set=${(event: SetEvent<number>) => {
            this.threshold = Math.round((2.4 - event.value) * 100) / 100;
          }}></hub-range>
        <hub-range label=${t("Smallest size")} unit=${unitText("px")} minimum="0" maximum="200" step="1" .value=${this.smallest}
          @set=${(event: SetEvent<number>) => {
            this.smallest = event.value;
          }}></hub-range>
        <hub-switch label=${t("Part those that touch")} .value=${this.parting} @set=${(
          event: SetEvent<boolean>,
        ) => {
          this.parting = event.value;
        }}></hub-switch>
        <hub-switch label=${t("Count those at the border")} .value=${this.borders} @set=${(
          event: SetEvent<boolean>,
        ) => {
          this.borders = event.value;
        }}></hub-switch>
        ${
          this.found
            ? html`<p class="muted small">${t("Tap an object to take it away, tap an empty place to add one.")}</p>
              <a class="button" href="/api/v1${this.path}.csv" download>${icon("download")}${t("Table (CSV)")}</a>`
            : nothing
        }
      </aside>
    </div>`;
  }

  private numbers(): TemplateResult | typeof nothing {
    if (!this.found) return nothing;
    const { count, mean, deviation } = summary(this.objects);
    const scale = this.found.scale;
    const length = (pixels: number) =>
      scale === null
        ? withUnit(number(pixels, 1), unitText("px"))
        : withUnit(number(pixels * scale, 2), unitText("um"));
    return html`<p class="number" aria-live="polite">${number(count)}</p>
      <dl><dt>${t("Mean diameter")}</dt><dd>${length(mean)}</dd>
        <dt>${t("Standard deviation")}</dt><dd>${length(deviation)}</dd></dl>`;
  }

  private marks(): TemplateResult | typeof nothing {
    const found = this.found;
    if (!found) return nothing;
    return html`<svg class="marks" viewBox="0 0 ${found.width} ${found.height}" role="img"
      aria-label=${t("Counted objects")} @click=${this.tap}>${this.objects.map((one) => {
        const kind = one.removed ? "removed" : one.added ? "added" : "found";
        return one.outline.length > 2
          ? svg`<polygon class=${kind} points=${one.outline.map((point) => point.join(",")).join(" ")}></polygon>`
          : svg`<circle class=${kind} cx=${one.x} cy=${one.y} r=${one.diameter / 2}></circle>`;
      })}</svg>`;
  }
}
define("hub-count-page", CountPage);
