import { base, define, HubElement, t } from "@classhub/ui";
import { html, type TemplateResult } from "lit";

/** There is no such page, or not for this person. */
class MissingPage extends HubElement {
  static override styles = base;

  override render(): TemplateResult {
    return html`<div class="page"><div class="stack">
      <h1>${t("There is no such page here.")}</h1>
      <p class="muted">${t("It may be for teachers only, or the lesson is over.")}</p>
      <a class="button primary" href="/">${t("Go to the home page")}</a>
    </div></div>`;
  }
}
define("hub-missing-page", MissingPage);
