import { N_ } from "@classhub/client";
import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";

/** What teachers write most often: one tap, no typing. */
const READY = [
  N_("It is too big. Please make it smaller."),
  N_("The walls are too thin. Please make them thicker."),
  N_("Please cut the bottom flat, so that it stands well."),
  N_("It takes too long to print. Please make it simpler."),
  N_("This is not what the task asks for. Please read it again."),
];

/** Asks the teacher what is to be changed. Dispatches `note` with the text, or `close`. */
class SendBack extends HubElement {
  static override properties = { open: { type: Boolean }, name: {} };
  static override styles = [
    base,
    css`
      .ready { display: grid; gap: var(--space-2); }
      .ready button { justify-content: start; text-align: start; font: var(--type-body); }
      form { display: grid; gap: var(--space-3); }
    `,
  ];
  declare open: boolean;
  declare name: string;

  constructor() {
    super();
    this.open = false;
    this.name = "";
  }

  private give(note: string): void {
    if (note.trim()) this.dispatchEvent(new CustomEvent("note", { detail: note.trim() }));
  }

  private submit(event: Event): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    this.give(String(new FormData(form).get("note") ?? ""));
    form.reset();
  }

  override render(): TemplateResult {
    return html`<hub-dialog heading=${t("Send back")} ?open=${this.open} @close=${() => this.dispatchEvent(new Event("close"))}>
      <p class="muted">${t("What is to be changed about “{name}”? Tap a sentence, or write your own.", { name: this.name })}</p>
      <div class="ready">${READY.map((one) => html`<button @click=${() => this.give(t(one))}>${icon("undo")}${t(one)}</button>`)}</div>
      <form @submit=${this.submit}>
        <label for="note">${t("Your own words")}</label>
        <textarea id="note" name="note" maxlength="1000" required></textarea>
        <button class="primary">${icon("send")}${t("Send back")}</button>
      </form></hub-dialog>`;
  }
}
define("hub-send-back", SendBack);
