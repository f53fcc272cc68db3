import { type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { getJob } from "../api.js";
import type { Job } from "../model.js";
import "./job-view.js";

/** The page of one job. */
class JobPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    job: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { gap: var(--space-4); padding-top: var(--space-4); max-width: 90rem; }
    `,
  ];
  declare params: { id: string };
  declare job: Job | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.params = { id: "" };
    this.job = null;
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.job = await getJob(this.params.id);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private back(): void {
    if (history.length > 1) history.back();
    else location.assign("/print");
  }

  override render(): TemplateResult {
    return html`<div class="page">
      <div><button class="quiet" @click=${this.back}>${icon("arrow-left")}${t("Back")}</button></div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${this.problem ? html`<div><a class="button primary" href="/print">${t("To my jobs")}</a></div>` : nothing}
      ${this.job ? html`<hub-print-job .job=${guard([this.job], () => this.job)}></hub-print-job>` : nothing}
    </div>`;
  }
}
define("hub-print-job-page", JobPage);
