import { hub, problemOf } from "@classhub/client";
import {
  define,
  givenName,
  HubElement,
  icon,
  personName,
  say,
  sayProblem,
  t,
  tn,
} from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { JobList, Places, PrinterList, printerPath, take } from "../api.js";
import { DRAW } from "../drawings.js";
import { type JobItem, moved, type Printer, queueOf, sortedQueue } from "../model.js";
import { duration, isMine, moment } from "../words.js";
import "../print-progress.js";
import "../tabs.js";
import { Dragging } from "./dragging.js";
import { queueStyles } from "./queue-page.styles.js";

/** What the printer above says itself: under each of thirty jobs it would be noise. */
const SAID: ReadonlySet<string> = new Set(["printer-busy", "plate-not-clear"]);

/** Every printer with what it prints, whether its plate is clear, and what comes next. */
class QueuePage extends HubElement {
  static override properties = { busy: { state: true } };
  static override styles = queueStyles;
  declare busy: boolean;
  private readonly queue = new JobList(
    this,
    () => ({ state: ["queued"] }),
    (job) => job.state === "queued",
  );
  private readonly printers = new PrinterList(this);
  private readonly dragging = new Dragging(this, (job, before) => void this.move(job, before));

  constructor() {
    super();
    this.busy = false;
    new Places(
      this,
      () => true,
      () => void this.queue.load(),
    );
  }

  private get teacher(): boolean {
    return hub.session.may("teacher");
  }

  private async move(id: string, before: string | null): Promise<void> {
    const jobs = this.queue.jobs ?? [];
    const job = jobs.find((one) => one.id === id);
    if (!job || before === id) return;
    // It is shown at its new place at once; the hub's answer settles it.
    const order = moved(sortedQueue(jobs), id, before);
    this.queue.jobs = order.map((one, index) => ({ ...one, position: index + 1 }));
    this.requestUpdate();
    try {
      await take(id, "move", { before });
    } catch (error) {
      sayProblem(problemOf(error));
    }
    await this.queue.load();
  }

  private async cleared(printer: Printer): Promise<void> {
    this.busy = true;
    try {
      await hub.api.post(printerPath(printer.id, "plate-cleared"), {});
      say(t("Thank you. The next print may begin."));
      await this.printers.load();
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = false;
  }

  private async show(printer: Printer): Promise<void> {
    try {
      await hub.api.post(printerPath(printer.id, "show"));
      say(t("The class's screen shows it."));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    const printers = this.printers.printers;
    const anywhere = queueOf(this.queue.jobs ?? [], null);
    return html`<div class="page"><hub-print-tabs at="/print/queue"></hub-print-tabs>
      <h1>${t("Print queue")}</h1>
      <hub-notice .problem=${this.printers.problem ?? this.queue.problem}></hub-notice>
      ${printers?.length === 0 ? this.none() : nothing}
      <div class="printers">${repeat(
        printers ?? [],
        (printer) => printer.id,
        (printer) => this.printer(printer, printers?.length === 1 ? anywhere : []),
      )}</div>
      ${(printers?.length ?? 0) !== 1 && anywhere.length ? html`<section class="card pad"><h2>${t("For whichever printer is free first")}</h2>${this.list(anywhere)}</section>` : nothing}
    </div>`;
  }

  private none(): TemplateResult {
    return html`<div class="card empty">${icon("printer")}<div><h2>${t("No 3D printer is here yet.")}</h2>
      <p class="muted">${t("Plug a printer into the hub's computer and switch it on. The lab engineer takes it into use under “Equipment”.")}</p></div></div>`;
  }

  private printer(printer: Printer, more: JobItem[]): TemplateResult {
    const own = queueOf(this.queue.jobs ?? [], printer.id);
    const queued = [...own, ...more].sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
    return html`<section class="card printer" data-printer=${printer.id}>
      <header><div class="grow"><h2>${givenName(printer.name)}</h2>
        <p class="chip"><span class="dot ${printer.ready ? "good" : printer.job ? "good" : "warn"}"></span>${stateOf(printer)}</p></div>
        ${this.teacher && printer.job ? html`<button class="icon" @click=${() => this.show(printer)} aria-label=${t("Show on the class's screen")} title=${t("Show on the class's screen")}>${icon("present")}</button>` : nothing}
        <a class="button" href="/printers/${encodeURIComponent(printer.id)}">${icon("sliders")}${t("Printer")}</a></header>
      ${printer.problem ? html`<hub-notice .problem=${printer.problem}></hub-notice>` : nothing}
      ${this.now(printer)}
      ${printer.plate.clear || printer.job ? nothing : this.plate(printer)}
      <h3>${this.count(queued.length)}</h3>
      ${this.list(queued)}
    </section>`;
  }

  /** Pupils see their own jobs only; that others wait, too, the place of theirs says. */
  private count(n: number): string {
    if (this.teacher) {
      return n ? tn("{n} job waits", "{n} jobs wait", n) : t("Nothing waits for this printer.");
    }
    return n
      ? tn("{n} job of yours waits", "{n} jobs of yours wait", n)
      : t("No job of yours waits for this printer.");
  }

  private now(printer: Printer): TemplateResult | typeof nothing {
    const { job } = printer;
    if (!job) return nothing;
    const progress = html`<hub-print-progress printer=${printer.id}></hub-print-progress>`;
    // Only those who may see the job are told its name.
    return job.name
      ? html`<a class="now" href="/print/jobs/${encodeURIComponent(job.id)}">${progress}</a>`
      : html`<div class="now">${progress}</div>`;
  }

  /** Nobody but a person can see whether the plate is clear. */
  private plate(printer: Printer): TemplateResult {
    const job = printer.plate.job;
    if (!this.teacher && !(job?.name && isMine(job))) {
      return html`<div class="plate"><div><h3>${t("Something may still lie on the plate.")}</h3>
        <p>${t("The next print begins once the teacher has looked that the plate is clear.")}</p></div></div>`;
    }
    return html`<div class="plate"><div><h3>${job?.name ? t("“{name}” lies on the plate.", { name: job.name }) : t("Is the plate clear?")}</h3>
      ${printer.plate.unseen_since ? html`<p>${t("The hub has not seen this printer since {time}. Look whether anything has been left on it.", { time: moment(printer.plate.unseen_since) })}</p>` : nothing}
      <p>${t("Take the part off, wipe the plate, and look that no plastic is left on it and that it sits firmly. The next print begins only then.")}</p></div>
      <button class="primary big" ?disabled=${this.busy} @click=${() => void this.cleared(printer)}>${icon("check")}${t("The plate is clear")}</button></div>`;
  }

  private list(queued: JobItem[]): TemplateResult | typeof nothing {
    if (queued.length === 0) return nothing;
    return html`<ol class="jobs">${repeat(
      queued,
      (job) => job.id,
      (job, index) => this.job(job, queued, index),
    )}</ol>`;
  }

  private job(job: JobItem, queued: JobItem[], index: number): TemplateResult {
    const movable = this.teacher && job.can.includes("move") && queued.length > 1;
    const seconds = job.estimate?.seconds;
    return html`<li data-job=${job.id} class=${this.dragging.classOf(job.id)}>
      ${movable ? html`<button class="grip quiet icon" aria-label=${t("Move {name} by dragging", { name: job.name })} title=${t("Drag to another place")} @pointerdown=${(event: PointerEvent) => this.dragging.begin(event, job.id)} tabindex="-1">${icon("grip")}</button>` : nothing}
      <span class="place">${this.teacher ? index + 1 : (job.position ?? "")}</span>
      <a class="what" href="/print/jobs/${encodeURIComponent(job.id)}"><span class="picture">${job.thumbnail ? html`<img src=${job.thumbnail} alt="" draggable="false">` : DRAW.box()}</span>
        <span class="grow"><strong>${job.name}</strong><span class="muted small">${personName(job.owner?.name ?? "")}${seconds ? ` · ${duration(seconds)}` : nothing}</span>
        ${job.done_at ? html`<span class="small">${t("done at {time}", { time: moment(job.done_at) })}</span>` : nothing}
        ${[job.problem, job.warning].map((one) => (one && !SAID.has(one.code) ? html`<span class="small why">${t(one.title, one.params)}</span>` : nothing))}</span></a>
      ${
        movable
          ? html`<span class="order"><button class="icon" ?disabled=${index === 0} aria-label=${t("{name}: earlier", { name: job.name })} title=${t("Earlier")} @click=${() => void this.move(job.id, queued[index - 1]?.id ?? null)}>${icon("up")}</button>
            <button class="icon" ?disabled=${index === queued.length - 1} aria-label=${t("{name}: later", { name: job.name })} title=${t("Later")} @click=${() => void this.move(job.id, queued[index + 2]?.id ?? null)}>${icon("down")}</button></span>`
          : nothing
      }</li>`;
  }
}
define("hub-print-queue-page", QueuePage);

function stateOf(printer: Printer): string {
  if (printer.job) return printer.job.state === "paused" ? t("Paused") : t("Printing");
  if (!printer.reachable) return t("Does not answer");
  if (!printer.plate.clear) return t("Waits for a clear plate");
  return printer.ready ? t("Ready") : t("Not ready");
}
