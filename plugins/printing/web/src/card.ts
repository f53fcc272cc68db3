/** What somebody finds of their prints on the home page. */
import { hub } from "@classhub/client";
import { base, define, givenName, HubElement, icon, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { JobList, Places, PrinterList } from "./api.js";
import { atHome, isRunning, type JobItem, type JobState } from "./model.js";
import { duration, isMine, moment, nextText, percent, stateText, stateTone } from "./words.js";

const MOST = 4;
const LOOK = 60_000;
const OVER: JobState[] = ["done", "failed"];

/** One's own jobs under way, or just over; for teachers also what waits for them. */
class PrintCard extends HubElement {
  static override styles = [
    base,
    css`
      .card { padding: var(--space-4) var(--space-5); display: grid; gap: var(--space-2); }
      .head { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-4); align-items: center; justify-content: space-between; }
      .head h2 { font: var(--type-heading); }
      ul { list-style: none; padding: 0; display: grid; }
      li + li { border-top: 1px solid var(--line); }
      .line { display: grid; grid-template-columns: 3.25rem minmax(0, 1fr); gap: 0 var(--space-3); align-items: center; min-height: var(--touch); padding: var(--space-2) 0; color: inherit; text-decoration: none; }
      .line:hover { background: var(--hover); }
      .picture { width: 3.25rem; height: 3.25rem; display: grid; place-content: center; background: var(--sunken); border-radius: var(--radius-m); color: var(--muted); }
      .picture img { width: 3.25rem; height: 3.25rem; object-fit: contain; }
      strong { overflow-wrap: anywhere; }
      .state { display: inline-flex; align-items: center; gap: 0.4em; white-space: nowrap; }
      progress { height: 0.6rem; }
    `,
  ];
  private readonly mine = new JobList(this, () => ({ owner: "me" }), isMine);
  private readonly waiting = new JobList(
    this,
    () => (hub.session.may("teacher") ? { state: ["waiting"] } : null),
    (job) => job.state === "waiting",
  );
  private readonly printers = new PrinterList(this);

  constructor() {
    super();
    new Places(
      this,
      () => this.mine.jobs?.some((job) => job.state === "queued") ?? false,
      () => void this.mine.load(),
    );
  }

  protected override arrive(): void {
    // What is over goes by itself.
    this.every(LOOK, () => this.requestUpdate());
  }

  override render(): TemplateResult | typeof nothing {
    const jobs = atHome(this.mine.jobs ?? [], Date.now());
    const waiting = this.waiting.jobs?.length ?? 0;
    const plates = hub.session.may("teacher")
      ? (this.printers.printers ?? []).filter((one) => !one.job && one.plate.job?.name)
      : [];
    if (!jobs.length && !waiting && !plates.length) return nothing;
    return html`<section class="card" aria-label=${t("3D printing")}>
      <div class="head"><h2>${t("3D printing")}</h2>${jobs.length ? html`<a class="button" href="/print">${icon("right")}${t("My jobs")}</a>` : nothing}</div>
      <ul>
        ${waiting ? html`<li><a class="line" href="/print/inbox"><span class="picture">${icon("inbox")}</span><strong>${tn("{n} job waits for your approval", "{n} jobs wait for your approval", waiting)}</strong></a></li>` : nothing}
        ${plates.map((one) => html`<li><a class="line" href="/print/queue"><span class="picture">${icon("printer")}</span><span><strong>${t("“{name}” lies on the plate.", { name: one.plate.job?.name ?? "" })}</strong><br><span class="small muted">${givenName(one.name)}</span></span></a></li>`)}
        ${jobs.slice(0, MOST).map((job) => html`<li>${this.line(job)}</li>`)}
      </ul></section>`;
  }

  private line(job: JobItem): TemplateResult {
    return html`<a class="line" href="/print/jobs/${encodeURIComponent(job.id)}" data-job=${job.id}>
      <span class="picture">${job.thumbnail ? html`<img src=${job.thumbnail} alt="">` : icon("printer")}</span>
      <span><strong>${job.name}</strong> <span class="small state"><span class="dot ${stateTone(job.state)}"></span>${stateText(job)}</span>
      ${
        isRunning(job) && job.progress
          ? html`<progress max="1" .value=${job.progress.fraction} aria-label=${t("Print")}></progress><span class="small muted">${percent(job.progress.fraction)}${job.progress.seconds_left ? `, ${t("{time} to go", { time: duration(job.progress.seconds_left) })}` : nothing}</span>`
          : html`<br><span class="small muted">${OVER.includes(job.state) && job.ended ? `${moment(job.ended)}. ` : nothing}${nextText(job)}</span>`
      }</span></a>`;
  }
}
define("hub-print-card", PrintCard);
