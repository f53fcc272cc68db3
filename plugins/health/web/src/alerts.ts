import { hub, type Problem, problemOf } from "@classhub/client";
import { define, givenName, HubElement, icon, say, sayProblem, t, tn } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Alert } from "./api.js";
import { healthStyles } from "./health-page.styles.js";
import { moment, valueText } from "./words.js";

const AGAIN = 30_000;
const PAST = 30;

/** What is wrong now, one card for each cause: what to do, take it up, known; and what was wrong. */
class AlertList extends HubElement {
  static override properties = {
    alerts: { state: true },
    maybe: { state: true },
    past: { state: true },
    known: { state: true },
    note: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = healthStyles;
  declare alerts: Alert[] | null;
  /** Faults of which it is not certain yet whether they last. */
  declare maybe: number;
  /** Null until somebody wants to see them. */
  declare past: Alert[] | null;
  /** The alert of which is being written that it is known. */
  declare known: string | null;
  declare note: string;
  declare busy: string | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.alerts = null;
    this.maybe = 0;
    this.past = null;
    this.known = null;
    this.note = "";
    this.busy = null;
    this.problem = null;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { topics: ["x/health/alerts"], every: AGAIN });
  }

  private async load(): Promise<void> {
    try {
      const [now, past] = await Promise.all([
        hub.api.get<{ items: Alert[]; pending_faults: number }>("/health/alerts"),
        this.past === null
          ? null
          : hub.api.get<{ items: Alert[] }>(`/health/alerts/past?limit=${PAST}`),
      ]);
      this.alerts = now.items;
      this.maybe = now.pending_faults;
      if (past) this.past = past.items;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async take(alert: Alert, known: boolean): Promise<void> {
    await this.doing(alert.id, async () => {
      await hub.api.post(`/health/alerts/${alert.id}/acknowledge`, {
        known,
        note: known ? this.note.trim() : "",
      });
      this.known = null;
      this.note = "";
      say(known ? t("Noted: it waits for a part.") : t("You look after it."));
    });
  }

  private async takeAll(alerts: Alert[]): Promise<void> {
    await this.doing("all", async () => {
      for (const one of alerts) await hub.api.post(`/health/alerts/${one.id}/acknowledge`, {});
      say(t("You look after all of them."));
    });
  }

  private async giveBack(alert: Alert): Promise<void> {
    await this.doing(alert.id, async () => {
      await hub.api.delete(`/health/alerts/${alert.id}/acknowledge`);
      say(t("Nobody looks after it now."));
    });
  }

  private async doing(id: string, work: () => Promise<void>): Promise<void> {
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

  private async showPast(): Promise<void> {
    this.past = this.past === null ? [] : null;
    if (this.past) await this.load();
  }

  override render(): TemplateResult {
    return html`<hub-notice .problem=${this.problem}></hub-notice>
      ${this.alerts === null ? nothing : this.all(this.alerts)}`;
  }

  private all(alerts: Alert[]): TemplateResult {
    const bad = alerts.some((one) => one.severity === "fault");
    const calm = alerts.length === 0 && this.maybe === 0;
    const tone = calm ? "good" : bad ? "bad" : "warn";
    const said = alerts.length
      ? tn("{n} thing needs you", "{n} things need you", alerts.length)
      : calm
        ? t("Everything works")
        : t("Something may be wrong");
    const open = alerts.filter((one) => one.state === "firing");
    return html`<div class="verdict ${tone}" role="status">${icon(calm ? "check" : "warning")}
        <div class="grow"><h2>${said}</h2>${
          alerts.length
            ? html`<p class="muted">${open.length ? tn("{n} is not taken up yet", "{n} are not taken up yet", open.length) : t("All are taken up")}</p>`
            : calm
              ? nothing
              : html`<p class="muted">${t("In a moment it is certain whether it lasts.")}</p>`
        }</div>
        ${open.length > 1 ? html`<button class="every" ?disabled=${this.busy !== null} @click=${() => void this.takeAll(open)}>${icon("check")}${t("I look after all of them")}</button>` : nothing}</div>
      ${
        alerts.length
          ? html`<ul class="todo">${repeat(
              alerts,
              (one) => one.id,
              (one) => this.card(one),
            )}</ul>`
          : nothing
      }
      <div class="row"><button class="quiet" aria-expanded=${this.past === null ? "false" : "true"} @click=${() => void this.showPast()}>
          ${icon("clock")}${this.past === null ? t("What was wrong before") : t("Hide what was before")}</button>
        <a class="button quiet" href="/health/alerts">${icon("settings")}${t("Who is told, and when")}</a></div>
      ${
        this.past === null
          ? nothing
          : this.past.length
            ? html`<ul class="log card">${this.past.map((one) => this.old(one))}</ul>`
            : html`<p class="card calm muted">${t("Nothing was wrong yet.")}</p>`
      }`;
  }

  private card(one: Alert): TemplateResult {
    const devices = one.devices.length > 1 ? one.devices : [];
    const first = one.devices[0]?.device;
    return html`<li class="card ${one.severity === "fault" ? "bad" : ""}">
      <h3>${one.about || one.title}</h3>
      ${one.about ? html`<p class="now">${one.title}</p>` : nothing}
      ${one.values.map((each) => html`<p class="value">${each.title}: <b>${valueText(each, each.value)}</b></p>`)}
      <p>${one.hint}</p>
      ${
        devices.length
          ? html`<ul class="names">${devices.map((each) => html`<li class="chip"><span class="dot ${each.wrong ? "bad" : "good"}"></span>${givenName(each.name)}</li>`)}</ul>`
          : nothing
      }
      <p class="muted small">${t("Since {time}", { time: moment(one.fired) })}
        ${one.flapping ? html` · <b>${t("It comes and goes.")}</b>` : one.times > 1 ? html` · ${tn("{n} time", "{n} times", one.times)}` : nothing}
        ${one.escalated && one.state === "firing" ? html` · <b>${t("Nobody has taken it up for long")}</b>` : nothing}</p>
      ${this.taken(one)}
      ${this.known === one.id ? this.form(one) : this.actions(one, first)}</li>`;
  }

  private taken(one: Alert): TemplateResult | typeof nothing {
    if (one.state === "acknowledged")
      return html`<p class="chip">${icon("check")}${t("{name} looks after it", { name: one.by })}</p>`;
    if (one.state !== "known") return nothing;
    return html`<p class="chip">${icon("clock")}${t("Known, waits for a part")}${one.note ? `: ${one.note}` : ""}</p>`;
  }

  private actions(one: Alert, device: string | undefined): TemplateResult {
    return html`<div class="row">
      ${one.state === "firing" ? html`<button class="primary" ?disabled=${this.busy === one.id} @click=${() => void this.take(one, false)}>${icon("check")}${t("I look after it")}</button>` : nothing}
      ${one.state === "firing" ? nothing : html`<button class="quiet back" ?disabled=${this.busy === one.id} @click=${() => void this.giveBack(one)}>${icon("undo")}${t("I look after it no more")}</button>`}
      ${
        one.state === "known"
          ? nothing
          : html`<button ?disabled=${this.busy === one.id} @click=${() => {
              this.known = one.id;
              this.note = "";
            }}>${t("Known, waits for a part")}</button>`
      }
      ${device ? html`<a class="button quiet" href="/devices/${encodeURIComponent(device)}">${icon("sliders")}${t("The device's page")}</a>` : nothing}</div>`;
  }

  private form(one: Alert): TemplateResult {
    return html`<form class="note" @submit=${(event: SubmitEvent) => {
      event.preventDefault();
      void this.take(one, true);
    }}>
      <label>${t("What does it wait for?")}
        <input maxlength="500" .value=${this.note} @input=${(event: InputEvent) => {
          this.note = (event.target as HTMLInputElement).value;
        }}></label>
      <div class="row"><button class="primary" ?disabled=${this.busy === one.id}>${t("Save")}</button>
        <button type="button" class="quiet" @click=${() => {
          this.known = null;
        }}>${t("Cancel")}</button></div></form>`;
  }

  private old(one: Alert): TemplateResult {
    return html`<li><time datetime=${one.fired}>${moment(one.fired)}</time>
      <span class="dot ${one.severity === "fault" ? "bad" : "warn"}"></span>
      <span>${one.about ? html`<b>${one.about}</b> · ` : nothing}${one.title}
        ${one.cleared ? html`<span class="muted small">${t("until {time}", { time: moment(one.cleared) })}</span>` : nothing}
        ${one.note ? html`<span class="muted small">· ${one.note}</span>` : nothing}</span></li>`;
  }
}
define("hub-health-alerts", AlertList);
