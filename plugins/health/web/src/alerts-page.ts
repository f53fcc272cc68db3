import { hub, type Problem, problemOf } from "@classhub/client";
import { define, HubElement, i18n, icon, say, sayProblem, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { AlertRule, Destination } from "./api.js";
import { healthStyles } from "./health-page.styles.js";
import { durationText, ruleText } from "./words.js";

const AGAIN = 20_000;

/** Who is told of alerts, and by which rules. */
class AlertsPage extends HubElement {
  static override properties = {
    destinations: { state: true },
    rules: { state: true },
    waiting: { state: true },
    quiet: { state: true },
    busy: { state: true },
    adding: { state: true },
    problem: { state: true },
    wrong: { state: true },
  };
  static override styles = [
    healthStyles,
    css`
      .who { padding: var(--space-5); display: grid; gap: var(--space-2); border-bottom: 1px solid var(--line); }
      .who:last-child { border-bottom: 0; }
      .who .row { align-items: center; }
      form.card { padding: var(--space-5); display: grid; gap: var(--space-4); }
      form label { display: grid; gap: var(--space-2); }
      form label.check { display: flex; gap: var(--space-3); align-items: center; }
      form .check input { width: 2.5rem; height: 2.5rem; min-height: 2.5rem; flex: none; accent-color: var(--accent); }
      form .two { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); }
      .rule { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: var(--space-1) var(--space-3); align-items: baseline; padding: var(--space-3) var(--space-5); border-bottom: 1px solid var(--line); }
      .rule:last-child { border-bottom: 0; }
      .rule .small { grid-column: 2; }
      .failing { color: var(--bad); overflow-wrap: anywhere; }
      code { font-size: 0.95em; overflow-wrap: anywhere; }
    `,
  ];
  declare destinations: Destination[] | null;
  declare rules: AlertRule[];
  declare waiting: number;
  declare quiet: string;
  declare busy: string | null;
  declare adding: boolean;
  declare problem: Problem | null;
  /** What was wrong with what was typed. */
  declare wrong: Problem | null;

  constructor() {
    super();
    this.destinations = null;
    this.rules = [];
    this.waiting = 0;
    this.quiet = "";
    this.busy = null;
    this.adding = false;
    this.problem = null;
    this.wrong = null;
  }

  protected override arrive(): void {
    const again = this.settled(() => void this.load());
    this.on(i18n, "change", again);
    this.every(AGAIN, again);
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      const [who, rules] = await Promise.all([
        hub.api.get<{ items: Destination[]; waiting: number }>("/health/destinations"),
        hub.api.get<{ items: AlertRule[]; quiet: string }>("/health/alert-rules"),
      ]);
      this.destinations = who.items;
      this.waiting = who.waiting;
      this.rules = rules.items;
      this.quiet = rules.quiet;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async test(one: Destination): Promise<void> {
    await this.doing(one.id, async () => {
      await hub.api.post(`/health/destinations/${one.id}/test`);
      say(t("The message is sent. Look whether it has come."));
    });
  }

  private async forget(one: Destination): Promise<void> {
    if (!confirm(t("Tell {name} no more?", { name: one.name }))) return;
    await this.doing(one.id, () => hub.api.delete(`/health/destinations/${one.id}`));
  }

  private async doing(id: string, work: () => Promise<unknown>): Promise<void> {
    this.busy = id;
    try {
      await work();
    } catch (error) {
      sayProblem(problemOf(error));
    } finally {
      this.busy = null;
      await this.load();
    }
  }

  private async add(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const text = (name: string) => String(given.get(name) ?? "").trim();
    this.busy = "new";
    try {
      await hub.api.post("/health/destinations", {
        name: text("name"),
        address: text("address"),
        least: text("least"),
        language: text("language") || null,
        escalations_only: given.get("escalations") !== null,
      });
      this.adding = false;
      this.wrong = null;
      await this.load();
    } catch (error) {
      this.wrong = problemOf(error);
    } finally {
      this.busy = null;
    }
  }

  override render(): TemplateResult {
    return html`<div class="page">
      <div class="head"><h1>${t("Who is told, and when")}</h1>
        <a class="button" href="/health">${icon("activity")}${t("Device health")}</a></div>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${this.destinations === null ? html`<progress aria-label=${t("Loading")}></progress>` : this.who(this.destinations)}
      ${this.rules.length ? this.when() : nothing}
    </div>`;
  }

  private who(all: Destination[]): TemplateResult {
    return html`<section><h2>${t("Who is told")}</h2>
      ${this.waiting ? html`<p class="card calm">${icon("clock")} ${tn("{n} message waits to be sent", "{n} messages wait to be sent", this.waiting)}</p>` : nothing}
      ${
        all.length
          ? html`<ul class="card">${repeat(
              all,
              (one) => one.id,
              (one) => this.destination(one),
            )}</ul>`
          : html`<p class="card calm">${t("Nobody yet: alerts are only on these pages. Add an e-mail address, a Teams channel or a Telegram chat.")}</p>`
      }
      ${
        this.adding
          ? this.form()
          : html`<div class="row"><button class="primary" @click=${() => {
              this.adding = true;
            }}>${icon("plus")}${t("Have somebody told")}</button></div>`
      }</section>`;
  }

  private destination(one: Destination): TemplateResult {
    const least = one.least === "fault" ? t("Only what is broken") : t("Warnings, too");
    return html`<li class="who"><h3>${one.name}</h3>
      <p class="muted small"><code>${one.service}://…</code> · ${least}${one.escalations_only ? ` · ${t("only what nobody took up")}` : ""}${one.fixed ? ` · ${t("from the settings file")}` : ""}</p>
      ${one.failing ? html`<p class="failing small">${t("Messages do not reach it")}: ${one.said}</p>` : nothing}
      <div class="row"><button ?disabled=${this.busy !== null} @click=${() => void this.test(one)}>${icon("send")}${this.busy === one.id ? t("Sending …") : t("Send a test message")}</button>
        ${one.fixed ? nothing : html`<button class="quiet" ?disabled=${this.busy !== null} @click=${() => void this.forget(one)}>${icon("trash")}${t("Delete")}</button>`}</div></li>`;
  }

  private form(): TemplateResult {
    return html`<form class="card" @submit=${(event: SubmitEvent) => void this.add(event)}>
      <hub-notice .problem=${this.wrong}></hub-notice>
      <div class="two"><label>${t("Name")}<input name="name" required maxlength="80" placeholder=${t("The lab engineer")}></label>
        <label>${t("Language")}<select name="language"><option value="">${t("The hub's")}</option><option value="kk">Қазақша</option><option value="ru">Русский</option><option value="en">English</option></select></label></div>
      <label>${t("Address")}<input name="address" type="password" required maxlength="2000" autocomplete="off" spellcheck="false"></label>
      <p class="muted small">${t("As Apprise writes it; it is kept secret.")} <code>mailtos://user:password@mail.school.kz?to=engineer@school.kz</code> · <code>tgram://token/chat</code> · <code>workflows://…</code> (Microsoft Teams) · <code>jsons://…</code></p>
      <div class="two"><label>${t("What it is told")}<select name="least"><option value="warning">${t("Warnings, too")}</option><option value="fault">${t("Only what is broken")}</option></select></label>
        <label class="check"><input type="checkbox" name="escalations">${t("Only what nobody took up in time")}</label></div>
      <div class="row"><button class="primary" ?disabled=${this.busy !== null}>${t("Save")}</button>
        <button type="button" class="quiet" @click=${() => {
          this.adding = false;
        }}>${t("Cancel")}</button></div></form>`;
  }

  private when(): TemplateResult {
    return html`<section><div class="head"><h2>${t("When they are told")}</h2>
        <p class="muted small">${this.quiet ? t("Quiet hours: {hours}", { hours: this.quiet }) : t("No quiet hours are set.")}</p></div>
      <ul class="card">${this.rules.map(
        (
          one,
        ) => html`<li class="rule"><span class="dot ${one.enabled ? (one.severity === "warning" ? "warn" : "bad") : "idle"}"></span>
          <b>${ruleText(one)}</b><span class="muted small">${this.details(one)}</span></li>`,
      )}</ul>
      <p class="muted small">${t("Rules are files: see docs/health.md.")}</p></section>`;
  }

  private details(one: AlertRule): string {
    const said = [
      one.enabled ? "" : t("switched off"),
      one.limit,
      one.delay ? t("after {time}", { time: durationText(one.delay) }) : t("at once"),
      one.escalate ? t("again after {time}", { time: durationText(one.escalate * 60) }) : "",
      one.urgent ? t("in quiet hours, too") : "",
    ];
    return said.filter(Boolean).join(" · ");
  }
}
define("hub-health-alerts-page", AlertsPage);
