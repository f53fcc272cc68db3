/** The shapes over the picture, as SVG in pixels of the screen. */
import { t } from "@classhub/ui";
import { nothing, type SVGTemplateResult, svg } from "lit";
import type { Draft } from "./drafting.js";
import { measure } from "./geometry.js";
import { type Kind, OF_KIND, type Point, type Shape } from "./shapes.js";
import type { Sketch } from "./sketch.js";
import { onScreen, type View } from "./view.js";
import { measuredText } from "./words.js";

/** About half a letter's width, in pixels of the screen. */
const LETTER = 4.6;

export interface Scene {
  sketch: Sketch;
  view: View;
  /** Micrometres to a pixel of the picture; null where it is not known. */
  scale: number | null;
  /** How much larger than on a laptop everything is drawn: a panel is read from the back row. */
  size: number;
}

export function overlay(scene: Scene): SVGTemplateResult {
  const { shapes, draft, chosen, editable, selected } = scene.sketch;
  const { zoom, left, top } = scene.view;
  const per = 1 / scene.size;
  // Everything below is drawn for a laptop, and then made larger as a whole.
  const small = { ...scene, view: { zoom: zoom * per, left: left * per, top: top * per } };
  return svg`<g transform="scale(${scene.size})">
    ${shapes.map((shape) => drawn(small, shape, shape.id === selected))}
    ${draft ? drafted(small, draft) : nothing}
    ${chosen && editable ? handles(small, chosen) : nothing}</g>`;
}

function drawn(scene: Scene, shape: Shape, selected: boolean): SVGTemplateResult {
  const points = shape.points.map((point) => onScreen(scene.view, point));
  const value = measuredText(measure(shape, scene.scale));
  const words = [shape.text, value].filter(Boolean).join("  ");
  return svg`<g class="shape ${shape.colour} ${selected ? "selected" : ""}" data-id=${shape.id}
    role="img" aria-label="${t(OF_KIND[shape.kind].title)} ${words}">
    ${figure(shape.kind, points)}${wording(shape.kind, points, words)}</g>`;
}

function drafted({ sketch, view, scale }: Scene, draft: Draft): SVGTemplateResult {
  const given: Point[] = sketch.hover ? [...draft.points, sketch.hover] : draft.points;
  const points = given.map((point) => onScreen(view, point));
  const open: Kind = draft.kind === "area" && given.length < 3 ? "polyline" : draft.kind;
  const enough = given.length >= OF_KIND[draft.kind].least;
  const value = enough ? measuredText(measure({ kind: draft.kind, points: given }, scale)) : "";
  return svg`<g class="shape draft ${sketch.brush}">${figure(open, points)}
    ${wording(draft.kind, points, value)}</g>`;
}

function list(points: Point[]): string {
  return points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
}

function dot([x, y]: Point): SVGTemplateResult {
  return svg`<circle class="edge" cx=${x} cy=${y} r="6"></circle><circle class="dot" cx=${x} cy=${y} r="4"></circle>`;
}

function figure(kind: Kind, points: Point[]): SVGTemplateResult {
  const line = list(points);
  if (kind === "count") {
    return svg`${points.map(
      ([x, y], index) =>
        svg`${dot([x, y])}<text class="number" x=${x + 9} y=${y + 5}>${index + 1}</text>`,
    )}`;
  }
  if (kind === "label") return svg`${points.map(dot)}`;
  if (kind === "area") {
    return svg`<polygon class="fill" points=${line}></polygon><polygon class="edge" points=${line}></polygon>
      <polygon class="line" points=${line}></polygon>`;
  }
  const ends = kind === "length" || kind === "polyline" ? [points[0], points.at(-1)] : [];
  return svg`<polyline class="grip" points=${line}></polyline><polyline class="edge" points=${line}></polyline>
    <polyline class="line" points=${line}></polyline>${kind === "arrow" ? head(points) : nothing}
    ${ends.map((end) => (end ? dot(end) : nothing))}`;
}

function head([tail, tip]: Point[]): SVGTemplateResult | typeof nothing {
  if (!tail || !tip) return nothing;
  const away = Math.hypot(tip[0] - tail[0], tip[1] - tail[1]) || 1;
  const [x, y] = [((tip[0] - tail[0]) / away) * 18, ((tip[1] - tail[1]) / away) * 18];
  const foot: Point = [tip[0] - x, tip[1] - y];
  return svg`<polygon class="head" points=${list([
    tip,
    [foot[0] - y * 0.45, foot[1] + x * 0.45],
    [foot[0] + y * 0.45, foot[1] - x * 0.45],
  ])}></polygon>`;
}

/** Where the words stand: beside the shape, not on it. */
function wording(kind: Kind, points: Point[], words: string): SVGTemplateResult | typeof nothing {
  const first = points[0];
  if (!words || !first) return nothing;
  const [x, y] = wordsAt(kind, points, words, first);
  return svg`<text class="words" x=${x.toFixed(1)} y=${y.toFixed(1)} text-anchor="middle">${words}</text>`;
}

function wordsAt(kind: Kind, points: Point[], words: string, first: Point): Point {
  const mean = (axis: 0 | 1) => points.reduce((sum, p) => sum + p[axis], 0) / points.length;
  const second = points[1];
  if (kind === "area") return [mean(0), mean(1) + 5];
  if (kind === "count") return [first[0] + 9, first[1] - 16];
  if (kind === "angle" && second) {
    // On the outer side of the corner.
    const [x, y] = [second[0] - mean(0), second[1] - mean(1)];
    const away = Math.hypot(x, y) || 1;
    return [second[0] + (x / away) * (14 + LETTER * words.length), second[1] + (y / away) * 22 + 5];
  }
  if (kind === "length" && second) {
    // As far from a slanting line as the words are wide.
    const [x, y] = [second[0] - first[0], second[1] - first[1]];
    const steep = Math.abs(y) / (Math.hypot(x, y) || 1);
    const right = x * y > 0 ? 1 : -1;
    return [
      mean(0) + right * steep * (LETTER * words.length + 10) * 1.25,
      mean(1) - 14 + steep * 8,
    ];
  }
  const [x, y] = kind === "polyline" ? (points.at(-1) ?? first) : first;
  return [x, y - 14];
}

function handles({ sketch, view }: Scene, shape: Shape): SVGTemplateResult {
  const now = (index: number) => sketch.choose(shape.id, index);
  return svg`<g class="handles ${shape.colour}">${shape.points.map((point, index) => {
    const [x, y] = onScreen(view, point);
    return svg`<circle class="handle ${index === sketch.point ? "now" : ""}" cx=${x} cy=${y} r="10"
      tabindex="0" role="button" aria-label=${t("Point {n}", { n: index + 1 })} @focus=${() => now(index)}></circle>`;
  })}</g>`;
}
