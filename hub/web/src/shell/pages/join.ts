import { hub } from "@classhub/client";
import { define, HubElement, personName, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { doorStyles } from "../door.styles.js";
import "../join-form.js";

/** `/join`, or `/join#123456` from the QR code. */
class JoinPage extends HubElement {
  static override styles = doorStyles;
  static override properties = { digits: { state: true } };
  declare digits: string;

  constructor() {
    super();
    this.digits = "";
  }

  protected override arrive(): void {
    this.read();
    this.on(hub.session, "change", () => this.requestUpdate());
    this.on(window, "hashchange", () => this.read());
  }

  private read(): void {
    this.digits = /^#(\d{6})$/.exec(location.hash)?.[1] ?? "";
  }

  override render(): TemplateResult {
    const lesson = hub.session.lesson;
    const already = hub.session.principal?.role === "pupil" && lesson;
    return html`<div class="door"><section class="card">
      <h1>${t("Join the lesson")}</h1>
      ${
        already
          ? html`<p>${t("You are in the lesson “{title}”.", { title: lesson.title })}</p>
            <a class="button primary" href="/">${t("Go to the lesson")}</a>
            <p class="muted">${t("Another lesson? Its six digits stand on the class's screen.")}</p>`
          : nothing
      }
      ${
        hub.session.may("teacher")
          ? html`<p class="muted">${t("Signed in as {name}", {
              name: personName(hub.session.principal?.name ?? ""),
            })}</p>
            <a class="button" href="/">${t("Go to the home page")}</a>`
          : nothing
      }
      ${!already && this.digits === "" ? html`<p class="muted">${t("The six digits stand on the class's screen.")}</p>` : nothing}
      ${!already && this.digits ? html`<p class="muted">${t("Only your name is missing.")}</p>` : nothing}
      <hub-join-form .digits=${this.digits}></hub-join-form>
    </section></div>`;
  }
}
define("hub-join-page", JoinPage);
