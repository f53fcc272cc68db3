import type { JsonSchema } from "@classhub/client";
import {
  base,
  changedSettings,
  controlFor,
  define,
  HubElement,
  isSecret,
  optionText,
  resolve,
  settingText,
  t,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/**
 * A driver's settings as a form, made from their schema alone. Dispatches `save` with what is to be
 * sent: every value that differs from what was; a secret only where a new one was typed.
 */
class SettingsForm extends HubElement {
  static override properties = {
    schema: { attribute: false },
    values: { attribute: false },
    secrets: { attribute: false },
    errors: { attribute: false },
    label: {},
    busy: { type: Boolean },
  };
  static override styles = [
    base,
    css`
      fieldset { border: 0; margin: 0; padding: 0; min-inline-size: 0; display: grid; gap: var(--space-4); }
      .check { display: flex; align-items: center; gap: var(--space-3); }
      .check input { width: 2.5rem; min-height: 2.5rem; height: 2.5rem; flex: none; accent-color: var(--accent); }
      input, select { margin-top: var(--space-2); }
      .check input { margin: 0; }
      .hint { margin-top: var(--space-1); }
      .wrong { color: var(--bad); font: var(--type-small); margin-top: var(--space-1); }
      button { justify-self: start; }
    `,
  ];
  declare schema: JsonSchema;
  declare values: Record<string, unknown>;
  /** The names of the secrets that are set; what they are stays in the hub. */
  declare secrets: string[];
  /** What was wrong with what was sent, by field. */
  declare errors: { field: string; message: string }[];
  declare label: string;
  declare busy: boolean;

  constructor() {
    super();
    this.schema = {};
    this.values = {};
    this.secrets = [];
    this.errors = [];
    this.label = "";
    this.busy = false;
  }

  private save(event: Event): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const detail = changedSettings(this.schema, this.values, (name) => {
      const field = form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement | null;
      if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
      return field?.value ?? "";
    });
    this.dispatchEvent(new CustomEvent("save", { detail }));
  }

  override render(): TemplateResult {
    const fields = Object.entries(this.schema.properties ?? {});
    // What is typed while it is being saved would be overwritten by what the hub answers.
    return html`<form @submit=${this.save}><fieldset ?disabled=${this.busy}>
      ${fields.map(([name, schema]) => this.field(name, schema))}
      <slot></slot>
      <button class="primary">${this.label || t("Save")}</button>
    </fieldset></form>`;
  }

  private field(name: string, raw: JsonSchema): TemplateResult {
    const schema = resolve(raw, this.schema);
    const title = t(schema.title ?? name);
    const required = this.schema.required?.includes(name) ?? false;
    const wrong = this.errors.find((one) => one.field.split(".").includes(name));
    const under = html`${schema.description ? html`<p class="hint muted small">${t(schema.description)}</p>` : nothing}
      ${wrong ? html`<p class="wrong" role="alert">${wrong.message}</p>` : nothing}`;
    const control = controlFor(raw, this.schema);
    const value = this.values[name] ?? schema.default;
    if (control.kind === "switch") {
      return html`<div><label class="check"><input type="checkbox" name=${name} ?checked=${value === true}>${title}</label>${under}</div>`;
    }
    return html`<div><label for=${name}>${title}${required ? nothing : html` <span class="muted small">${t("may be empty")}</span>`}</label>
      ${
        control.kind === "choice"
          ? html`<select id=${name} name=${name}>
              ${required ? nothing : html`<option value=""></option>`}
              ${control.options.map((one) => html`<option value=${JSON.stringify(one)} ?selected=${one === value}>${optionText(one)}</option>`)}
            </select>`
          : this.input(name, schema, required, value)
      }${under}</div>`;
  }

  private input(
    name: string,
    schema: JsonSchema,
    required: boolean,
    value: unknown,
  ): TemplateResult {
    const secret = isSecret(schema);
    const kept = secret && this.secrets.includes(name);
    const number = schema.type === "integer" || schema.type === "number";
    const example = schema.examples?.[0];
    return html`<input id=${name} name=${name} .value=${secret ? "" : settingText(value)}
      type=${secret ? "password" : number ? "number" : "text"} step=${number ? (schema.type === "integer" ? "1" : "any") : nothing}
      min=${schema.minimum ?? nothing} max=${schema.maximum ?? nothing} maxlength=${schema.maxLength ?? 2000}
      placeholder=${kept ? t("Set; leave empty to keep it") : example === undefined ? nothing : settingText(example)}
      ?required=${required && !kept} autocomplete=${secret ? "new-password" : "off"} spellcheck="false">`;
  }
}
define("hub-settings-form", SettingsForm);
