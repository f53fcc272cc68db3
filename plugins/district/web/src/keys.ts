import { hub, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, sayProblem, t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type Key, moment } from "./api.js";

/** Whose signature the school believes. */
class Keys extends HubElement {
  static override properties = {
    keys: { attribute: false },
    adding: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      section { display: grid; gap: var(--space-4); }
      li { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; padding: var(--space-3) var(--space-5); border-bottom: 1px solid var(--line); }
      li:last-child { border-bottom: 0; }
      code { overflow-wrap: anywhere; }
      form { padding: var(--space-5); display: grid; gap: var(--space-4); }
      form label { display: grid; gap: var(--space-2); }
      .calm { padding: var(--space-5); }
    `,
  ];
  declare keys: Key[];
  declare adding: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.keys = [];
    this.adding = false;
    this.problem = null;
  }

  private changed(): void {
    this.dispatchEvent(new CustomEvent("changed", { bubbles: true, composed: true }));
  }

  private async add(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    try {
      await hub.api.post("/district/hands/keys", {
        name: String(given.get("name")).trim(),
        key: String(given.get("key")).trim(),
      });
      this.adding = false;
      this.problem = null;
      this.changed();
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async forget(one: Key): Promise<void> {
    if (!confirm(t("Believe {name} no more? What waits of them is declined.", { name: one.name })))
      return;
    try {
      await hub.api.delete(`/district/hands/keys/${one.id}`);
      this.changed();
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    return html`<section><h2>${t("Who may ask")}</h2>
      ${
        this.keys.length
          ? html`<ul class="card">${repeat(
              this.keys,
              (one) => one.id,
              (
                one,
              ) => html`<li><b class="grow">${one.name}</b><code class="muted small">${one.id}</code><span class="muted small">${moment(one.added)}</span>
                <button class="quiet danger" @click=${() => void this.forget(one)}>${icon("trash")}${t("Delete")}</button></li>`,
            )}</ul>`
          : html`<p class="card calm">${t("Nobody yet. An engineer of the district gives you their public key, best by hand or by telephone.")}</p>`
      }
      ${
        this.adding
          ? html`<form class="card" @submit=${(event: SubmitEvent) => void this.add(event)}>
              <hub-notice .problem=${this.problem}></hub-notice>
              <label>${t("Whose key it is")}<input name="name" required maxlength="80" autocomplete="off"></label>
              <label>${t("Public key")}<input name="key" required maxlength="100" autocomplete="off" spellcheck="false"></label>
              <p class="muted small">${t("64 digits and letters from a to f, as `classhub district key` has printed it.")}</p>
              <div class="row"><button class="primary">${t("Save")}</button>
                <button type="button" class="quiet" @click=${() => {
                  this.adding = false;
                }}>${t("Cancel")}</button></div></form>`
          : html`<div class="row"><button @click=${() => {
              this.adding = true;
            }}>${icon("plus")}${t("Put in a key")}</button></div>`
      }</section>`;
  }
}
define("hub-district-keys", Keys);
