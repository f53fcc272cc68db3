import { hub, N_, type Problem, problemOf } from "@classhub/client";
import { base, define, HubElement, navigate, t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";

const LENGTH = 6;

/** Six digits and a name. `digits` fills the boxes, as the QR code's link does. */
class JoinForm extends HubElement {
  static override properties = {
    digits: {},
    problem: { state: true },
    busy: { state: true },
  };
  static override styles = [
    base,
    css`
      form { display: grid; gap: var(--space-5); }
      fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
      legend { font: var(--type-strong); margin-bottom: var(--space-2); padding: 0; }
      .boxes { display: grid; grid-template-columns: repeat(6, 1fr); gap: clamp(0.3rem, 1.6vw, 0.6rem); }
      .boxes input {
        padding: 0; text-align: center; font: 700 clamp(1.5rem, 7vw, 2.1rem) / 1 var(--sans);
        height: clamp(3.4rem, 14vw, 4.4rem); font-variant-numeric: tabular-nums;
      }
      .boxes input:nth-child(4) { margin-inline-start: 0; }
      .name input { margin-top: var(--space-2); font-size: 1.125rem; min-height: calc(var(--touch) * 1.15); }
      .big { width: 100%; }
    `,
  ];
  declare digits: string;
  declare problem: Problem | null;
  declare busy: boolean;

  constructor() {
    super();
    this.digits = "";
    this.problem = null;
    this.busy = false;
  }

  private get boxes(): HTMLInputElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLInputElement>(".boxes input")];
  }

  private typed(event: Event, index: number): void {
    const box = event.target as HTMLInputElement;
    const typed = box.value.replace(/\D/g, "");
    const before = this.digits.padEnd(LENGTH).slice(0, LENGTH).split("");
    // One digit goes into its box; several at once (pasted, or filled in by the keyboard) go on.
    const fresh = typed.length === 2 && before[index] === typed[0] ? typed.slice(1) : typed;
    const room = fresh.slice(0, LENGTH - index).split("");
    if (room.length === 0) before[index] = " ";
    for (const [offset, digit] of room.entries()) before[index + offset] = digit;
    this.digits = before.join("");
    box.value = before[index]?.trim() ?? "";
    if (room.length > 0) {
      const next = index + room.length;
      if (next < LENGTH) this.boxes[next]?.focus();
      else this.renderRoot.querySelector<HTMLInputElement>("#name")?.focus();
    }
  }

  private key(event: KeyboardEvent, index: number): void {
    const box = event.target as HTMLInputElement;
    if (event.key === "Backspace" && box.value === "") this.boxes[index - 1]?.focus();
    if (event.key === "ArrowLeft") this.boxes[index - 1]?.focus();
    if (event.key === "ArrowRight") this.boxes[index + 1]?.focus();
  }

  private async send(event: Event): Promise<void> {
    event.preventDefault();
    const digits = this.digits.replace(/\D/g, "");
    const field = this.renderRoot.querySelector<HTMLInputElement>("#name");
    const name = field?.value.trim() ?? "";
    if (digits.length < LENGTH) {
      this.boxes.find((box) => box.value === "")?.focus();
      this.problem = {
        code: "digits",
        title: N_("All six digits are needed."),
        severity: "warning",
      };
      return;
    }
    if (!name) {
      field?.focus();
      this.problem = {
        code: "name",
        title: N_("Write your name, so that your pictures are yours."),
        severity: "warning",
      };
      return;
    }
    this.busy = true;
    this.problem = null;
    try {
      await hub.session.open({ digits, name });
      navigate("/", { replace: true });
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.busy = false;
  }

  override render(): TemplateResult {
    return html`<form @submit=${this.send} novalidate>
      <fieldset>
        <legend>${t("The lesson's digits")}</legend>
        <div class="boxes">${Array.from({ length: LENGTH }, (_, index) => index).map(
          (
            index,
          ) => html`<input inputmode="numeric" autocomplete=${index === 0 ? "one-time-code" : "off"}
            aria-label=${t("Digit {n} of six", { n: index + 1 })} .value=${this.digits[index]?.trim() ?? ""}
            @input=${(event: Event) => this.typed(event, index)} @keydown=${(event: KeyboardEvent) => this.key(event, index)}
            @focus=${(event: Event) => (event.target as HTMLInputElement).select()}>`,
        )}</div>
      </fieldset>
      <div class="name">
        <label for="name">${t("Your name")}</label>
        <input id="name" maxlength="40" autocomplete="nickname" enterkeyhint="go">
      </div>
      <hub-notice .problem=${this.problem}></hub-notice>
      <button class="primary big" ?disabled=${this.busy}>${t("Join")}</button>
    </form>`;
  }
}
define("hub-join-form", JoinForm);
