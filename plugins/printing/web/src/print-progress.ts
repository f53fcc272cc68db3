import { ApiProblem, type Hub, hub, hubFor, type Problem, problemOf } from "@classhub/client";
import { base, define, givenName, HubElement, i18n, icon, personName, t } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { type Printer, withNews } from "./model.js";
import { duration, moment, percent } from "./words.js";

/**
 * How a printer's print goes: its picture, a bar, the time left. Attribute: `printer`. It fits a
 * card as well as the class's screen.
 */
export class PrintProgress extends HubElement {
  static override properties = {
    printer: {},
    hub: { attribute: false },
    now: { state: true },
    problem: { state: true },
    broken: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { container-type: size; background: var(--surface, #fffefb); color: var(--ink, #14221f); min-height: 11rem; overflow: hidden; }
      .whole { height: 100%; display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); align-items: center; gap: clamp(0.75rem, 4cqi, 4rem); padding: clamp(0.75rem, min(4cqi, 6cqb), 4rem); font: 400 clamp(0.9375rem, min(2.6cqi, 6.4cqb), 3.5rem)/1.3 var(--sans, system-ui, sans-serif); }
      .picture { align-self: stretch; position: relative; display: grid; place-content: center; color: var(--muted, #53625d); background: var(--sunken, #e9e6dd); border-radius: var(--radius-m, 0.7rem); min-height: 6rem; }
      .picture svg { width: 3.5em; height: 3.5em; }
      img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; padding: 6%; }
      .words { display: grid; gap: 0.5em; min-width: 0; }
      h3 { font: 650 1.25em/1.25 var(--sans, system-ui, sans-serif); overflow-wrap: anywhere; }
      .figure { font: 700 2.6em/1 var(--sans, system-ui, sans-serif); font-variant-numeric: tabular-nums; color: var(--accent, #0a686c); }
      progress { height: 0.8em; }
      .muted { font-size: 0.85em; }
      @container (max-width: 26rem) { .whole { grid-template-columns: 1fr; } .picture { display: none; } }
    `,
  ];
  declare printer: string;
  declare hub: Hub;
  declare now: Printer | null;
  declare problem: Problem | null;
  /** The job whose picture could not be had. */
  declare broken: string;
  private unfollow: () => void = () => {};

  constructor() {
    super();
    this.printer = "";
    this.hub = hub;
    this.now = null;
    this.problem = null;
    this.broken = "";
  }

  protected override arrive(): void {
    this.hub = hubFor(this);
    this.hub.speak(i18n.language);
    if (this.hasUpdated) this.follow();
  }

  protected override leave(): void {
    this.unfollow();
    this.unfollow = () => {};
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("printer") || changed.has("hub")) this.follow();
  }

  private follow(): void {
    this.leave();
    this.now = null;
    if (!this.printer) return;
    const topic = `x/printing/printers/${this.printer}`;
    this.unfollow = this.hub.stream.subscribe(
      topic,
      (_, payload) => {
        const news = this.now && payload ? withNews(this.now, payload as Printer) : null;
        if (news) this.now = news;
        else if (this.now) void this.load();
      },
      () => void this.load(),
    );
  }

  private async load(): Promise<void> {
    try {
      this.now = await this.hub.api.get<Printer>(`/printers/${encodeURIComponent(this.printer)}`);
      this.problem = null;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404) this.now = null;
      this.problem = problemOf(error);
    }
  }

  override render(): TemplateResult | typeof nothing {
    const { now, problem } = this;
    if (problem)
      return html`<div class="whole"><p>${t(problem.title, problem.params)} ${t(problem.hint ?? "", problem.params)}</p></div>`;
    if (!now) return nothing;
    const job = now.job;
    const url = job?.thumbnail
      ? new URL(job.thumbnail, this.hub.origin || location.origin).href
      : "";
    return html`<div class="whole"><div class="picture">${
      job && url && this.broken !== job.id
        ? html`<img src=${url} alt=${t("Picture of the model")} @error=${() => (this.broken = job.id)}>`
        : icon("printer")
    }</div>
      <div class="words">${job ? this.print(job, now) : this.idle(now)}</div></div>`;
  }

  private print(job: NonNullable<Printer["job"]>, printer: Printer): TemplateResult {
    const progress = job.progress;
    const left = progress?.seconds_left;
    return html`<h3>${job.name || givenName(printer.name)}</h3>
      ${job.owner?.name ? html`<p class="muted">${personName(job.owner.name)}</p>` : nothing}
      <p class="figure">${percent(progress?.fraction ?? 0)}</p>
      <progress max="1" .value=${progress?.fraction ?? 0} aria-label=${t("Print")}></progress>
      <p>${job.state === "paused" ? t("Paused") : left ? t("{time} to go", { time: duration(left) }) : t("The printer is at work on it.")}</p>
      ${progress?.done_at ? html`<p class="muted">${t("done at {time}", { time: moment(progress.done_at) })}</p>` : nothing}`;
  }

  private idle(printer: Printer): TemplateResult {
    return html`<h3>${givenName(printer.name)}</h3><p>${onThePlate(printer.plate)}</p>`;
  }
}
define("hub-print-progress", PrintProgress);

function onThePlate({ clear, job }: Printer["plate"]): string {
  if (clear) return t("Nothing is being printed now.");
  if (!job?.name) return t("Something lies on the plate.");
  return job.state === "done"
    ? t("{name} is finished and lies on the plate.", { name: job.name })
    : t("“{name}” lies on the plate.", { name: job.name });
}
