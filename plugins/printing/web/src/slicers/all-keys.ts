import { type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, personName, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { moment } from "../words.js";
import { type Bundle, bundles, endKey, type Key, listAllKeys } from "./keys.js";

/** For teachers: who has a key, by lesson or class; to end one, or all of them. */
class AllKeys extends HubElement {
  static override properties = {
    keys: { state: true },
    problem: { state: true },
    sure: { state: true },
  };
  static override styles = [
    base,
    css`
      :host, section { display: grid; gap: var(--space-4); }
      section { padding: var(--space-4) var(--space-5); }
      li { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-4); align-items: center; padding: var(--space-2) 0; border-top: 1px solid var(--line); }
    `,
  ];
  declare keys: Key[] | null;
  declare problem: Problem | null;
  /** The bundle whose end is asked about. */
  declare sure: Bundle | null;

  constructor() {
    super();
    this.keys = null;
    this.problem = null;
    this.sure = null;
  }

  protected override arrive(): void {
    void this.load();
  }

  async load(): Promise<void> {
    try {
      this.keys = await listAllKeys();
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async end(keys: readonly Key[]): Promise<void> {
    this.sure = null;
    try {
      for (const key of keys) await endKey(key.id);
    } catch (error) {
      sayProblem(problemOf(error));
    }
    await this.load();
    this.dispatchEvent(new Event("ended"));
  }

  override render(): TemplateResult {
    const sure = this.sure;
    return html`<hub-notice .problem=${this.problem}></hub-notice>
      ${this.keys?.length === 0 ? html`<p class="muted">${t("Nobody has a key now.")}</p>` : nothing}
      ${bundles(this.keys ?? []).map((bundle) => this.bundle(bundle))}
      <hub-dialog heading=${t("End all these keys?")} ?open=${sure !== null} @close=${() => (this.sure = null)}>
        <p>${t("Their slicers cannot send any more. Whoever needs one again makes a new one.")}</p>
        <div class="row"><button class="primary" @click=${() => void this.end(sure?.keys ?? [])}>${icon("check")}${t("End them")}</button>
          <button @click=${() => (this.sure = null)}>${t("Leave them")}</button></div></hub-dialog>`;
  }

  private bundle(bundle: Bundle): TemplateResult {
    return html`<section class="card"><div class="row"><h3 class="grow">${bundle.name || t("Outside lessons and classes")}</h3>
        ${bundle.keys.length > 1 ? html`<button class="danger" @click=${() => (this.sure = bundle)}>${icon("close")}${t("End all")}</button>` : nothing}</div>
      <ul>${bundle.keys.map(
        (
          key,
        ) => html`<li><span class="grow"><strong>${personName(key.owner.name)}</strong> <span class="muted small">${t("made {time}", { time: moment(key.created) })}</span></span>
          <button class="danger" aria-label=${t("End the key of {name}", { name: personName(key.owner.name) })} @click=${() => void this.end([key])}>${icon("close")}${t("End it")}</button></li>`,
      )}</ul></section>`;
  }
}
define("hub-print-all-keys", AllKeys);
