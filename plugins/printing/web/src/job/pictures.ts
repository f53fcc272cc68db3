import { base, define, HubElement, t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";
import type { Picture } from "../model.js";

/** What a camera kept of a print: the finished part, and the layers as a short video. */
class PicturesPart extends HubElement {
  static override properties = { pictures: { attribute: false }, name: {} };
  static override styles = [
    base,
    css`
      section { display: grid; gap: var(--space-3); }
      ul { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)); }
      figure { display: grid; gap: var(--space-2); }
      img, video { display: block; width: 100%; max-height: 60vh; object-fit: contain; border-radius: var(--radius-m); background: #101614; }
      a { display: block; border-radius: var(--radius-m); }
    `,
  ];
  declare pictures: Picture[];
  declare name: string;

  constructor() {
    super();
    this.pictures = [];
    this.name = "";
  }

  override render(): TemplateResult {
    return html`<section><h2>${t("Pictures of the print")}</h2>
      <ul>${this.pictures.map((one) => html`<li data-role=${one.role}>${this.picture(one)}</li>`)}</ul>
      <p class="small muted">${t("They are in the album of whose job it is as well.")}</p></section>`;
  }

  private picture(one: Picture): TemplateResult {
    if (one.role === "time-lapse") {
      return html`<figure><video controls preload="metadata" playsinline src=${one.content} aria-label=${t("Time-lapse of {name}", { name: this.name })}></video>
        <figcaption>${t("All layers in time-lapse")}</figcaption></figure>`;
    }
    return html`<figure><a href=${one.content} target="_blank" rel="noopener"><img src=${one.content} loading="lazy" alt=${t("The printed part: {name}", { name: this.name })}></a>
      <figcaption>${t("As the camera saw it at the end")}</figcaption></figure>`;
  }
}
define("hub-print-pictures", PicturesPart);
