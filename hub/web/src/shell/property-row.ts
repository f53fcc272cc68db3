import {
  type JsonSchema,
  type PropertyDescription,
  problemOf,
  type Reading,
} from "@classhub/client";
import {
  base,
  type Control,
  controlFor,
  define,
  HubElement,
  number,
  optionText,
  resolve,
  type SetEvent,
  sayProblem,
  t,
  unitText,
  Writer,
  withUnit,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";

/** A property: its value, and the control with which it is set. */
class PropertyRow extends HubElement {
  static override properties = {
    property: { attribute: false },
    reading: { attribute: false },
    readonly: { type: Boolean },
    write: { attribute: false },
    disabled: { type: Boolean },
  };
  static override styles = [
    base,
    css`
      .plain { display: flex; gap: var(--space-4); justify-content: space-between; align-items: baseline; }
      .value { font: var(--type-strong); font-variant-numeric: tabular-nums; text-align: end; overflow-wrap: anywhere; }
      .doc { margin-top: var(--space-1); }
      .fields { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: end; margin-top: var(--space-2); }
      .fields > div { flex: 1 1 6rem; }
      form { display: grid; }
    `,
  ];
  declare property: PropertyDescription;
  declare reading: Reading | null;
  declare readonly: boolean;
  declare disabled: boolean;
  declare write: (value: unknown) => Promise<void>;
  private readonly writer = new Writer<unknown>(
    (value) => this.write(value),
    (error) => {
      const problem = problemOf(error);
      if (problem.code !== "superseded") sayProblem(problem);
      this.requestUpdate();
    },
  );

  private set(event: SetEvent<unknown>): void {
    this.writer.send(event.value);
  }

  override render(): TemplateResult {
    const { property } = this;
    const control = controlFor(property.schema);
    return html`${this.readonly || control.kind === "none" ? this.plain() : this.control(control)}
      ${property.doc ? html`<p class="doc muted small">${t(property.doc)}</p>` : nothing}`;
  }

  private plain(): TemplateResult {
    return html`<div class="plain"><span>${t(this.property.title)}</span><span class="value">${this.text()}</span></div>`;
  }

  private text(): string {
    const unit = unitText(this.property.unit);
    const reading = this.reading;
    if (reading === null || reading.quality === "bad") return "–";
    const text = withUnit(plainText(reading.value), unit);
    return reading.quality === "stale" ? t("{value} (old)", { value: text }) : text;
  }

  private control(control: Control): TemplateResult {
    const { property } = this;
    const label = t(property.title);
    const value = this.reading?.value;
    switch (control.kind) {
      case "switch":
        return html`<hub-switch label=${label} .value=${value === true} ?disabled=${this.disabled} @set=${this.set}></hub-switch>`;
      case "choice":
        return html`<hub-choice label=${label} .options=${control.options} .value=${value} ?disabled=${this.disabled} @set=${this.set}></hub-choice>`;
      case "range":
        return html`<hub-range label=${label} unit=${unitText(property.unit)} minimum=${control.minimum} maximum=${control.maximum}
          step=${control.step} .value=${typeof value === "number" ? value : null} ?disabled=${this.disabled} @set=${this.set}></hub-range>`;
      default:
        return this.form(label, control);
    }
  }

  private form(label: string, control: Control): TemplateResult {
    const send = (event: Event) => {
      event.preventDefault();
      this.writer.send(readForm(event.target as HTMLFormElement, control));
    };
    const unit = unitText(this.property.unit);
    return html`<form @submit=${send}><label for="value">${label}${unit ? html` <span class="muted">${unit}</span>` : nothing}</label>
      <div class="fields">${
        control.kind === "group"
          ? control.fields.map(
              (
                field,
              ) => html`<div><label class="small" for=${field.name}>${fieldTitle(field.name, field.schema)}</label>
                ${input(field.name, field.control, (this.reading?.value as Record<string, unknown> | undefined)?.[field.name])}</div>`,
            )
          : html`<div>${input("value", control, this.reading?.value)}</div>`
      }<button ?disabled=${this.disabled}>${t("Set")}</button></div></form>`;
  }
}
define("hub-property", PropertyRow);

/** A value in words: numbers as the language writes them, positions as their parts. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return number(value, 3);
  if (typeof value === "boolean") return value ? t("On") : t("Off");
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([name, part]) => `${name} ${plainText(part)}`)
      .join(" · ");
  }
  return optionText(value);
}

/** A field's title for people; pydantic makes one of the name where none is given. */
export function fieldTitle(name: string, schema: JsonSchema): string {
  return t(resolve(schema).title ?? name);
}

/** The field of a form for one value. */
export function input(name: string, control: Control, value: unknown): TemplateResult {
  if (control.kind === "choice") {
    return html`<select id=${name} name=${name}>${control.options.map(
      (one, index) =>
        html`<option value=${index} ?selected=${one === value}>${optionText(one)}</option>`,
    )}</select>`;
  }
  if (control.kind === "switch") {
    return html`<input id=${name} name=${name} type="checkbox" ?checked=${value === true}>`;
  }
  if (control.kind === "number" || control.kind === "range") {
    const text = typeof value === "number" ? String(Number(value.toFixed(3))) : "";
    return html`<input id=${name} name=${name} type="number" required inputmode="decimal" .value=${text}
      min=${control.minimum ?? nothing} max=${control.maximum ?? nothing} step="any">`;
  }
  return html`<input id=${name} name=${name} .value=${typeof value === "string" ? value : ""}
    maxlength=${(control.kind === "text" && control.longest) || 500}>`;
}

/** What a form of such fields says. */
export function readForm(form: HTMLFormElement, control: Control): unknown {
  const read = (name: string, one: Control): unknown => {
    const field = form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement | null;
    if (!field) return null;
    if (one.kind === "choice") return one.options[Number(field.value)];
    if (one.kind === "switch") return (field as HTMLInputElement).checked;
    if (one.kind === "number" || one.kind === "range")
      return (field as HTMLInputElement).valueAsNumber;
    return field.value;
  };
  if (control.kind !== "group") return read("value", control);
  return Object.fromEntries(
    control.fields.map((field) => [field.name, read(field.name, field.control)]),
  );
}
