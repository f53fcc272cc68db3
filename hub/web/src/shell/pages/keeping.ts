import {
  type AuditEntry,
  type Backup,
  hub,
  type Operation,
  type Page,
  type Problem,
  problemOf,
} from "@classhub/client";
import {
  base,
  clock,
  day,
  define,
  HubElement,
  icon,
  number,
  personName,
  say,
  sayProblem,
  t,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

const SHOWN = 50;

/** Backups, and who did what: what an engineer looks at when something was lost or changed. */
class KeepingPage extends HubElement {
  static override properties = {
    backups: { state: true },
    audit: { state: true },
    next: { state: true },
    running: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      header { display: flex; gap: var(--space-3); align-items: center; }
      section { display: grid; gap: var(--space-4); }
      .head { display: flex; flex-wrap: wrap; gap: var(--space-4); align-items: center; justify-content: space-between; }
      ul { overflow: hidden; }
      li { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-4); align-items: baseline; padding: var(--space-3) var(--space-5); border-bottom: 1px solid var(--line); margin-bottom: -1px; }
      time { color: var(--muted); font-variant-numeric: tabular-nums; min-width: 9.5rem; }
      .detail { overflow-wrap: anywhere; }
      .more { justify-self: start; }
    `,
  ];
  declare backups: Backup[];
  declare audit: AuditEntry[];
  declare next: string | null;
  declare running: Operation | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.backups = [];
    this.audit = [];
    this.next = null;
    this.running = null;
    this.problem = null;
  }

  protected override arrive(): void {
    this.until(hub.stream.subscribe("operations/+", (_, payload) => this.hear(payload)));
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const [audit, backups] = await Promise.all([
        hub.api.get<Page<AuditEntry>>("/audit", { limit: SHOWN }),
        hub.session.may("admin") ? hub.api.all<Backup>("/backups") : [],
      ]);
      this.audit = audit.items;
      this.next = audit.next;
      this.backups = backups;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async older(): Promise<void> {
    try {
      const query = { limit: SHOWN, cursor: this.next };
      const page = await hub.api.get<Page<AuditEntry>>("/audit", query);
      this.audit = [...this.audit, ...page.items];
      this.next = page.next;
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async backUp(): Promise<void> {
    try {
      this.running = await hub.api.post<Operation>("/backups", {});
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private hear(payload: unknown): void {
    const told = payload as Operation | null;
    if (told === null || told.id !== this.running?.id) return;
    this.running = told;
    if (told.status === "running" || told.status === "pending") return;
    if (told.problem) sayProblem(told.problem);
    else if (told.status === "done") say(t("The backup is made."));
    this.running = null;
    void this.load();
  }

  override render(): TemplateResult {
    return html`<div class="page">
      <header><a class="button quiet icon" href="/equipment" aria-label=${t("Back to the equipment")}>${icon("arrow-left")}</a>
        <h1>${t("Backups and log")}</h1></header>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${hub.session.may("admin") ? this.copies() : nothing}
      <section><h2>${t("Who did what")}</h2>
        ${this.audit.length === 0 ? html`<p class="muted">${t("Nothing yet.")}</p>` : this.done()}
      </section></div>`;
  }

  private copies(): TemplateResult {
    const percent = Math.round((this.running?.fraction ?? 0) * 100);
    return html`<section><div class="head"><h2>${t("Backups")}</h2>
        <button class="primary" ?disabled=${this.running !== null} @click=${this.backUp}>${icon("download")}${t("Back up now")}</button></div>
      ${this.running ? html`<progress max="100" .value=${percent} aria-label=${t("Backups")}></progress>` : nothing}
      ${
        this.backups.length === 0
          ? html`<p class="muted">${t("No backup has been made yet. Keep one on another disk or another computer.")}</p>`
          : html`<ul class="card">${this.backups.map(
              (one) => html`<li><time>${day(one.made)}, ${clock(one.made)}</time>
                <span class="grow detail">${one.name}</span><span class="muted">${number(one.size / 1e6, 1)} MB</span></li>`,
            )}</ul>`
      }</section>`;
  }

  private done(): TemplateResult {
    return html`<ul class="card">${this.audit.map(
      (one) => html`<li><time>${day(one.time)}, ${clock(one.time)}</time>
        <span class="grow"><strong>${personName(one.by.name) || one.by.id}</strong> · ${one.said}
          ${one.subject ? html`<span class="muted small detail">${one.subject}</span>` : nothing}</span></li>`,
    )}</ul>
    ${this.next ? html`<button class="more" @click=${this.older}>${icon("down")}${t("Show older")}</button>` : nothing}`;
  }
}
define("hub-keeping-page", KeepingPage);
