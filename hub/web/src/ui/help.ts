/** The way to the help for the page that is open; which one that is, the shell knows. */
import { html, nothing, type TemplateResult } from "lit";
import { t } from "./i18n.js";
import { icon } from "./icons.js";

let whereIs: () => string | null = () => null;

/** Say where the help for the open page is; null where there is none. */
export function provideHelp(found: () => string | null): void {
  whereIs = found;
}

/** A link to it, for the bar of a page that fills the screen: the others have it in the shell's. */
export function helpLink(look = "quiet"): TemplateResult | typeof nothing {
  const href = whereIs();
  if (href === null) return nothing;
  return html`<a class="button icon help ${look}" href=${href} aria-label=${t("Help")} title=${t("Help")}>${icon("help")}</a>`;
}
