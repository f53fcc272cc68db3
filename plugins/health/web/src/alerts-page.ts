import { hub, type Problem, problemOf } from "@classhub/client";
import { define, HubElement, icon, say, sayProblem, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { AlertRule, Destination } from "./api.js";
import { formStyles } from "./form.styles.js";
import { healthStyles } from "./health-page.styles.js";
import "./rule-form.js";
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
    editing: { state: true },
    ruling: { state: true },
    quietChanged: { state: true },
    quieting: { state: true },
    problem: { state: true },
    wrong: { state: true },
  };
  static override styles = [
    healthStyles,
    formStyles,
    css`
      .who { padding: var(--space-5); display: grid; gap: var(--space-2); border-bottom: 1px solid var(--line); }
      .who:last-child { border-bottom: 0; }
      .who .row { align-items: center; }
      .rule { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: var(--space-1) var(--space-3); align-items: baseline; padding: var(--space-3) var(--space-5); border-bottom: 1px solid var(--line); }
      .rule:last-child { border-bottom: 0; }
      .rule .small { grid-column: 2; }
      .rule button { grid-column: 3; grid-row: 1 / span 2; align-self: center; }
      .rule hub-health-rule-form { grid-column: 1 / -1; padding: var(--space-4) 0; }
      .rule .dot { align-self: center; }
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
  /** The destination that is being changed. */
  declare editing: string | null;
  /** The rule that is being changed; empty for a new one. */
  declare ruling: string | null;
  declare quietChanged: boolean;
  declare quieting: boolean;
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
    this.editing = null;
    this.ruling = null;
    this.quietChanged = false;
    this.quieting = false;
    this.problem = null;
    this.wrong = null;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { every: AGAIN });
  }

  private async load(): Promise<void> {
    try {
      const [who, rules] = await Promise.all([
        hub.api.get<{ items: Destination[]; waiting: number }>("/health/destinations"),
        hub.api.get<{ items: AlertRule[]; quiet: string; quiet_changed: boolean }>(
          "/health/alert-rules",
        ),
      ]);
      this.destinations = who.items;
      this.waiting = who.waiting;
      this.rules = rules.items;
      this.quiet = rules.quiet;
      this.quietChanged = rules.quiet_changed;
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

  private async save(event: SubmitEvent, one: Destination | null): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const text = (name: string) => String(given.get(name) ?? "").trim();
    const fields = {
      name: text("name"),
      least: text("least"),
      language: text("language") || null,
      escalations_only: given.has("escalations"),
      // Left empty it stays as it is: it is never shown.
      ...(text("address") ? { address: text("address") } : {}),
    };
    this.busy = one?.id ?? "new";
    try {
      if (one) await hub.api.patch(`/health/destinations/${one.id}`, fields);
      else await hub.api.post("/health/destinations", fields);
      this.adding = false;
      this.editing = null;
      this.wrong = null;
      await this.load();
    } catch (error) {
      this.wrong = problemOf(error);
    } finally {
      this.busy = null;
    }
  }

  private async saveQuiet(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const [begins, ends] = [String(given.get("begins")), String(given.get("ends"))];
    const hours = given.has("quiet") && begins && ends ? { begins, ends } : null;
    await this.doing("quiet", () => hub.api.put("/health/quiet-hours", { hours }));
    this.quieting = false;
  }

  private async resetQuiet(): Promise<void> {
    await this.doing("quiet", () => hub.api.delete("/health/quiet-hours"));
    this.quieting = false;
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
          ? this.form(null)
          : html`<div class="row"><button class="primary" @click=${() => {
              this.adding = true;
            }}>${icon("plus")}${t("Have somebody told")}</button></div>`
      }</section>`;
  }

  private destination(one: Destination): TemplateResult {
    const least = one.least === "fault" ? t("Only what is broken") : t("Warnings, too");
    if (this.editing === one.id) return html`<li class="who">${this.form(one)}</li>`;
    return html`<li class="who"><h3>${one.name}</h3>
      <p class="muted small"><code>${one.service}://…</code> · ${least}${one.escalations_only ? ` · ${t("only what nobody took up")}` : ""}${one.fixed ? ` · ${t("from the settings file")}` : ""}</p>
      ${one.failing ? html`<p class="failing small">${t("Messages do not reach it")}: ${one.said}</p>` : nothing}
      <div class="row"><button ?disabled=${this.busy !== null} @click=${() => void this.test(one)}>${icon("send")}${this.busy === one.id ? t("Sending …") : t("Send a test message")}</button>
        ${
          one.fixed
            ? nothing
            : html`<button class="quiet" @click=${() => {
                this.editing = one.id;
                this.adding = false;
                this.wrong = null;
              }}>${icon("sliders")}${t("Change")}</button>
            <button class="quiet" ?disabled=${this.busy !== null} @click=${() => void this.forget(one)}>${icon("trash")}${t("Delete")}</button>`
        }</div></li>`;
  }

  private form(one: Destination | null): TemplateResult {
    const chosen = (language: string) => (one?.language ?? "") === language;
    return html`<form class=${one ? "" : "card"} @submit=${(event: SubmitEvent) => void this.save(event, one)}>
      <hub-notice .problem=${this.wrong}></hub-notice>
      <div class="two"><label>${t("Name")}<input name="name" required maxlength="80" placeholder=${t("The lab engineer")} .value=${one?.name ?? ""}></label>
        <label>${t("Language")}<select name="language"><option value="">${t("The hub's")}</option><option value="kk" ?selected=${chosen("kk")}>Қазақша</option><option value="ru" ?selected=${chosen("ru")}>Русский</option><option value="en" ?selected=${chosen("en")}>English</option></select></label></div>
      <label>${t("Address")}<input name="address" type="password" ?required=${!one} maxlength="2000" autocomplete="off" spellcheck="false" placeholder=${one ? t("As it is; it is never shown") : ""}></label>
      <p class="muted small">${t("As Apprise writes it; it is kept secret.")} <code>mailtos://user:password@mail.school.kz?to=engineer@school.kz</code> · <code>tgram://token/chat</code> · <code>workflows://…</code> (Microsoft Teams) · <code>jsons://…</code></p>
      <div class="two"><label>${t("What it is told")}<select name="least"><option value="warning">${t("Warnings, too")}</option><option value="fault" ?selected=${one?.least === "fault"}>${t("Only what is broken")}</option></select></label>
        <label class="check"><input type="checkbox" name="escalations" ?checked=${one?.escalations_only ?? false}>${t("Only what nobody took up in time")}</label></div>
      <div class="row"><button class="primary" ?disabled=${this.busy !== null}>${t("Save")}</button>
        <button type="button" class="quiet" @click=${() => {
          this.adding = false;
          this.editing = null;
          this.wrong = null;
        }}>${t("Cancel")}</button></div></form>`;
  }

  private when(): TemplateResult {
    const done = () => {
      this.ruling = null;
      void this.load();
    };
    return html`<section><div class="head"><h2>${t("When they are told")}</h2></div>
      ${this.quietHours()}
      <ul class="card">${repeat(
        this.rules,
        (one) => one.id,
        (one) => this.rule(one, done),
      )}</ul>
      ${
        this.ruling === ""
          ? html`<div class="card who"><h3>${t("A rule of your own")}</h3><hub-health-rule-form .destinations=${this.destinations ?? []} @done=${done}></hub-health-rule-form></div>`
          : html`<div class="row"><button @click=${() => {
              this.ruling = "";
            }}>${icon("plus")}${t("Make a rule of your own")}</button></div>`
      }
      <p class="muted small">${t("Rules can also be written in files, for many hubs alike: see docs/health.md.")}</p></section>`;
  }

  private rule(one: AlertRule, done: () => void): TemplateResult {
    const tone = one.enabled ? (one.severity === "warning" ? "warn" : "bad") : "idle";
    const open = this.ruling === one.id;
    return html`<li class="rule"><span class="dot ${tone}"></span><b>${ruleText(one)}</b>
      <span class="muted small">${this.details(one)}</span>
      <button class="quiet" aria-expanded=${open ? "true" : "false"} aria-label=${t("Change: {rule}", { rule: ruleText(one) })} @click=${() => {
        this.ruling = open ? null : one.id;
      }}>${icon("sliders")}${t("Change")}</button>
      ${open ? html`<hub-health-rule-form .rule=${one} .destinations=${this.destinations ?? []} @done=${done}></hub-health-rule-form>` : nothing}</li>`;
  }

  private quietHours(): TemplateResult {
    if (!this.quieting)
      return html`<div class="row"><p>${this.quiet ? t("Quiet hours: {hours}", { hours: this.quiet }) : t("No quiet hours are set.")}</p>
        <button class="quiet" @click=${() => {
          this.quieting = true;
        }}>${icon("clock")}${t("Change the quiet hours")}</button></div>`;
    const [begins, ends] = this.quiet.split("-");
    return html`<form class="card" @submit=${(event: SubmitEvent) => void this.saveQuiet(event)}>
      <label class="check"><input type="checkbox" name="quiet" checked>${t("In these hours only what is urgent is told")}</label>
      <div class="two"><label>${t("From")}<input type="time" name="begins" .value=${begins || "19:00"}></label>
        <label>${t("Until")}<input type="time" name="ends" .value=${ends || "07:30"}></label></div>
      <div class="row"><button class="primary" ?disabled=${this.busy !== null}>${t("Save")}</button>
        <button type="button" class="quiet" @click=${() => {
          this.quieting = false;
        }}>${t("Cancel")}</button>
        ${this.quietChanged ? html`<button type="button" class="quiet" @click=${() => void this.resetQuiet()}>${icon("undo")}${t("As in the settings file")}</button>` : nothing}</div></form>`;
  }

  private details(one: AlertRule): string {
    const said = [
      one.enabled ? "" : t("switched off"),
      one.limit,
      one.delay ? t("after {time}", { time: durationText(one.delay) }) : t("at once"),
      one.escalate ? t("again after {time}", { time: durationText(one.escalate * 60) }) : "",
      one.urgent ? t("in quiet hours, too") : "",
      one.tell.length ? t("told to some only") : "",
      one.origin === "page" ? t("your own") : one.changed.length ? t("changed") : "",
    ];
    return said.filter(Boolean).join(" · ");
  }
}
define("hub-health-alerts-page", AlertsPage);
