import { type DeviceDescription, hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, number, say, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** What everybody hears of a series that runs. */
export interface RunningSeries {
  id: string;
  kind: "burst" | "clip" | "time-lapse" | "stack" | "mosaic";
  state: "running" | "making";
  taken: number;
  missed: number;
  count: number | null;
  seconds: number;
  elapsed: number;
}

type Kind = RunningSeries["kind"];

const SECONDS = [10, 30, 60, 120];
const INTERVALS = [2, 10, 60, 600];
const COUNTS = [30, 100, 300];
const BURST = 10;
const HEIGHTS = [5, 9, 15, 25];
/** Columns and rows of mosaics. */
const FIELDS: readonly [number, number][] = [
  [2, 1],
  [2, 2],
  [3, 2],
  [3, 3],
  [4, 4],
];

/** Dispatched when a person wants to be led through a stack or a mosaic by hand. */
export class GuideEvent extends Event {
  constructor(readonly kind: "stack" | "mosaic") {
    super("guide");
  }
}

/** Return seconds as minutes and seconds, such as 1:05. */
export function minutes(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Beside the capture button: takes bursts, clips and time-lapses, and shows what is running. */
export class SeriesButton extends HubElement {
  static override properties = {
    device: {},
    description: { attribute: false },
    open: { state: true },
    running: { state: true },
    seconds: { state: true },
    interval: { state: true },
    count: { state: true },
    busy: { state: true },
    tick: { state: true },
    heights: { state: true },
    field: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: flex; gap: var(--space-2); align-items: center; }
      .more { width: max(3.75rem, 60px); height: max(3.75rem, 60px); padding: 0; border-radius: 50%; background: transparent; color: #eaf1ee; border-color: rgb(255 255 255 / 30%); }
      .more:hover { background: rgb(255 255 255 / 10%); }
      .now { display: flex; align-items: center; gap: 0.6rem; min-height: 44px; padding: 0 0.4rem 0 0.9rem; border-radius: 99px; background: rgb(255 255 255 / 10%); color: #fff; white-space: nowrap; font-variant-numeric: tabular-nums; }
      .now i { width: 0.75rem; height: 0.75rem; border-radius: 50%; background: #ff5a4e; animation: beat 1s ease-in-out infinite alternate; }
      .now button { min-height: 44px; min-width: 44px; padding: 0 0.8rem; border-radius: 99px; }
      .way { display: grid; gap: var(--space-3); padding: var(--space-3) 0; border-top: 1px solid var(--line); }
      .way:first-child { border: 0; }
      .way > div { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: end; }
      label { display: grid; gap: 0.3rem; font: var(--type-small); }
      select { min-height: 44px; }
      .way button { margin-inline-start: auto; }
      @keyframes beat { to { opacity: 0.35; } }
      @media (prefers-reduced-motion: reduce) { .now i { animation: none; } }
    `,
  ];
  declare device: string;
  /** What the microscope has: what is driven from here needs no hand. */
  declare description: DeviceDescription | null;
  declare open: boolean;
  declare running: RunningSeries[];
  declare seconds: number;
  declare interval: number;
  declare count: number;
  declare busy: boolean;
  declare tick: number;
  declare heights: number;
  declare field: number;

  constructor() {
    super();
    this.device = "";
    this.description = null;
    this.open = false;
    this.running = [];
    this.seconds = 30;
    this.interval = 10;
    this.count = 100;
    this.busy = false;
    this.tick = 0;
    this.heights = 9;
    this.field = 2;
  }

  private heard = 0;
  /** The stacks and mosaics that were begun here. */
  private readonly mine = new Set<string>();

  protected override arrive(): void {
    this.on(hub.session, "change", () => this.requestUpdate());
    this.until(
      hub.stream.subscribe(`x/microscopy/${this.device}/series`, (_, payload) => {
        this.running = (payload as { running?: RunningSeries[] } | null)?.running ?? [];
        this.heard = performance.now();
        this.tellEnds();
      }),
    );
    this.every(500, () => {
      if (this.running.length > 0) this.tick += 1;
    });
  }

  private async begin(what: string, body: Record<string, number>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const path = `/microscopes/${encodeURIComponent(this.device)}/${what}`;
      const begun = await hub.api.post<{ id: string }>(path, body);
      if (what === "stacks" || what === "mosaics") this.mine.add(begun.id);
      this.open = false;
    } catch (error) {
      sayProblem(problemOf(error));
    } finally {
      this.busy = false;
    }
  }

  /** Say how those ended that run no more. */
  private tellEnds(): void {
    const running = new Set(this.running.map((series) => series.id));
    for (const id of [...this.mine].filter((one) => !running.has(one))) {
      this.mine.delete(id);
      void this.tellEnd(id);
    }
  }

  private async tellEnd(id: string): Promise<void> {
    try {
      const ended = await hub.api.get<{ problem: Problem | null; asset: string | null }>(
        `/series/${id}`,
      );
      if (ended.problem) sayProblem(ended.problem);
      else if (ended.asset) say(t("The joined picture is kept, with the pictures it is made of."));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private driven(...names: string[]): boolean {
    const properties = this.description?.properties;
    const driven = names.some((name) => properties?.[name]?.writable === true);
    return driven && hub.session.may("teacher");
  }

  private guide(kind: "stack" | "mosaic"): void {
    this.open = false;
    this.dispatchEvent(new GuideEvent(kind));
  }

  private async stop(series: RunningSeries): Promise<void> {
    try {
      await hub.api.delete(`/series/${series.id}`);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    const may = hub.session.may("pupil");
    return html`${this.running.map((series) => this.now(series))}
      ${
        may
          ? html`<button class="more" aria-haspopup="dialog" aria-label=${t("Clips and series")} title=${t("Clips and series")}
              @click=${() => {
                this.open = true;
              }}>${icon("video")}</button>`
          : nothing
      }
      <hub-dialog .open=${this.open} heading=${t("Clips and series")} @close=${() => {
        this.open = false;
      }}>${this.open ? this.ways() : nothing}</hub-dialog>`;
  }

  private now(series: RunningSeries): TemplateResult {
    const elapsed = series.elapsed + (performance.now() - this.heard) / 1000;
    const far =
      series.state === "making"
        ? joins(series)
          ? t("Joining the pictures")
          : t("Making the video")
        : series.count === null
          ? `${minutes(Math.min(elapsed, series.seconds))} / ${minutes(series.seconds)}`
          : `${number(series.taken)} / ${number(series.count)}`;
    return html`<span class="now" role="status"><i></i><span>${this.name(series.kind)} ${far}</span>
      ${
        (series.state === "running" || joins(series)) && hub.session.may("pupil")
          ? html`<button @click=${() => void this.stop(series)}>${icon("stop")}${t("Stop")}</button>`
          : nothing
      }</span>`;
  }

  private name(kind: Kind): string {
    if (kind === "clip") return t("Clip");
    if (kind === "stack") return t("Focus stack");
    if (kind === "mosaic") return t("Mosaic");
    return kind === "burst" ? t("Burst") : t("Time-lapse");
  }

  private ways(): TemplateResult {
    return html`<div>
      <section class="way"><h3>${t("Clip")}</h3><div>
        ${this.choice(t("How long"), SECONDS, this.seconds, minutes, (value) => {
          this.seconds = value;
        })}
        <button class="primary" @click=${() => void this.begin("clips", { seconds: this.seconds })}>${t("Record")}</button></div></section>
      <section class="way"><h3>${t("Burst")}</h3><div>
        <p>${t("Ten pictures, as fast as they come.")}</p>
        <button @click=${() => void this.begin("bursts", { count: BURST })}>${t("Take them")}</button></div></section>
      <section class="way"><h3>${t("Time-lapse")}</h3><div>
        ${this.choice(t("A picture every"), INTERVALS, this.interval, minutes, (value) => {
          this.interval = value;
        })}
        ${this.choice(t("How many"), COUNTS, this.count, number, (value) => {
          this.count = value;
        })}
        <button @click=${() => void this.begin("time-lapses", { interval: this.interval, count: this.count })}>${t("Begin")}</button></div>
        <p>${t("It takes {time} in all, and goes on when the hub is restarted.", { time: minutes(this.interval * (this.count - 1)) })}</p></section>
      ${this.stackWay()}${this.mosaicWay()}
    </div>`;
  }

  private stackWay(): TemplateResult {
    return html`<section class="way"><h3>${t("Sharp all over")}</h3><div>${
      this.driven("focus", "lens")
        ? html`${this.choice(t("Heights of the focus"), HEIGHTS, this.heights, number, (value) => {
            this.heights = value;
          })}
          <button @click=${() => void this.begin("stacks", { steps: this.heights })}>${t("Take and join")}</button>`
        : html`<button @click=${() => this.guide("stack")}>${t("Step by step")}</button>`
    }</div>
      <p>${
        this.driven("focus", "lens")
          ? t("Focus first. The hub moves the focus up and down from there, and back.")
          : t("You turn the focus between the pictures; the hub joins them.")
      }</p></section>`;
  }

  private mosaicWay(): TemplateResult {
    return html`<section class="way"><h3>${t("One large picture")}</h3><div>${
      this.driven("stage")
        ? html`<label>${t("Pictures across and down")}<select @change=${(event: Event) => {
            this.field = (event.target as HTMLSelectElement).selectedIndex;
          }}>${FIELDS.map(
            ([columns, rows], index) =>
              html`<option ?selected=${index === this.field}>${number(columns)} × ${number(rows)}</option>`,
          )}</select></label>
          <button @click=${() => this.beginMosaic()}>${t("Take and join")}</button>`
        : html`<button @click=${() => this.guide("mosaic")}>${t("Step by step")}</button>`
    }</div>
      <p>${
        this.driven("stage")
          ? t("What is seen now becomes its middle. The hub moves the slide, and back.")
          : t("You move the slide between the pictures; the hub joins them.")
      }</p></section>`;
  }

  private beginMosaic(): void {
    const [columns, rows] = FIELDS[this.field] ?? [2, 2];
    void this.begin("mosaics", { columns, rows });
  }

  private choice(
    name: string,
    values: number[],
    value: number,
    shown: (value: number) => string,
    set: (value: number) => void,
  ): TemplateResult {
    return html`<label>${name}<select @change=${(event: Event) => set(Number((event.target as HTMLSelectElement).value))}>
      ${values.map((one) => html`<option value=${one} ?selected=${one === value}>${shown(one)}</option>`)}</select></label>`;
  }
}

/** Whether the pictures of a series become one picture. */
function joins(series: RunningSeries): boolean {
  return series.kind === "stack" || series.kind === "mosaic";
}
define("hub-series-button", SeriesButton);
