import { hub, type Problem, problemOf } from "@classhub/client";
import {
  base,
  day,
  define,
  givenName,
  HubElement,
  icon,
  type SetEvent,
  sayProblem,
  t,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { PrinterList } from "../api.js";
import { DRAW } from "../drawings.js";
import { moment } from "../words.js";
import {
  addressOf,
  endKey,
  GUIDES,
  type Key,
  listKeys,
  makeKey,
  type NewKey,
  partsOf,
} from "./keys.js";
import "../tabs.js";
import "./copy-field.js";

/** Send from one's own slicer: address, key, and what to press where. */
class SlicersPage extends HubElement {
  static override properties = {
    keys: { state: true },
    made: { state: true },
    printer: { state: true },
    slicer: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { gap: var(--space-5); padding-top: var(--space-4); max-width: 90rem; }
      .columns { display: grid; gap: var(--space-5); grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); align-items: start; }
      .columns > div, section { display: grid; gap: var(--space-4); min-width: 0; }
      section.card { padding: var(--space-5); }
      h2 { display: flex; gap: 0.6em; align-items: center; }
      .number { display: inline-grid; place-content: center; width: 2.2em; height: 2.2em; flex: none; border-radius: 50%; background: var(--accent-soft); color: var(--accent); font: var(--type-strong); }
      .once { background: var(--warn-soft); border-radius: var(--radius-m); padding: var(--space-4); display: grid; gap: var(--space-3); }
      .keys li { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-4); align-items: center; border-top: 1px solid var(--line); padding: var(--space-2) 0; }
      .steps { list-style: decimal; padding-inline-start: 1.5em; display: grid; gap: var(--space-3); }
      .steps li { padding-inline-start: 0.3em; }
      .lead { max-width: 46rem; }
    `,
  ];
  declare keys: Key[] | null;
  /** The key that was just made: its secret is shown now and never again. */
  declare made: NewKey | null;
  /** For which printer the address is; empty for any. */
  declare printer: string;
  declare slicer: string;
  declare busy: boolean;
  declare problem: Problem | null;
  private readonly printers = new PrinterList(this);
  private asked = 0;

  constructor() {
    super();
    this.keys = null;
    this.made = null;
    this.printer = "";
    this.slicer = GUIDES[0]?.name ?? "";
    this.busy = false;
    this.problem = null;
  }

  protected override arrive(): void {
    if (hub.session.may("teacher")) void import("./all-keys.js");
    void this.load();
  }

  private async load(): Promise<void> {
    this.asked += 1;
    const turn = this.asked;
    let keys: Key[];
    try {
      keys = (await listKeys()).items;
    } catch (error) {
      if (turn === this.asked) this.problem = problemOf(error);
      return;
    }
    // An answer that was overtaken knows nothing of a key that was made since: its secret would go
    // from the page, and it is shown only once.
    if (turn !== this.asked) return;
    this.keys = keys;
    this.problem = null;
    if (this.made && !keys.some((key) => key.id === this.made?.id)) this.made = null;
  }

  private async make(): Promise<void> {
    this.busy = true;
    try {
      this.made = await makeKey();
      await this.load();
      await this.renderRoot.querySelector<AllKeysElement>("hub-print-all-keys")?.load?.();
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = false;
  }

  private async end(key: Key): Promise<void> {
    try {
      await endKey(key.id);
    } catch (error) {
      sayProblem(problemOf(error));
    }
    await this.load();
    await this.renderRoot.querySelector<AllKeysElement>("hub-print-all-keys")?.load?.();
  }

  override render(): TemplateResult {
    return html`<div class="page"><hub-print-tabs at="/print"></hub-print-tabs>
      <div><a class="button quiet" href="/print">${icon("arrow-left")}${t("Hand in")}</a></div>
      <h1>${t("Send from your slicer")}</h1>
      <p class="muted lead">${t("Who slices with a program of their own can send the finished file to the hub from there. It becomes a job of yours, and waits for the teacher like any other.")}</p>
      <hub-notice .problem=${this.problem}></hub-notice>
      <div class="columns"><div>${this.key()}${this.address()}</div><div>${this.guide()}</div></div>
      ${hub.session.may("teacher") ? html`<section><h2>${icon("people")}${t("Everybody's keys")}</h2><hub-print-all-keys @ended=${() => void this.load()}></hub-print-all-keys></section>` : nothing}
    </div>`;
  }

  private key(): TemplateResult {
    const { made } = this;
    const keys = this.keys ?? [];
    return html`<section class="card"><h2><span class="number">1</span>${t("Your key")}</h2>
      <p>${t("The slicer shows it to the hub instead of your name. It can only send files, nothing else; give it to nobody.")}</p>
      ${
        made
          ? html`<div class="once" role="status"><p><strong>${t("It is shown only now.")}</strong> ${t("Put it into your slicer before you leave this page.")}</p>
          <hub-copy-field label=${t("The key")} .value=${made.key}></hub-copy-field></div>`
          : html`<div><button class="primary big" ?disabled=${this.busy} @click=${() => void this.make()}>${DRAW.key()}${keys.length ? t("Make another key") : t("Make my key")}</button></div>`
      }
      ${
        keys.length
          ? html`<ul class="keys">${keys.map(
              (
                key,
              ) => html`<li><span class="grow">${t("Made {time}", { time: moment(key.created) })} <span class="muted small">${lasts(key)}</span></span>
          <button class="danger" @click=${() => void this.end(key)}>${icon("close")}${t("End it")}</button></li>`,
            )}</ul>`
          : nothing
      }</section>`;
  }

  private address(): TemplateResult {
    const printers = this.printers.printers ?? [];
    const any = t("Any that fits");
    const names = printers.map((one) => givenName(one.name));
    const now = printers.findIndex((one) => one.id === this.printer);
    return html`<section class="card"><h2><span class="number">2</span>${t("The address")}</h2>
      ${
        printers.length > 1
          ? html`<hub-choice .label=${t("For which printer")} .options=${[any, ...names]} .value=${names[now] ?? any}
        @set=${(event: SetEvent<string>) => (this.printer = printers[names.indexOf(event.value)]?.id ?? "")}></hub-choice>`
          : nothing
      }
      <hub-copy-field label=${t("Address of the hub")} .value=${this.at}></hub-copy-field></section>`;
  }

  private get at(): string {
    return addressOf(location.origin, this.printer || null);
  }

  private guide(): TemplateResult {
    const guide = GUIDES.find((one) => one.name === this.slicer);
    return html`<section class="card"><h2><span class="number">3</span>${t("In your slicer")}</h2>
      <hub-choice .label=${t("Which one you have")} .options=${GUIDES.map((one) => one.name)} .value=${this.slicer} @set=${(event: SetEvent<string>) => (this.slicer = event.value)}></hub-choice>
      <ol class="steps">${guide?.steps.map((step) => html`<li>${t(step, partsOf(this.at))}</li>`)}</ol>
      <p class="muted">${t("Then look under “My jobs”: your file is there. Nothing is printed before the teacher has approved it, whatever the slicer says.")}</p></section>`;
  }
}
define("hub-print-slicers-page", SlicersPage);

interface AllKeysElement extends HTMLElement {
  load?: () => Promise<void>;
}

function lasts(key: Key): string {
  if (key.lesson) return t("until the lesson ends");
  return key.expires ? t("until {day}", { day: day(key.expires) }) : "";
}
