import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";

/** Asks once more before something that cannot be taken back. Dispatches `sure`, or `close`. */
class Sure extends HubElement {
  static override properties = { what: {}, name: {} };
  static override styles = [
    base,
    css`
      :host { position: absolute; }
      .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 10rem), 1fr)); gap: var(--space-3); }
      b { overflow-wrap: anywhere; }
    `,
  ];
  declare what: "cancel" | "delete" | null;
  /** Of the job. */
  declare name: string;

  constructor() {
    super();
    this.what = null;
    this.name = "";
  }

  private say(what: "sure" | "close"): void {
    this.dispatchEvent(new Event(what));
  }

  override render(): TemplateResult {
    const deletes = this.what === "delete";
    return html`<hub-dialog heading=${deletes ? t("Delete it?") : t("Stop the print?")} ?open=${this.what !== null} @close=${() => this.say("close")}>
      <p><b>${this.name}</b></p>
      <p>${
        deletes
          ? t("The job and its model are gone then.")
          : t(
              "It cannot go on afterwards: it would have to be printed once more from the beginning.",
            )
      }</p>
      <div class="row">
        <button class="big danger" @click=${() => this.say("sure")}>${icon(deletes ? "erase" : "close")}${deletes ? t("Delete") : t("Stop the print")}</button>
        <button class="big" @click=${() => this.say("close")}>${icon("undo")}${deletes ? t("Keep it") : t("Let it print")}</button>
      </div></hub-dialog>`;
  }
}
define("hub-print-sure", Sure);
