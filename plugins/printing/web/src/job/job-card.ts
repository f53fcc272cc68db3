import { hub } from "@classhub/client";
import { base, day, define, HubElement, icon, personName, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { DRAW } from "../drawings.js";
import { isRunning, isWorking, type JobItem } from "../model.js";
import { duration, grams, nextText, percent, stateText, stateTone } from "../words.js";

/** A job in a list: its picture, how it is, what to do next. It leads to the job's page. */
class JobCard extends HubElement {
  static override properties = { job: { attribute: false } };
  static override styles = [
    base,
    css`
      :host { height: 100%; }
      a { display: grid; grid-template-columns: 7.5rem 1fr; text-decoration: none; color: inherit; overflow: hidden; min-height: 7.5rem; height: 100%; }
      a:hover { background: var(--hover); }
      .picture { background: var(--sunken); display: grid; place-content: center; color: var(--muted); position: relative; }
      .picture svg { width: 2.5rem; height: 2.5rem; }
      img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; padding: var(--space-2); }
      .words { padding: var(--space-3) var(--space-4); display: grid; gap: var(--space-2); align-content: start; min-width: 0; }
      h3 { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      .next { overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
      .asks { background: var(--warn-soft); }
      .facts { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-3); color: var(--muted); font: var(--type-small); }
      .facts span { display: inline-flex; align-items: center; gap: 0.35em; }
      .facts svg { width: 1.1em; height: 1.1em; }
    `,
  ];
  declare job: JobItem;

  override render(): TemplateResult {
    const { job } = this;
    const asks = job.state === "refused" || job.state === "sent-back";
    const others = hub.session.may("teacher") && job.owner;
    return html`<a class="card" href="/print/jobs/${encodeURIComponent(job.id)}" data-job=${job.id} data-state=${job.state}>
      <div class="picture">${job.thumbnail ? html`<img src=${job.thumbnail} alt="" loading="lazy">` : DRAW.box()}</div>
      <div class="words">
        <h3>${job.name}</h3>
        <p><span class="chip ${asks ? "asks" : ""}"><span class="dot ${stateTone(job.state)}"></span>${stateText(job)}</span></p>
        ${
          isWorking(job)
            ? html`<progress aria-label=${stateText(job)}></progress>`
            : isRunning(job) && job.progress
              ? html`<progress max="1" .value=${job.progress.fraction} aria-label=${t("Print")}></progress>
                <p class="small">${percent(job.progress.fraction)}${job.progress.seconds_left ? `, ${t("{time} to go", { time: duration(job.progress.seconds_left) })}` : nothing}</p>`
              : html`<p class="small next">${nextText(job)}</p>`
        }
        <p class="facts">${others ? html`<span>${icon("person")}${personName(job.owner?.name ?? "")}</span>` : nothing}
          ${job.estimate?.seconds ? html`<span>${DRAW.clock()}${duration(job.estimate.seconds)}</span>` : nothing}
          ${job.estimate?.grams ? html`<span>${DRAW.weight()}${grams(job.estimate.grams)}</span>` : nothing}
          <span>${day(job.created)}</span></p>
      </div></a>`;
  }
}
define("hub-print-job-card", JobCard);
