/** Who draws on the board, in their colours; what the teacher may do with each layer. */
import eye from "icon:eye";
import eyeOff from "icon:eye-off";
import lock from "icon:lock";
import pen from "icon:pen-line";
import { drawing, personName, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import type { HubBoard } from "../board.js";
import type { Board } from "../model/board.js";
import type { DocumentState } from "../sync/link.js";

export function authorName(one: DocumentState): string {
  if (one.kind === "panel") return t("Class screen");
  if (one.kind === "page") return t("Prepared on a hidden page");
  return personName(one.title) || t("No name");
}

export function authorsPanel(session: Board, element: HubBoard): TemplateResult {
  const { documents } = session;
  if (documents.length === 0) return html`<p class="muted">${t("Nobody has drawn yet.")}</p>`;
  return html`<ul class="authors">${documents.map((one) => author(session, element, one))}</ul>
    ${
      session.teacher && session.shared.locked
        ? html`<p class="muted small">${t("The board is locked: only those whom you give the pen draw.")}</p>`
        : nothing
    }
    ${
      session.teacher
        ? html`<hub-switch label=${t("The touch table draws here, too")} .value=${session.shared.table}
            @set=${() => session.set("table", !session.shared.table)}></hub-switch>`
        : nothing
    }`;
}

function author(session: Board, element: HubBoard, one: DocumentState): TemplateResult {
  const { name } = one;
  const layer = session.layer(name);
  const seen = !(element.stage?.unseen.has(name) ?? false);
  const words = authorName(one);
  const own = name === session.own;
  return html`<li>
    <span class="swatch" .style=${`--c: ${one.colour}`}></span>
    <span class="name">${words}${own ? html` <span class="muted">${t("(you)")}</span>` : nothing}</span>
    <span class="acts">
      <button class="quiet icon" aria-pressed=${seen ? "true" : "false"} aria-label=${t("See what {name} draws", { name: words })}
        title=${seen ? t("Do not show me this") : t("Show me this")}
        @click=${() => element.see(name, !seen)}>${drawing(seen ? eye : eyeOff)}</button>
      ${session.teacher && !own ? teacher(session, name, words, layer) : nothing}
    </span>
  </li>`;
}

function teacher(
  session: Board,
  name: string,
  words: string,
  layer: { hidden: boolean; locked: boolean },
): TemplateResult {
  const has = session.shared.pen.includes(name);
  const give = () =>
    session.set(
      "pen",
      has ? session.shared.pen.filter((one) => one !== name) : [...session.shared.pen, name],
    );
  return html`${
    session.shared.locked
      ? html`<button class="quiet icon ${has ? "on" : ""}" aria-pressed=${has ? "true" : "false"} aria-label=${t("Give the pen to {name}", { name: words })}
          title=${has ? t("Take the pen back") : t("Give the pen")} @click=${give}>${drawing(pen)}</button>`
      : html`<button class="quiet icon ${layer.locked ? "on" : ""}" aria-pressed=${layer.locked ? "true" : "false"} aria-label=${t("{name} may only look", { name: words })}
          title=${layer.locked ? t("Let draw again") : t("May only look")} @click=${() => session.setLayer(name, { locked: !layer.locked })}>${drawing(lock)}</button>`
  }
  <button class="quiet hide ${layer.hidden ? "on" : ""}" aria-pressed=${layer.hidden ? "true" : "false"} aria-label=${t("Hide from pupils what {name} draws", { name: words })}
    @click=${() => session.setLayer(name, { hidden: !layer.hidden })}>${layer.hidden ? t("Hidden from pupils") : t("Hide from pupils")}</button>`;
}
