import { problemOf } from "@classhub/client";
import { base, define, HubElement, icon, personName, say, sayProblem, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { approve, JobList, take } from "../api.js";
import { DRAW } from "../drawings.js";
import { isFine, type JobItem, together } from "../model.js";
import { duration, grams, moment, sizeText } from "../words.js";
import "../job/send-back.js";
import "../tabs.js";

/** What waits for the teacher: approve or send back, one tap each. */
class InboxPage extends HubElement {
  static override properties = {
    asking: { state: true },
    busy: { state: true },
    many: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { gap: var(--space-5); padding-top: var(--space-4); max-width: 90rem; }
      .jobs { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); }
      article { display: grid; grid-template-columns: minmax(9rem, 2fr) 3fr; overflow: hidden; height: 100%; }
      .picture { position: relative; background: var(--sunken); min-height: 12rem; display: grid; place-content: center; color: var(--muted); }
      .picture img { position: absolute; inset: 0; width: 100%; height: calc(100% - var(--touch) - var(--space-3)); object-fit: contain; padding: var(--space-3); }
      .picture .open { position: absolute; left: var(--space-3); bottom: var(--space-3); background: var(--surface); }
      .words { padding: var(--space-4); display: grid; gap: var(--space-3); align-content: space-between; min-width: 0; }
      h2 { overflow-wrap: anywhere; }
      .facts { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-4); }
      .facts span { display: inline-flex; gap: 0.4em; align-items: center; }
      .facts svg { width: 1.2em; height: 1.2em; color: var(--muted); }
      .verdict { display: flex; gap: 0.5em; align-items: start; }
      .verdict svg { width: 1.3em; height: 1.3em; }
      .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad-mark); }
      .decide { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 8.5rem), 1fr)); gap: var(--space-3); }
      .decide button { min-height: calc(var(--touch) * 1.3); padding-inline: 0.5em; }
      header { display: flex; flex-wrap: wrap; gap: var(--space-3) var(--space-5); align-items: center; justify-content: space-between; }
      .many { display: grid; gap: var(--space-2); list-style: none; padding: 0; max-height: 45vh; overflow: auto; }
      .many li { display: grid; grid-template-columns: 3.5rem 1fr; gap: var(--space-3); align-items: center; overflow-wrap: anywhere; }
      .many img, .many svg { width: 3.5rem; height: 3.5rem; object-fit: contain; background: var(--sunken); border-radius: var(--radius-m); }
      .empty { display: flex; gap: var(--space-5); align-items: center; padding: var(--space-6); }
      .empty svg { width: 3rem; height: 3rem; color: var(--accent); }
      @media (max-width: 40rem) { article { grid-template-columns: 1fr; } }
    `,
  ];
  /** The job that is about to be sent back. */
  declare asking: JobItem | null;
  declare busy: ReadonlySet<string>;
  /** All that are fine are about to be approved: what is listed is what is approved. */
  declare many: JobItem[] | null;
  private readonly inbox = new JobList(
    this,
    () => ({ state: ["waiting"] }),
    (job) => job.state === "waiting",
  );

  constructor() {
    super();
    this.asking = null;
    this.busy = new Set();
    this.many = null;
  }

  /** One after another, the oldest first: so they stand in the queue. */
  private async approveAll(): Promise<void> {
    const jobs = this.many ?? [];
    this.many = null;
    this.busy = new Set([...this.busy, ...jobs.map((job) => job.id)]);
    let done = 0;
    try {
      for (const job of jobs) {
        this.inbox.put(await approve(job));
        done += 1;
      }
    } catch (error) {
      sayProblem(problemOf(error));
      await this.inbox.load();
    }
    if (done) say(tn("{n} job is in the queue.", "{n} jobs are in the queue.", done));
    const ours = new Set(jobs.map((job) => job.id));
    this.busy = new Set([...this.busy].filter((id) => !ours.has(id)));
  }

  private async step(job: JobItem, step: () => Promise<JobItem>, done: string): Promise<void> {
    if (this.busy.has(job.id)) return;
    this.busy = new Set([...this.busy, job.id]);
    try {
      this.inbox.put(await step());
      say(done);
    } catch (error) {
      sayProblem(problemOf(error));
      // It is another job than was looked at, or others of its lines are left out: show that.
      await this.inbox.load();
    }
    this.busy = new Set([...this.busy].filter((id) => id !== job.id));
  }

  override render(): TemplateResult {
    const jobs = this.inbox.jobs;
    const sorted = [...(jobs ?? [])].sort((a, b) => a.created.localeCompare(b.created));
    return html`<div class="page"><hub-print-tabs at="/print/inbox"></hub-print-tabs>
      <header><h1>${t("To approve")}</h1>${this.allAtOnce(sorted)}</header>
      <hub-notice .problem=${this.inbox.problem}></hub-notice>
      ${jobs?.length === 0 ? this.empty() : nothing}
      <ul class="jobs">${repeat(
        sorted,
        (job) => job.id,
        (job) => html`<li>${this.card(job)}</li>`,
      )}</ul>
      <hub-send-back ?open=${this.asking !== null} .name=${this.asking?.name ?? ""} @close=${() => (this.asking = null)}
        @note=${(event: CustomEvent<string>) => {
          const job = this.asking;
          this.asking = null;
          if (job)
            void this.step(
              job,
              () => take(job.id, "send-back", { note: event.detail }),
              t("{name} is sent back.", { name: job.name }),
            );
        }}></hub-send-back>
      ${this.together()}
    </div>`;
  }

  private allAtOnce(jobs: JobItem[]): TemplateResult | typeof nothing {
    const fine = jobs.filter((job) => isFine(job) && !this.busy.has(job.id));
    if (fine.length < 2) return nothing;
    return html`<button @click=${() => (this.many = fine)}>${icon("check")}${t("Approve all that are fine: {n}", { n: fine.length })}</button>`;
  }

  /** What is about to be approved at once, and what it takes. */
  private together(): TemplateResult {
    const many = this.many ?? [];
    const { seconds, grams: weight } = together(many);
    const one = (job: JobItem) =>
      html`<li>${job.thumbnail ? html`<img src=${job.thumbnail} alt="">` : DRAW.box()}<div><strong>${job.name}</strong>
        <p class="muted small">${personName(job.owner?.name ?? "")}${job.estimate?.seconds ? ` · ${duration(job.estimate.seconds)}` : nothing}</p></div></li>`;
    return html`<hub-dialog heading=${t("Approve all of these?")} ?open=${this.many !== null} @close=${() => (this.many = null)}>
      <p>${t("Their models are fine, and nothing of them is left out. Together they take {time} and {weight}.", { time: duration(seconds), weight: grams(weight) })}</p>
      <ul class="many">${many.map(one)}</ul>
      <button class="primary big" @click=${() => void this.approveAll()}>${icon("check")}${t("Approve {n}", { n: many.length })}</button></hub-dialog>`;
  }

  private empty(): TemplateResult {
    return html`<div class="card empty">${icon("check")}<div><h2>${t("Nothing waits for you.")}</h2>
      <p class="muted">${t("What pupils hand in appears here by itself, checked and with its time and weight.")}</p></div></div>`;
  }

  private card(job: JobItem): TemplateResult {
    const busy = this.busy.has(job.id);
    return html`<article class="card" data-job=${job.id}>
      <div class="picture">${job.thumbnail ? html`<img src=${job.thumbnail} alt=${t("Picture of the model")}>` : DRAW.box()}
        <a class="button open" href="/print/jobs/${encodeURIComponent(job.id)}">${DRAW.turn()}${t("Look at it")}</a></div>
      <div class="words">
        <div><h2>${job.name}</h2><p class="muted">${personName(job.owner?.name ?? "")} · ${moment(job.created)}</p></div>
        ${this.verdict(job)}
        ${
          job.left_out_lines
            ? html`<p class="verdict"><span class="warn">${icon("warning")}</span><span>${tn("{n} line of the G-code is left out.", "{n} lines of the G-code are left out.", job.left_out_lines)} <a href="/print/jobs/${encodeURIComponent(job.id)}">${t("Which?")}</a></span></p>`
            : nothing
        }
        <p class="facts">
          ${job.estimate?.seconds ? html`<span>${DRAW.clock()}<strong>${duration(job.estimate.seconds)}</strong></span>` : nothing}
          ${job.estimate?.grams ? html`<span>${DRAW.weight()}<strong>${grams(job.estimate.grams)}</strong></span>` : nothing}
          ${job.check ? html`<span>${DRAW.box()}${sizeText(job.check.size)}</span>` : nothing}
        </p>
        ${[job.problem, job.warning].map((one) => (one ? html`<hub-notice .problem=${{ ...one, severity: "warning" as const }}></hub-notice>` : nothing))}
        <div class="decide">
          <button class="primary" ?disabled=${busy || !job.can.includes("approve")} @click=${() => void this.step(job, () => approve(job), t("{name} is in the queue.", { name: job.name }))}>${icon("check")}${t("Approve")}</button>
          <button ?disabled=${busy || !job.can.includes("send-back")} @click=${() => (this.asking = job)}>${icon("undo")}${t("Send back")}</button>
        </div>
      </div></article>`;
  }

  private verdict(job: JobItem): TemplateResult {
    if (!job.check) {
      return html`<p class="verdict">${icon("warning")}<span>${t("Finished G-code: it was made outside the hub.")}</span></p>`;
    }
    const { tone, title } = job.check;
    const words = title || t("The model is fine.");
    return html`<p class="verdict"><span class=${tone}>${icon(tone === "good" ? "check" : "warning")}</span><span>${words}</span></p>`;
  }
}
define("hub-print-inbox-page", InboxPage);
