import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, givenName, HubElement, icon, sayProblem, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import {
  type Asked,
  type Hands,
  moment,
  stateText,
  stateTone,
  statusText,
  type Uplink,
} from "./api.js";
import "./consent.js";
import "./keys.js";

const AGAIN = 20_000;

/** The school district: how the hub tells it, and what it may have done here. */
class DistrictPage extends HubElement {
  static override properties = {
    uplink: { state: true },
    hands: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      section { display: grid; gap: var(--space-4); }
      .head { display: flex; flex-wrap: wrap; gap: var(--space-3); justify-content: space-between; align-items: baseline; }
      .state { padding: var(--space-5); display: grid; gap: var(--space-2); border-inline-start: 0.5rem solid var(--line-strong); }
      .state.good { border-color: var(--good); }
      .state.bad { border-color: var(--bad-mark); background: var(--bad-soft); }
      .ask { padding: var(--space-5); display: grid; gap: var(--space-3); border-inline-start: 0.5rem solid var(--warn); }
      .ask blockquote { margin: 0; padding-inline-start: var(--space-4); border-inline-start: 3px solid var(--line-strong); overflow-wrap: anywhere; }
      .calm { padding: var(--space-5); }
      .log { padding: var(--space-2) var(--space-5); }
      .log li { display: grid; grid-template-columns: 9.5rem auto minmax(0, 1fr) auto; gap: var(--space-3); align-items: baseline; padding: var(--space-3) 0; border-bottom: 1px solid var(--line); }
      .log li:last-child { border-bottom: 0; }
      .log time { color: var(--muted); font-variant-numeric: tabular-nums; }
      @media (max-width: 52rem) {
        .log li { grid-template-columns: auto minmax(0, 1fr); }
        .log time, .log .button { grid-column: 1 / -1; }
      }
    `,
  ];
  declare uplink: Uplink | null;
  declare hands: Hands | null;
  declare busy: string | null;
  declare problem: Problem | null;

  constructor() {
    super();
    this.uplink = null;
    this.hands = null;
    this.busy = null;
    this.problem = null;
  }

  protected override arrive(): void {
    this.on(
      this,
      "changed",
      this.keepLoaded(() => this.load(), {
        topics: ["x/district/hands", "x/district/uplink"],
        every: AGAIN,
      }),
    );
  }

  private async load(): Promise<void> {
    try {
      this.uplink = await hub.api.get<Uplink>("/district");
      this.hands =
        this.uplink.status === "off" ? null : await hub.api.get<Hands>("/district/hands");
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async answer(one: Asked, what: "agree" | "decline"): Promise<void> {
    this.busy = one.id;
    try {
      this.hands = await hub.api.post<Hands>(`/district/hands/orders/${one.id}/${what}`);
    } catch (error) {
      sayProblem(problemOf(error));
      await this.load();
    } finally {
      this.busy = null;
    }
  }

  override render(): TemplateResult {
    const { uplink, hands } = this;
    return html`<div class="page"><h1>${t("School district")}</h1>
      <hub-notice .problem=${this.problem}></hub-notice>
      ${uplink ? this.state(uplink) : html`<progress aria-label=${t("Loading")}></progress>`}
      ${hands ? this.remote(hands) : nothing}</div>`;
  }

  private state(one: Uplink): TemplateResult {
    if (one.status === "off")
      return html`<p class="card calm">${t("This hub tells no district how its devices are. The district's address is set under [plugins.district] in the hub's settings: see docs/district.md.")}</p>`;
    const tone = one.status === "connected" ? "good" : one.problem ? "bad" : "";
    const dropped = one.dropped_samples + one.dropped_alerts;
    return html`<section class="card state ${tone}"><h2>${statusText(one.status)}</h2>
      <p class="muted">${one.school} · ${one.name || "–"} · ${one.broker} · ${t("since {time}", { time: moment(one.since) })}</p>
      ${one.problem ? html`<p>${one.problem.title} ${one.problem.hint}</p>` : nothing}
      <p class="small">${one.waiting ? tn("{n} message waits to be sent", "{n} messages wait to be sent", one.waiting) : t("Nothing waits: the district knows everything.")}
        ${dropped ? html`<strong>${tn("{n} message was dropped for want of room.", "{n} messages were dropped for want of room.", dropped)}</strong>` : nothing}</p></section>`;
  }

  private remote(hands: Hands): TemplateResult {
    return html`${this.asks(hands)}
      <hub-district-consent .hands=${hands}></hub-district-consent>
      <hub-district-keys .keys=${hands.keys}></hub-district-keys>
      ${this.log(hands)}`;
  }

  private asks(hands: Hands): TemplateResult | typeof nothing {
    if (!hands.waiting.length && !hands.allowed) return nothing;
    return html`<section><h2>${t("What the district asks for")}</h2>
      ${hands.clock_wrong ? html`<p class="card calm" role="alert">${icon("warning")}${t("The hub does not know what time it is, so it takes no requests. Set this computer's clock.")}</p>` : nothing}
      ${
        hands.waiting.length
          ? repeat(
              hands.waiting,
              (one) => one.id,
              (one) => this.asked(one),
            )
          : html`<p class="card calm">${t("Nothing. When the district asks for something, it stands here until you answer.")}</p>`
      }</section>`;
  }

  private asked(one: Asked): TemplateResult {
    return html`<article class="card ask" data-order=${one.id}><h3>${this.name(one)}</h3>
      <p>${one.plain}</p>
      ${one.reason ? html`<blockquote>${one.reason}</blockquote>` : nothing}
      <p class="muted small">${t("Signed by {name}, {time}", { name: one.signer, time: moment(one.came) })} · ${t("good until {time}", { time: moment(one.expires) })}</p>
      <div class="row"><button class="primary" ?disabled=${this.busy !== null} @click=${() => void this.answer(one, "agree")}>${icon("check")}${t("Agree: do it now")}</button>
        <button ?disabled=${this.busy !== null} @click=${() => void this.answer(one, "decline")}>${icon("close")}${t("Decline")}</button></div></article>`;
  }

  private name(one: Asked): string {
    const device = one.device && (givenName(one.device_name ?? "") || one.device);
    return device ? `${one.title}: ${device}` : one.title;
  }

  private log(hands: Hands): TemplateResult | typeof nothing {
    if (!hands.earlier.length) return nothing;
    return html`<section><h2>${t("What was asked for")}</h2>
      <ul class="card log">${repeat(
        hands.earlier,
        (one) => one.id,
        (
          one,
        ) => html`<li data-state=${one.state}><time datetime=${one.changed}>${moment(one.changed)}</time><span class="dot ${stateTone(one.state)}"></span>
          <p><b>${this.name(one)}</b> · ${stateText(one.state)}${one.agreed === "standing" ? ` · ${t("allowed beforehand")}` : ""}
            <span class="muted small">${one.signer}${one.result ? html` · <span lang=${one.result_language}>${one.result}</span>` : nothing}</span></p>
          ${one.bundle ? html`<a class="button" download href=${`/api/v1/district/hands/orders/${one.id}/bundle`}>${icon("download")}${t("Save the file")}</a>` : nothing}</li>`,
      )}</ul>
      <p class="muted small">${t("Who agreed and who declined is in the hub's log of what people did.")}</p></section>`;
  }
}
define("hub-district-page", DistrictPage);
