import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { type Hands, moment } from "./api.js";

const HOUR = 3_600_000;
const EVENING = 18;

/** What the school allows: nothing, to ask, or some things for a while without asking. */
class Consent extends HubElement {
  static override properties = {
    hands: { attribute: false },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      section, form { display: grid; gap: var(--space-4); }
      form { padding: var(--space-5); }
      label.check { display: flex; gap: var(--space-3); align-items: center; }
      .check input { width: 2.5rem; height: 2.5rem; min-height: 2.5rem; flex: none; accent-color: var(--accent); }
      fieldset { border: 0; margin: 0; padding: 0; display: grid; gap: var(--space-2); min-width: 0; }
      legend { font: var(--type-strong); padding: 0; margin-bottom: var(--space-2); }
      form > label { display: grid; gap: var(--space-2); }
      select { max-width: 20rem; }
      summary { font: var(--type-strong); padding: var(--space-4) var(--space-5); min-height: var(--touch); cursor: pointer; }
      .now { padding: var(--space-5); border-inline-start: 0.5rem solid var(--line-strong); }
      .now.open { border-color: var(--warn); }
      .now.asks { border-color: var(--good); }
    `,
  ];
  declare hands: Hands | null;
  declare busy: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.hands = null;
    this.busy = false;
    this.problem = null;
  }

  private async put(body: object): Promise<void> {
    this.busy = true;
    try {
      this.hands = await hub.api.put<Hands>("/district/hands/consent", body);
      this.problem = null;
      this.dispatchEvent(new CustomEvent("changed", { bubbles: true, composed: true }));
    } catch (error) {
      this.problem = problemOf(error);
    } finally {
      this.busy = false;
    }
  }

  private async allow(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const until = new Date(Date.now() + Number(given.get("until"))).toISOString();
    await this.put({ allowed: true, standing: given.getAll("command").map(String), until });
  }

  override render(): TemplateResult | typeof nothing {
    const hands = this.hands;
    if (!hands) return nothing;
    return html`<section><h2>${t("What the district may do here")}</h2>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${this.now(hands)}
      ${hands.allowed ? this.form(hands) : nothing}</section>`;
  }

  private now(hands: Hands): TemplateResult {
    const put = (body: object) => () => void this.put(body);
    if (!hands.allowed)
      return html`<div class="card now stack"><p>${t("Only look: it is told how devices are, and can do nothing.")}</p>
        <button class="primary" ?disabled=${this.busy} @click=${put({ allowed: true })}>${icon("hand")}${t("Let the district ask")}</button>
        <p class="muted small">${t("It can then ask for one of three things. Nothing is done before you have agreed.")}</p></div>`;
    const names = hands.commands.filter((one) => hands.standing.includes(one.name));
    return html`<div class="card now stack ${names.length ? "open" : "asks"}"><p role="status">${
      names.length
        ? html`<b>${t("Until {time} it is done without asking:", { time: moment(hands.until ?? "") })}</b> ${names.map((one) => one.title).join(", ")}`
        : t("It may ask. Nothing is done before you have agreed.")
    }</p>
      <div class="row">${names.length ? html`<button ?disabled=${this.busy} @click=${put({ allowed: true })}>${icon("stop")}${t("Ask again from now on")}</button>` : nothing}
        <button class="quiet danger" ?disabled=${this.busy} @click=${put({ allowed: false })}>${icon("close")}${t("Only look")}</button></div></div>`;
  }

  private form(hands: Hands): TemplateResult | typeof nothing {
    if (hands.standing.length) return nothing;
    const evening = new Date();
    evening.setHours(EVENING, 0, 0, 0);
    const left = evening.getTime() - Date.now();
    return html`<details class="card"><summary>${t("Allow something for a while without asking")}</summary>
      <form @submit=${(event: SubmitEvent) => void this.allow(event)}>
      <fieldset><legend>${t("What")}</legend>${hands.commands.map(
        (one) => html`<label class="check"><input type="checkbox" name="command" value=${one.name}>
          <span>${one.title}<br><span class="muted small">${one.plain}</span></span></label>`,
      )}</fieldset>
      <label>${t("For how long")}<select name="until"><option value=${HOUR}>${t("an hour")}</option>
        ${left > HOUR ? html`<option value=${left}>${t("until {time}", { time: moment(evening.toISOString()) })}</option>` : nothing}
        <option value=${24 * HOUR - 60_000}>${t("a day")}</option></select></label>
      <div class="row"><button ?disabled=${this.busy}>${t("Allow")}</button></div></form></details>`;
  }
}
define("hub-district-consent", Consent);
