import { base, define, HubElement, t } from "@classhub/ui";
import { css, html, svg, type TemplateResult } from "lit";
import { type Levels, outline } from "./levels.js";

/** How often each brightness is there, dark at the left; red, green and blue over each other. */
class Histogram extends HubElement {
  static override properties = { levels: { attribute: false } };
  static override styles = [
    base,
    css`
      :host { display: block; }
      svg { display: block; width: 100%; height: 5.5rem; background: #10191a; border-radius: var(--radius-s); }
      path { mix-blend-mode: screen; }
      .r { fill: #d2453c; } .g { fill: #3fa65a; } .b { fill: #3f76d6; }
      .k { fill: none; stroke: #fff; stroke-width: 1.5; vector-effect: non-scaling-stroke; mix-blend-mode: normal; }
      div { display: flex; justify-content: space-between; font: var(--type-small); color: var(--muted); }
    `,
  ];
  declare levels: Levels | null;

  constructor() {
    super();
    this.levels = null;
  }

  override render(): TemplateResult {
    const levels = this.levels;
    const all = levels ? [levels.red, levels.green, levels.blue, levels.grey] : [];
    // What is clipped at an end would make all else flat.
    const inner = all.flatMap((counts) => counts.slice(1, 255));
    const top = Math.max(1, ...inner);
    const one = (name: string, counts: number[]) =>
      svg`<path class=${name} d=${outline(counts, top)}></path>`;
    return html`<svg viewBox="0 0 255 100" preserveAspectRatio="none" role="img" aria-label=${t("Histogram")}>${
      levels
        ? [
            one("r", levels.red),
            one("g", levels.green),
            one("b", levels.blue),
            one("k", levels.grey),
          ]
        : null
    }</svg><div><span>${t("Dark")}</span><span>${t("Bright")}</span></div>`;
  }
}
define("hub-histogram", Histogram);
