import { hub, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, number, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** What everybody hears of a series that runs. */
export interface RunningSeries {
  id: string;
  kind: "burst" | "clip" | "time-lapse";
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

/** Return seconds as minutes and seconds, such as 1:05. */
export function minutes(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Beside the capture button: takes bursts, clips and time-lapses, and shows what is running. */
export class SeriesButton extends HubElement {
  static override properties = {
    device: {},
    open: { state: true },
    running: { state: true },
    seconds: { state: true },
    interval: { state: true },
    count: { state: true },
    busy: { state: true },
    tick: { state: true },
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
  declare open: boolean;
  declare running: RunningSeries[];
  declare seconds: number;
  declare interval: number;
  declare count: number;
  declare busy: boolean;
  declare tick: number;

  constructor() {
    super();
    this.device = "";
    this.open = false;
    this.running = [];
    this.seconds = 30;
    this.interval = 10;
    this.count = 100;
    this.busy = false;
    this.tick = 0;
  }

  private heard = 0;

  protected override arrive(): void {
    this.on(hub.session, "change", () => this.requestUpdate());
    this.until(
      hub.stream.subscribe(`x/microscopy/${this.device}/series`, (_, payload) => {
        this.running = (payload as { running?: RunningSeries[] } | null)?.running ?? [];
        this.heard = performance.now();
      }),
    );
    const timer = setInterval(() => {
      if (this.running.length > 0) this.tick += 1;
    }, 500);
    this.until(() => clearInterval(timer));
  }

  private async begin(what: string, body: Record<string, number>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await hub.api.post(`/microscopes/${encodeURIComponent(this.device)}/${what}`, body);
      this.open = false;
    } catch (error) {
      sayProblem(problemOf(error));
    } finally {
      this.busy = false;
    }
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
          ? html`<button class="more" aria-haspopup="dialog" aria-label=${t("Clip, burst, time-lapse")} title=${t("Clip, burst, time-lapse")}
              @click=${() => {
                this.open = true;
              }}>${icon("video")}</button>`
          : nothing
      }
      <hub-dialog .open=${this.open} heading=${t("Clip, burst, time-lapse")} @close=${() => {
        this.open = false;
      }}>${this.open ? this.ways() : nothing}</hub-dialog>`;
  }

  private now(series: RunningSeries): TemplateResult {
    const elapsed = series.elapsed + (performance.now() - this.heard) / 1000;
    const far =
      series.state === "making"
        ? t("Making the video")
        : series.count === null
          ? `${minutes(Math.min(elapsed, series.seconds))} / ${minutes(series.seconds)}`
          : `${number(series.taken)} / ${number(series.count)}`;
    return html`<span class="now" role="status"><i></i><span>${this.name(series.kind)} ${far}</span>
      ${
        series.state === "running" && hub.session.may("pupil")
          ? html`<button @click=${() => void this.stop(series)}>${icon("stop")}${t("Stop")}</button>`
          : nothing
      }</span>`;
  }

  private name(kind: Kind): string {
    if (kind === "clip") return t("Clip");
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
    </div>`;
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
define("hub-series-button", SeriesButton);
