import { define, givenName, HubElement, icon, t, tn } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { TONES } from "./api.js";
import { checkStyles } from "./check.styles.js";
import { CheckControl, verdict } from "./check-api.js";
import { pictures, picturesOf } from "./pictures.js";
import { moment } from "./words.js";

const SHOWN = 3;

/** On the home page: does everything work, what does not, and the button that tries it. */
class CheckCard extends HubElement {
  static override styles = checkStyles;
  private readonly check = new CheckControl(this);

  override render(): TemplateResult | typeof nothing {
    const { state, problem } = this.check;
    if (problem) return html`<hub-notice .problem=${problem}></hub-notice>`;
    if (!state) return nothing;
    const newest = state.newest;
    const tone = newest && !state.running ? TONES[newest.status] : "idle";
    const ill = newest && !state.running ? newest.results.filter((one) => one.status !== "ok") : [];
    return html`<section class="card check ${tone}" aria-labelledby="title">
      <div class="sum">
        <span class="light ${tone}" aria-hidden="true"></span>
        <div class="grow"><h2 id="title">${t("Before the lesson")}</h2>
          <p role="status">${this.said()}</p></div>
        <div class="row">
          <button class="primary" ?disabled=${state.running} @click=${() => void this.check.begin()}>${icon("check")}${t("Check now")}</button>
          ${newest ? html`<hub-panel-button compact element="hub-screen-check"></hub-panel-button><a class="button" href="/health/check">${t("Details")}${icon("right")}</a>` : nothing}
        </div>
      </div>
      ${state.running ? html`<progress max=${Math.max(state.of, 1)} value=${state.done} aria-label=${t("Checking")}></progress>` : nothing}
      ${
        ill.length
          ? html`<ul class="ill">${ill.slice(0, SHOWN).map(
              (one) => html`<li><span class="dot ${TONES[one.status]}"></span>
                <p class="grow"><b>${givenName(one.name) || one.kind_title}:</b> ${one.said} <span class="now">${one.hint}</span></p>
                ${pictures(picturesOf(one.code, one.icon).slice(0, 1))}</li>`,
            )}${
              ill.length > SHOWN
                ? html`<li><a href="/health/check">${tn("{n} more", "{n} more", ill.length - SHOWN)}</a></li>`
                : nothing
            }</ul>`
          : nothing
      }
    </section>`;
  }

  private said(): string {
    const state = this.check.state;
    if (state?.running)
      return t("Trying {done} of {of} devices", { done: state.done, of: state.of });
    if (!state?.newest) return t("Tries every device within a minute. Nobody is disturbed.");
    return `${verdict(state.newest)} · ${moment(state.newest.ended)}`;
  }
}
define("hub-health-check-card", CheckCard);
