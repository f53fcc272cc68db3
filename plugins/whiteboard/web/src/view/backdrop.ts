/** What a page is drawn on. */
import { html, nothing, type TemplateResult } from "lit";
import type { Background } from "../model/shared.js";
import type { View } from "./view.js";

/** Page units between the lines of each kind. */
const STEPS = { lines: 48, squares: 24, dots: 32 };
const INK = "rgb(38 92 122 / 22%)";

/** The style of the stage: lines and squares go on without end. */
export function paper(background: Background | null, view: View | undefined): string {
  if (!background || background.kind === "picture" || !view) return "";
  let step = STEPS[background.kind] * view.zoom;
  // From afar every second line would still be a grey haze: leave most of them out.
  while (step < 9) step *= 4;
  const line = Math.max(1, Math.round(view.zoom));
  const size = `${step}px ${step}px`;
  const [x, y] = [-view.x * view.zoom, -view.y * view.zoom];
  const across = `linear-gradient(${INK} ${line}px, transparent ${line}px)`;
  const down = `linear-gradient(90deg, ${INK} ${line}px, transparent ${line}px)`;
  const dot = Math.max(1, 1.6 * view.zoom);
  const images = {
    lines: across,
    squares: `${across}, ${down}`,
    dots: `radial-gradient(circle at 50% 50%, rgb(38 92 122 / 42%) ${dot}px, transparent ${dot + 0.6}px)`,
  };
  return `background-image:${images[background.kind]};background-size:${size};background-position:${x}px ${y}px`;
}

/** The picture below the ink. */
export function backdrop(
  background: Background | null,
  view: View | undefined,
  address: (asset: string) => string,
): TemplateResult | typeof nothing {
  if (background?.kind !== "picture" || !view) return nothing;
  const { x, y, width, height, asset } = background;
  const place = `transform: translate3d(${(x - view.x) * view.zoom}px, ${(y - view.y) * view.zoom}px, 0)`;
  const size = `width: ${width * view.zoom}px; height: ${height * view.zoom}px`;
  return html`<img class="backdrop" alt="" draggable="false" src=${address(asset)} .style=${`${place}; ${size}`}>`;
}
