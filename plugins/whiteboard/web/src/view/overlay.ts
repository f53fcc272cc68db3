/** Above the ink: the sheet's edge; and, only while there are any, frames, shapes, the eraser. */
import { html, nothing, svg, type TemplateResult } from "lit";
import { headOf } from "../model/items.js";
import type { Draft, Hand } from "../tools/hand.js";
import type { Selection } from "../tools/selection.js";
import type { Stage } from "./stage.js";
import { type Box, toScreen, type View } from "./view.js";

/**
 * Where the sheet ends: four lines, each a thin layer of its own that the browser only moves. One
 * layer of the screen's size, painted or empty, would cost more in each frame than all the ink.
 */
export function edge(stage: Stage | null, sheet: Box): TemplateResult | typeof nothing {
  if (!stage) return nothing;
  const { x, y, width, height } = onScreen(stage.view, sheet);
  const line = (left: number, top: number, long: string) =>
    html`<i .style=${`transform: translate3d(${Math.round(left)}px, ${Math.round(top)}px, 0); ${long}`}></i>`;
  const [wide, high] = [`width: ${width}px`, `height: ${height}px`];
  return html`<div class="edge" aria-hidden="true">${line(x, y, wide)}${line(x, y + height, wide)}${line(x, y, high)}${line(x + width, y, high)}</div>`;
}

export function overlay(
  stage: Stage | null,
  selection: Selection | null,
  hand: Hand | null,
  draws: boolean,
): TemplateResult | typeof nothing {
  if (!stage) return nothing;
  const { view } = stage;
  const drafts = [...(hand?.drafts.values() ?? [])];
  const rubbing = draws ? hand?.rubbing : null;
  if (!drafts.length && !selection?.framing && !selection?.box && !rubbing) return nothing;
  return html`<svg class="over" aria-hidden="true">${drafts.map((draft) => shape(view, draft))}
    ${selection?.framing ? rectangle(onScreen(view, selection.framing), "framing") : nothing}
    ${selection ? frame(selection.box) : nothing}
    ${
      rubbing
        ? svg`<circle class="rubbing" cx=${rubbing.x} cy=${rubbing.y} r=${rubbing.radius}></circle>`
        : nothing
    }</svg>`;
}

function onScreen(view: View, box: Box): Box {
  const [x, y] = toScreen(view, box.x, box.y);
  return { x, y, width: box.width * view.zoom, height: box.height * view.zoom };
}

function rectangle(box: Box, name: string): unknown {
  return svg`<rect class=${name} x=${box.x} y=${box.y} width=${box.width} height=${box.height}></rect>`;
}

function frame(box: Box | null): unknown {
  if (!box) return nothing;
  const around = { x: box.x - 6, y: box.y - 6, width: box.width + 12, height: box.height + 12 };
  return svg`${rectangle(around, "picked")}
    <circle class="grip" cx=${around.x + around.width} cy=${around.y + around.height} r="11"></circle>
    <path class="arrows" d="M${around.x + around.width - 4} ${around.y + around.height - 4} l8 8 m0 -5 v5 h-5 m-3 -8 v0 m0 5 v-5 h5"></path>`;
}

function shape(view: View, draft: Draft): unknown {
  const [ax, ay] = toScreen(view, ...draft.from);
  const [bx, by] = toScreen(view, ...draft.to);
  const style = `fill:none;stroke:${draft.colour};stroke-width:${draft.width * view.zoom};stroke-linecap:round;stroke-linejoin:round`;
  if (draft.form === "rectangle") {
    return svg`<rect .style=${style} x=${Math.min(ax, bx)} y=${Math.min(ay, by)} width=${Math.abs(bx - ax)} height=${Math.abs(by - ay)}></rect>`;
  }
  if (draft.form === "ellipse") {
    return svg`<ellipse .style=${style} cx=${(ax + bx) / 2} cy=${(ay + by) / 2} rx=${Math.abs(bx - ax) / 2} ry=${Math.abs(by - ay) / 2}></ellipse>`;
  }
  let path = `M${ax} ${ay}L${bx} ${by}`;
  if (draft.form === "arrow") {
    const angle = Math.atan2(by - ay, bx - ax);
    const long = headOf(draft) * view.zoom;
    for (const side of [0.48, -0.48]) {
      path += `M${bx} ${by}L${bx - long * Math.cos(angle + side)} ${by - long * Math.sin(angle + side)}`;
    }
  }
  return svg`<path .style=${style} d=${path}></path>`;
}
