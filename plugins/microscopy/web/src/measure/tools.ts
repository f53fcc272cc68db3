/** The tools at the side of the picture, and the question for a label's words. */
import { N_ } from "@classhub/client";
import { icon, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import type { Tool } from "./drafting.js";
import { KINDS, type Kind, OF_KIND } from "./shapes.js";

/** In the order of their digit keys. */
export const TOOLS: Tool[] = ["move", ...KINDS];

/** What to do with each tool. */
export const HINTS: Record<Kind, string> = {
  length: N_("Draw from one end to the other."),
  polyline: N_("Tap along the curve, then “Done”."),
  angle: N_("Tap one arm, the corner, the other arm."),
  area: N_("Tap around the outline, then “Done”."),
  count: N_("Tap each thing that you count."),
  label: N_("Tap where the label belongs."),
  arrow: N_("Draw towards what you point at."),
};

const MOVE = { title: N_("Move"), icon: "hand" };

export function toolbar(now: Tool, editable: boolean, take: (tool: Tool) => void): TemplateResult {
  const tools = editable ? TOOLS : TOOLS.slice(0, 1);
  return html`<div class="tools" role="toolbar" aria-label=${t("Tools")}>${tools.map(
    (tool, index) => {
      const { title, icon: name } = tool === "move" ? MOVE : OF_KIND[tool];
      return html`<button aria-pressed=${tool === now ? "true" : "false"} aria-keyshortcuts=${index + 1}
      title="${t(title)} (${index + 1})" @click=${() => take(tool)}>${icon(name)}<span>${t(title)}</span></button>`;
    },
  )}</div>`;
}

/** Ask what a label is to say; `say` gets an empty text where there is to be none. */
export function labelDialog(open: boolean, say: (text: string) => void): TemplateResult {
  const write = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    say(form.querySelector("input")?.value.trim() ?? "");
  };
  return html`<hub-dialog ?open=${open} heading=${t("Label")} @close=${() => say("")}>
    ${
      open
        ? html`<form class="fields" @submit=${write}>
          <label for="label-text">${t("What is here?")}</label>
          <input id="label-text" maxlength="200" autocomplete="off" autofocus>
          <div class="row"><button class="primary">${t("Write it")}</button>
            <button type="button" @click=${() => say("")}>${t("Cancel")}</button></div></form>`
        : nothing
    }</hub-dialog>`;
}
