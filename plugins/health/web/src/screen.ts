import { hub } from "@classhub/client";
import { base, define, givenName, HubElement, i18n, icon, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { type HealthStatus, TONES } from "./api.js";
import { pictureStyles, pictures, picturesOf } from "./pictures.js";
import { moment } from "./words.js";

type Words = Record<string, string>;

/** As `x/health/check` tells it; see `plugins/health/selfcheck/checks.py`. */
interface Told {
  running: boolean;
  done: number | null;
  of: number | null;
  newest: { ended: string; status: HealthStatus; devices: Device[] } | null;
}

interface Device {
  device: string;
  status: HealthStatus;
  code: string | null;
  icon: string;
  name: string;
  kind: Words;
  said: Words;
  hint: Words;
}

const MOST = 3;

/** The check before the lesson on the class's screen: one light, and what to do now in large letters. */
export class ScreenCheck extends HubElement {
  static override properties = { told: { state: true } };
  static override styles = [
    base,
    pictureStyles,
    css`
      :host { display: grid; container-type: size; background: #0a0f0e; color: #f4f8f6; overflow: hidden; --picture-mark: #66cfc8; }
      .all { display: grid; grid-template-rows: auto minmax(0, 1fr); gap: 3cqmin; padding: 4cqmin; min-height: 0; }
      .all.calm { place-content: center; justify-items: center; text-align: center; grid-template-rows: auto; }
      header { display: flex; gap: 3cqmin; align-items: center; }
      .calm header { display: grid; justify-items: center; }
      .light { width: 10cqmin; height: 10cqmin; border-radius: 50%; flex: none; background: #51615c; display: grid; place-items: center; color: #0a0f0e; }
      .calm .light { width: 26cqmin; height: 26cqmin; }
      .light svg { width: 68%; height: 68%; stroke-width: 2.4; }
      .light.good { background: #4cc38a; }
      .light.warn { background: #f2b84b; }
      .light.bad { background: #ff7a68; }
      h1 { font: 700 clamp(1.4rem, 7cqmin, 9rem)/1.1 var(--sans, system-ui, sans-serif); }
      .calm h1 { font-size: clamp(1.6rem, 9cqmin, 12rem); }
      header p { font: 500 clamp(1rem, 3cqmin, 4rem)/1.3 var(--sans, system-ui, sans-serif); color: #cbd6d1; margin-block-start: 0.4em; }
      ul { display: grid; gap: 2.5cqmin; align-content: start; min-height: 0; }
      li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 1cqmin 4cqmin; align-items: center; padding: 2.5cqmin 3cqmin; border-radius: 2cqmin; background: #17211f; border-inline-start: 1.4cqmin solid #f2b84b; }
      li.bad { border-color: #ff7a68; }
      li p { font: 500 clamp(1.1rem, 4cqmin, 5.5rem)/1.25 var(--sans, system-ui, sans-serif); }
      li p b { font-weight: 700; }
      li p.do { color: #fff; font-weight: 650; font-size: clamp(1.2rem, 4.6cqmin, 6rem); margin-block-start: 0.3em; }
      .picture { width: 22cqmin; height: 16.5cqmin; }
      .pictures { gap: 2cqmin; flex-wrap: nowrap; }
      .more { font: 600 clamp(1rem, 3cqmin, 4rem)/1.3 var(--sans, system-ui, sans-serif); color: #cbd6d1; }
      .few li p { font-size: clamp(1.1rem, 5cqmin, 7rem); }
      .few li p.do { font-size: clamp(1.2rem, 6cqmin, 8rem); }
      .few .picture { width: 28cqmin; height: 21cqmin; }
      progress { width: 70cqw; height: 2cqmin; min-height: 0.5rem; background: #22302d; }
      progress::-webkit-progress-bar { background: #22302d; }
      progress::-webkit-progress-value { background: #66cfc8; }
      @container (max-aspect-ratio: 1/1) {
        li { grid-template-columns: minmax(0, 1fr); }
      }
    `,
  ];
  declare told: Told | null;

  constructor() {
    super();
    this.told = null;
  }

  protected override arrive(): void {
    this.until(
      hub.stream.subscribe("x/health/check", (_, payload) => {
        this.told = payload as Told | null;
      }),
    );
  }

  override render(): TemplateResult {
    const { told } = this;
    const newest = told?.newest;
    if (told?.running) return this.running(told.done ?? 0, told.of ?? 1);
    if (!newest) return this.whole("idle", "search", t("Not checked yet"), "");
    const ill = newest.devices.filter((one) => one.status !== "ok");
    const when = `${t("Before the lesson")} · ${moment(newest.ended)}`;
    if (ill.length === 0) {
      const words = newest.devices.length ? t("Everything works") : t("No device is in use yet.");
      return this.whole(newest.devices.length ? "good" : "idle", "check", words, when);
    }
    const shown = ill.slice(0, MOST);
    return html`<div class="all ${ill.length === 1 ? "few" : ""}" role="status"><header><span class="light ${TONES[newest.status]}">${icon("warning")}</span>
        <div><h1>${this.verdict(ill)}</h1><p>${when}</p></div></header>
      <ul>${shown.map((one) => this.device(one))}${
        ill.length > shown.length
          ? html`<p class="more">${tn("{n} more", "{n} more", ill.length - shown.length)}</p>`
          : nothing
      }</ul></div>`;
  }

  private running(done: number, of: number): TemplateResult {
    return html`<div class="all calm" role="status"><header><span class="light">${icon("search")}</span><h1>${t("Trying {done} of {of} devices", { done, of })}</h1></header>
      <progress max=${Math.max(of, 1)} value=${done} aria-label=${t("Checking")}></progress></div>`;
  }

  private whole(tone: string, sign: string, words: string, when: string): TemplateResult {
    return html`<div class="all calm" role="status"><header><span class="light ${tone}">${icon(sign)}</span><h1>${words}</h1>${when ? html`<p>${when}</p>` : nothing}</header></div>`;
  }

  private verdict(ill: Device[]): string {
    const faults = ill.filter((one) => one.status === "fault").length;
    if (faults) return tn("{n} device does not work", "{n} devices do not work", faults);
    return tn("{n} device needs a look", "{n} devices need a look", ill.length);
  }

  private device(one: Device): TemplateResult {
    return html`<li class=${TONES[one.status]}><div><p><b>${givenName(one.name) || said(one.kind)}:</b> ${said(one.said)}</p>
      <p class="do">${said(one.hint)}</p></div>${pictures(picturesOf(one.code, one.icon))}</li>`;
  }
}
define("hub-screen-check", ScreenCheck);

function said(words: Words | undefined): string {
  return words?.[i18n.language] ?? words?.en ?? "";
}
