import { type Problem, problemOf } from "@classhub/client";
import { define, HubElement, icon, say, t, tn } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { fromAsset, JobList, Places, PrinterList, upload } from "../api.js";
import { DRAW } from "../drawings.js";
import { ACCEPTED, asksOwner, isOver, type Job, sortedJobs } from "../model.js";
import { isMine } from "../words.js";
import "../job/job-card.js";
import "../job/job-view.js";
import "../tabs.js";
import type { PickedEvent } from "./album-picker.js";
import { printStyles } from "./print-page.styles.js";

const OVER_SHOWN = 6;

/** Hand a model in, and see how one's own jobs go. */
class PrintPage extends HubElement {
  static override properties = {
    job: { state: true },
    file: { state: true },
    sending: { state: true },
    problem: { state: true },
    over: { state: true },
    picking: { state: true },
    all: { state: true },
  };
  static override styles = printStyles;
  /** What was just handed in: it takes the page. */
  declare job: Job | null;
  declare file: File | null;
  declare sending: number | null;
  declare problem: Problem | null;
  /** A file is held over the page. */
  declare over: boolean;
  declare picking: boolean;
  declare all: boolean;
  private readonly mine = new JobList(this, () => ({ owner: "me" }), isMine);
  private readonly printers = new PrinterList(this);
  private abort: AbortController | null = null;

  constructor() {
    super();
    this.job = null;
    this.file = null;
    this.sending = null;
    this.problem = null;
    this.over = false;
    this.picking = false;
    this.all = false;
    new Places(
      this,
      () => this.mine.jobs?.some((job) => job.state === "queued") ?? false,
      () => void this.mine.load(),
    );
  }

  protected override arrive(): void {
    this.on(this, "dragover", (event) => {
      event.preventDefault();
      this.over = true;
    });
    this.on(this, "dragleave", (event) => {
      if (!this.contains((event as DragEvent).relatedTarget as Node | null)) this.over = false;
    });
    this.on(this, "drop", (event) => {
      event.preventDefault();
      this.over = false;
      void this.sendAll([...((event as DragEvent).dataTransfer?.files ?? [])]);
    });
    this.until(() => this.abort?.abort());
    const asset = new URLSearchParams(location.search).get("assets")?.split(",")[0];
    if (asset) void this.sendAsset(asset);
  }

  /** Several are handed in one after another, each as a job; then they stand in the list. */
  private async sendAll(files: File[]): Promise<void> {
    for (const file of files) {
      await this.send(file);
      if (!this.job) return; // it did not arrive, which is said, or somebody went on
    }
    if (files.length < 2) return;
    this.again();
    say(tn("{n} model is handed in.", "{n} models are handed in.", files.length));
  }

  private async send(file: File): Promise<void> {
    this.problem = null;
    this.job = null;
    this.file = file;
    this.sending = 0;
    this.abort = new AbortController();
    try {
      const progress = (share: number) => {
        this.sending = share;
      };
      this.handedIn(await upload(file, { progress, signal: this.abort.signal }));
    } catch (error) {
      this.problem = problemOf(error);
      this.file = null;
    }
    this.sending = null;
  }

  private async sendAsset(asset: string): Promise<void> {
    this.picking = false;
    this.problem = null;
    try {
      this.handedIn(await fromAsset(asset));
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private handedIn(job: Job): void {
    this.job = job;
    this.mine.put(job);
    // Reloading the page shows the job again, and does not send it once more.
    history.replaceState(null, "", `/print/jobs/${encodeURIComponent(job.id)}`);
  }

  private again(): void {
    this.abort?.abort();
    this.job = null;
    this.file = null;
    this.sending = null;
    history.replaceState(null, "", "/print");
  }

  override render(): TemplateResult {
    return html`<div class="page ${this.over ? "over" : ""}">
      <hub-print-tabs at="/print"></hub-print-tabs>
      ${this.job || this.file ? this.one() : this.start()}
    </div>`;
  }

  /** The element follows its job by itself: only another one is given to it. */
  private one(): TemplateResult {
    return html`<div><button class="quiet" @click=${this.again}>${icon("arrow-left")}${t("Hand in another one")}</button></div>
      <hub-print-job .job=${guard([this.job], () => this.job)} .file=${guard([this.file], () => this.file)} .sending=${this.sending}></hub-print-job>`;
  }

  private start(): TemplateResult {
    return html`<h1 class="visually-hidden">${t("3D printing")}</h1>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${this.drop()}
      ${this.jobs()}
      <hub-dialog heading=${t("From the album")} ?open=${this.picking} @close=${() => (this.picking = false)}>
        ${this.picking ? html`<hub-print-album @picked=${(event: PickedEvent) => void this.sendAsset(event.asset)}></hub-print-album>` : nothing}</hub-dialog>`;
  }

  private drop(): TemplateResult {
    return html`<section class="drop card" aria-label=${t("Hand in a model")}>
      <div class="drawing">${DRAW.box()}</div>
      <h2>${this.over ? t("Let go: it is handed in.") : t("Hand in your model")}</h2>
      <p class="muted">${t("Drop the file here, or choose it. You see at once whether it can be printed.")}</p>
      <div class="row center">
        <label class="button primary big">${DRAW.upload()}${t("Choose a file")}
          <input class="visually-hidden" type="file" multiple accept=${ACCEPTED} @change=${(
            event: Event,
          ) => {
            const input = event.target as HTMLInputElement;
            const files = [...(input.files ?? [])];
            input.value = "";
            void this.sendAll(files);
          }}></label>
        <button class="big" @click=${() => {
          void import("./album-picker.js");
          this.picking = true;
        }}>${icon("images")}${t("From the album")}</button>
      </div>
      <p class="small muted">${t("STL, 3MF, OBJ, PLY, GLB, or finished G-code.")}</p>
      <p><a class="own" href="/print/slicers">${DRAW.key()}${t("Send from your slicer")}</a></p>
      ${this.printers.printers?.length === 0 ? html`<p class="small">${t("No 3D printer is connected now. You can hand in all the same.")}</p>` : nothing}
    </section>`;
  }

  private jobs(): TemplateResult | typeof nothing {
    const jobs = this.mine.jobs;
    if (this.mine.problem) return html`<hub-notice .problem=${this.mine.problem}></hub-notice>`;
    if (!jobs) return nothing;
    if (jobs.length === 0) {
      return html`<section><h2>${t("My jobs")}</h2><p class="muted">${t("You have not handed in anything yet. What you hand in stands here, with all that happens to it.")}</p></section>`;
    }
    const sorted = sortedJobs(jobs);
    const over = sorted.filter(isOver);
    const shown = this.all
      ? sorted
      : [...sorted.filter((job) => !isOver(job)), ...over.slice(0, OVER_SHOWN)];
    const asking = sorted.filter(asksOwner).length;
    return html`<section class="mine"><h2>${t("My jobs")}${asking ? html` <span class="chip asks">${t("something to do: {n}", { n: asking })}</span>` : nothing}</h2>
      <ul class="cards">${repeat(
        shown,
        (job) => job.id,
        (job) => html`<li><hub-print-job-card .job=${job}></hub-print-job-card></li>`,
      )}</ul>
      ${shown.length < sorted.length ? html`<div><button @click=${() => (this.all = true)}>${t("Show all")}</button></div>` : nothing}</section>`;
  }
}
define("hub-print-page", PrintPage);
