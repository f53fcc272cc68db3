/** The tools at the board's side, and the tray with colours and widths of the one that is taken. */

import ellipse from "icon:circle";
import eraser from "icon:eraser";
import hand from "icon:hand";
import marker from "icon:highlighter";
import fit from "icon:maximize";
import pointer from "icon:mouse-pointer-2";
import arrow from "icon:move-up-right";
import pen from "icon:pen-line";
import edit from "icon:pencil";
import shapes from "icon:shapes";
import line from "icon:slash";
import rectangle from "icon:square";
import note from "icon:sticky-note";
import trash from "icon:trash-2";
import { N_ } from "@classhub/client";
import { drawing, icon, t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import type { HubBoard } from "../board.js";
import { FORMS, type Form } from "../model/items.js";
import { COLOURS, isForm, NOTE_COLOURS, type Tool, WIDTH_NAMES, WIDTHS, widthsOf } from "./kit.js";

interface Entry {
  tool: Tool;
  name: string;
  drawing: string;
}

const ENTRIES: Entry[] = [
  { tool: "select", name: N_("Pick"), drawing: pointer },
  { tool: "hand", name: N_("Move the page"), drawing: hand },
  { tool: "pen", name: N_("Pen"), drawing: pen },
  { tool: "marker", name: N_("Marker"), drawing: marker },
  { tool: "eraser", name: N_("Eraser"), drawing: eraser },
];

const FORM_DRAWINGS: Record<Form, { name: string; drawing: string }> = {
  line: { name: N_("Straight line"), drawing: line },
  arrow: { name: N_("Arrow"), drawing: arrow },
  rectangle: { name: N_("Rectangle"), drawing: rectangle },
  ellipse: { name: N_("Ellipse"), drawing: ellipse },
};

export function dock(board: HubBoard, draws: boolean): TemplateResult {
  const { kit, session } = board;
  const form = isForm(kit.tool) ? kit.tool : null;
  const button = ({ tool, name, drawing: inside }: Entry) => {
    const off = !draws && tool !== "hand";
    return html`<button ?disabled=${off} aria-pressed=${kit.tool === tool ? "true" : "false"} aria-label=${t(name)}
      title=${t(name)} @click=${() => board.take(tool)}>${drawing(inside)}</button>`;
  };
  return html`<div class="dock" role="toolbar" aria-label=${t("Tools")}>
      ${ENTRIES.map(button)}
      <button ?disabled=${!draws} aria-pressed=${form ? "true" : "false"} aria-label=${t("Shapes")} title=${t("Shapes")}
        @click=${() => board.take(form ?? "line")}>${drawing(form ? FORM_DRAWINGS[form].drawing : shapes)}</button>
      ${button({ tool: "note", name: N_("Sticky note"), drawing: note })}
      <span class="gap"></span>
      <button ?disabled=${!session?.canUndo} aria-label=${t("Undo")} title=${t("Undo")}
        @click=${() => session?.undo()}>${icon("undo")}</button>
      <button ?disabled=${!session?.canRedo} aria-label=${t("Redo")} title=${t("Redo")}
        @click=${() => session?.redo()}>${icon("redo")}</button>
      <hr>
      <button aria-label=${t("Larger")} title=${t("Larger")} @click=${() => board.stage?.zoom(1.4)}>${icon("zoom-in")}</button>
      <button aria-label=${t("Smaller")} title=${t("Smaller")} @click=${() => board.stage?.zoom(1 / 1.4)}>${icon("zoom-out")}</button>
      <button aria-label=${t("Whole sheet")} title=${t("Whole sheet")} @click=${() => board.stage?.whole()}>${drawing(fit)}</button>
    </div>${draws ? tray(board, form) : nothing}`;
}

function tray(board: HubBoard, form: Form | null): TemplateResult | typeof nothing {
  const { kit, selection } = board;
  if (kit.tool === "select") return selection ? pickedTray(board) : nothing;
  if (kit.tool === "note") {
    return html`<div class="tray"><div class="set" role="group" aria-label=${t("Colour")}>${NOTE_COLOURS.map(
      ({ colour, name }) =>
        html`<button aria-pressed=${colour === kit.note ? "true" : "false"} aria-label=${t(name)} title=${t(name)}
          @click=${() => board.setKit({ note: colour })}><span class="swatch square" .style=${`--c: ${colour}`}></span></button>`,
    )}</div></div>`;
  }
  const which = widthsOf(kit.tool);
  if (!which) return nothing;
  return html`<div class="tray">
    ${form ? forms(board, form) : nothing}
    <div class="set" role="group" aria-label=${t("Colour")}>${colours(board)}</div>
    <div class="set" role="group" aria-label=${t("Width")}>${(WIDTHS[which] ?? []).map(
      (width, index) => {
        const name = WIDTH_NAMES[index] ?? "";
        const size = Math.max(3, Math.min(26, which === "marker" ? width * 0.58 : width * 1.25));
        return html`<button aria-pressed=${(kit.widths[which] ?? 1) === index ? "true" : "false"} aria-label=${t(name)} title=${t(name)}
        @click=${() => board.setKit({ widths: { ...kit.widths, [which]: index } })}><span class="nib" .style=${`--w: ${size / 16}rem`}></span></button>`;
      },
    )}</div>
  </div>`;
}

/** The colours to choose from; what the hub gave is among them. */
function colours(board: HubBoard): TemplateResult[] {
  const own = board.colour;
  const known = COLOURS.some(({ colour }) => colour === own);
  const all = known ? COLOURS : [{ colour: own, name: N_("My colour") }, ...COLOURS];
  return all.map(
    ({ colour, name }) =>
      html`<button aria-pressed=${colour === own ? "true" : "false"} aria-label=${t(name)} title=${t(name)}
        @click=${() => board.setKit({ colour })}><span class="swatch" .style=${`--c: ${colour}`}></span></button>`,
  );
}

function forms(board: HubBoard, now: Form): TemplateResult {
  return html`<div class="set" role="group" aria-label=${t("Shapes")}>${FORMS.map((form) => {
    const { name, drawing: inside } = FORM_DRAWINGS[form];
    return html`<button aria-pressed=${form === now ? "true" : "false"} aria-label=${t(name)} title=${t(name)}
      @click=${() => board.take(form)}>${drawing(inside)}</button>`;
  })}</div>`;
}

function pickedTray(board: HubBoard): TemplateResult | typeof nothing {
  const items = board.selection?.items ?? [];
  const [one] = items;
  if (!one) return nothing;
  return html`<div class="tray">
    ${
      items.length === 1 && one.kind === "note"
        ? html`<button class="wordy" @click=${() => board.editNote(one)}>${drawing(edit)}${t("Write")}</button>`
        : nothing
    }
    <button class="wordy danger" @click=${() => board.selection?.erase()}>${drawing(trash)}${t("Take off")}</button>
  </div>`;
}
