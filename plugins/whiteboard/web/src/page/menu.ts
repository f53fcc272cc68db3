/** Saving the board as a file, seeing all of it, clearing a page. */
import { icon, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import type { HubBoard } from "../board.js";
import type { Board } from "../model/board.js";
import type { BoardPage } from "./board-page.js";

export function menu(page: BoardPage, session: Board, element: HubBoard): TemplateResult {
  return html`${page.saving.render(element)}
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
