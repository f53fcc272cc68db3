/** Saving the board as a file, its background, clearing it. */
import { hub } from "@classhub/client";
import { icon, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import type { HubBoard } from "../board.js";
import type { Board } from "../model/board.js";
import type { BoardPage } from "./board-page.js";

export function menu(page: BoardPage, session: Board, element: HubBoard): TemplateResult {
  const id = encodeURIComponent(page.params.id);
  const now = element.stage?.page ?? "";
  const file = (format: string, of: string | null) =>
    hub.api.url(`/boards/${id}/export`, { format, page: of });
  const link = (format: string, words: string, of: string | null) =>
    html`<a class="button" download href=${file(format, of)}>${icon("download")}${words}</a>`;
  return html`<section class="part"><h3>${t("Save as a file")}</h3>
      ${link("pdf", t("All pages (PDF)"), null)}
      ${link("png", t("This page as a picture (PNG)"), now)}
      ${link("svg", t("This page as a drawing (SVG)"), now)}
      ${link("inkml", t("The pens' strokes (InkML)"), now)}
    </section>
    <section class="part"><h3>${t("See")}</h3>
      <button @click=${() => element.stage?.everything()}>${icon("grow")}${t("All that is drawn")}</button>
      ${fullscreen(page)}
    </section>
    ${
      session.teacher
        ? html`<section class="part"><h3>${t("Clear")}</h3>
            <button class="danger" @click=${() => {
              page.confirming = true;
            }}>${icon("erase")}${t("Clear this page")}</button></section>`
        : nothing
    }`;
}

function fullscreen(page: BoardPage): TemplateResult | typeof nothing {
  if (!document.fullscreenEnabled) return nothing;
  const on = document.fullscreenElement !== null;
  const turn = () => (on ? document.exitFullscreen() : page.requestFullscreen());
  return html`<button @click=${() => void turn()}>${icon(on ? "shrink" : "grow")}${on ? t("End full screen") : t("Full screen")}</button>`;
}
