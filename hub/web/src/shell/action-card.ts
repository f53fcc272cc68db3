import { type ActionDescription, hub, N_, type Operation, problemOf } from "@classhub/client";
import {
  base,
  type Control,
  controlFor,
  define,
  HubElement,
  icon,
  sayProblem,
  t,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { fieldTitle, input, plainText, readForm } from "./property-row.js";

const ENDINGS: Record<string, string> = {
  done: N_("Done."),
  failed: N_("It did not work."),
  cancelled: N_("Stopped."),
  interrupted: N_("Interrupted: the hub was started anew."),
};

/** An action: what it is told, its button, how far it is, a way to stop it, how it ended. */
class ActionCard extends HubElement {
  static override properties = {
    action: { attribute: false },
    operation: { attribute: false },
    disabled: { type: Boolean },
  };
  static override styles = [
    base,
    css`
      form, .under { display: grid; gap: var(--space-3); justify-items: start; }
      .fields { display: flex; flex-wrap: wrap; gap: var(--space-3); width: 100%; }
      .fields > div { flex: 1 1 8rem; }
      .under { margin-top: var(--space-3); }
    `,
  ];
  declare action: ActionDescription;
  declare operation: Operation | null;
  declare disabled: boolean;

  private get running(): boolean {
    const status = this.operation?.status;
    return status === "running" || status === "pending";
  }

  private start(event: Event, control: Control | null): void {
    event.preventDefault();
    const detail = control ? readForm(event.target as HTMLFormElement, control) : undefined;
    this.dispatchEvent(new CustomEvent("invoke", { detail }));
  }

  private async cancel(): Promise<void> {
    try {
      await hub.api.delete(`/operations/${this.operation?.id}`);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    const { action } = this;
    const control = action.input ? controlFor(action.input) : null;
    return html`<form @submit=${(event: Event) => this.start(event, control)}>
      ${action.doc ? html`<p class="muted small">${t(action.doc)}</p>` : nothing}
      ${
        control?.kind === "group"
          ? html`<div class="fields">${control.fields.map(
              (field) =>
                html`<div><label for=${field.name}>${fieldTitle(field.name, field.schema)}</label>${input(field.name, field.control, field.schema.default)}</div>`,
            )}</div>`
          : nothing
      }
      <button ?disabled=${this.disabled || this.running}>${icon("play")}${t(action.title)}</button>
    </form>${this.operation ? this.under(this.operation) : nothing}`;
  }

  private under(operation: Operation): TemplateResult {
    if (this.running) {
      const percent = Math.round((operation.fraction ?? 0) * 100);
      return html`<div class="under" role="status">
        <progress max="100" .value=${percent} aria-label=${t(operation.title)}></progress>
        <p class="small">${percent} % ${operation.message ? t(operation.message) : nothing}</p>
        <button @click=${this.cancel}>${icon("stop")}${t("Stop")}</button></div>`;
    }
    const problem = operation.problem;
    const result =
      operation.status === "done" && operation.result !== null ? plainText(operation.result) : "";
    return html`<div class="under" role="status">${
      problem
        ? html`<hub-notice .problem=${problem}></hub-notice>`
        : html`<p class="small">${t(ENDINGS[operation.status] ?? operation.status)} ${result}</p>`
    }</div>`;
  }
}
define("hub-action", ActionCard);
