/** Draws one moment of a film on a canvas, as the film that is made will look. */
import { type ScaleBar, scaleBar } from "../scale.js";
import type { Language } from "./model.js";

/** The film's own size; everything below is in its pixels. */
export const WIDTH = 1920;
export const HEIGHT = 1080;

const GROUND = "#101614";
const BAND = "rgb(8 12 11 / 67%)";
const EDGE = 48;
const BAR = 0.22;
/** The film speaks its own language, not the reader's. */
const UNITS: Record<Language, Record<ScaleBar["unit"], string>> = {
  kk: { nm: "нм", um: "мкм", mm: "мм" },
  ru: { nm: "нм", um: "мкм", mm: "мм" },
  en: { nm: "nm", um: "µm", mm: "mm" },
};
const FONT = '"Noto Sans", "DejaVu Sans", sans-serif';

export interface Scene {
  /** What is shown; null for a card, and for what has not been loaded. */
  source: CanvasImageSource | null;
  width: number;
  height: number;
  card: boolean;
  language: Language;
  title: string;
  caption: string;
  /** Micrometres to a pixel of the source; null for no bar. */
  scale: number | null;
}

export function darken(to: CanvasRenderingContext2D): void {
  to.fillStyle = GROUND;
  to.fillRect(0, 0, WIDTH, HEIGHT);
}

/** A scene that is fading in is drawn here first: whole, and then put over the one before. */
const aside = typeof document === "undefined" ? null : document.createElement("canvas");

/** Draw a scene over what is there; `share` is how far it has faded in, 0 to 1. */
export function draw(to: CanvasRenderingContext2D, scene: Scene, share: number): void {
  const beside = share < 1 ? aside?.getContext("2d") : null;
  if (!beside) {
    drawWhole(to, scene);
    return;
  }
  const { width, height } = to.canvas;
  if (beside.canvas.width !== width || beside.canvas.height !== height) {
    beside.canvas.width = width;
    beside.canvas.height = height;
  }
  beside.setTransform(to.getTransform());
  drawWhole(beside, scene);
  to.save();
  to.globalAlpha = share;
  to.drawImage(beside.canvas, 0, 0, WIDTH, HEIGHT);
  to.restore();
}

function drawWhole(to: CanvasRenderingContext2D, scene: Scene): void {
  darken(to);
  if (scene.card) drawCard(to, scene);
  else drawPicture(to, scene);
}

function drawCard(to: CanvasRenderingContext2D, scene: Scene): void {
  to.textAlign = "center";
  to.textBaseline = "top";
  to.font = `84px ${FONT}`;
  const title = wrap(to, scene.title, WIDTH * 0.8, 3);
  to.font = `44px ${FONT}`;
  const caption = wrap(to, scene.caption, WIDTH * 0.8, 5);
  let top = (HEIGHT - title.length * 104 - caption.length * 60) / 2;
  to.font = `84px ${FONT}`;
  to.fillStyle = "#fff";
  for (const line of title) {
    to.fillText(line, WIDTH / 2, top);
    top += 104;
  }
  to.font = `44px ${FONT}`;
  to.fillStyle = "#becdc7";
  for (const line of caption) {
    to.fillText(line, WIDTH / 2, top);
    top += 60;
  }
}

function drawPicture(to: CanvasRenderingContext2D, scene: Scene): void {
  const fit = Math.min(WIDTH / scene.width, HEIGHT / scene.height);
  const shown = scene.width * fit;
  const high = scene.height * fit;
  if (scene.source && shown > 0) {
    to.drawImage(scene.source, (WIDTH - shown) / 2, (HEIGHT - high) / 2, shown, high);
  }
  to.textBaseline = "top";
  to.font = `48px ${FONT}`;
  for (const line of wrap(to, scene.title, WIDTH - 4 * EDGE, 1)) {
    to.fillStyle = BAND;
    to.beginPath();
    to.roundRect(EDGE - 20, EDGE - 16, to.measureText(line).width + 40, 88, 14);
    to.fill();
    to.fillStyle = "#fff";
    to.textAlign = "left";
    to.fillText(line, EDGE, EDGE);
  }
  to.font = `40px ${FONT}`;
  const lines = wrap(to, scene.caption, WIDTH - 4 * EDGE, 3);
  const top = HEIGHT - EDGE - lines.length * 56;
  if (lines.length > 0) {
    to.fillStyle = BAND;
    to.fillRect(0, top - 20, WIDTH, HEIGHT - top + 20);
    to.fillStyle = "#fff";
    to.textAlign = "center";
    for (const [index, line] of lines.entries()) to.fillText(line, WIDTH / 2, top + index * 56);
  }
  if (scene.scale) drawBar(to, scene, fit, (WIDTH + shown) / 2 - EDGE, top - 2 * EDGE);
}

function drawBar(
  to: CanvasRenderingContext2D,
  scene: Scene,
  fit: number,
  right: number,
  bottom: number,
): void {
  const bar = scaleBar(scene.scale ?? 0, fit, scene.width * fit * BAR);
  if (!bar) return;
  const text = `${Number(bar.figure.toPrecision(3))} ${UNITS[scene.language][bar.unit]}`;
  const left = right - bar.width;
  to.fillStyle = "rgb(0 0 0 / 78%)";
  to.fillRect(left - 3, bottom - 3, bar.width + 6, 18);
  to.fillStyle = "#fff";
  to.fillRect(left, bottom, bar.width, 12);
  to.textAlign = "center";
  to.textBaseline = "bottom";
  to.font = `40px ${FONT}`;
  to.lineWidth = 6;
  to.lineJoin = "round";
  to.strokeStyle = "rgb(0 0 0 / 86%)";
  to.strokeText(text, (left + right) / 2, bottom - 14);
  to.fillText(text, (left + right) / 2, bottom - 14);
}

/** The text in lines that fit; what is over `most` lines ends with an ellipsis. */
export function wrap(
  to: Pick<CanvasRenderingContext2D, "measureText">,
  text: string,
  width: number,
  most: number,
): string[] {
  const fits = (line: string) => to.measureText(line).width <= width;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (fits(`${line} ${word}`.trim())) {
      line = `${line} ${word}`.trim();
      continue;
    }
    if (line) lines.push(line);
    line = "";
    for (const letter of word) {
      if (line && !fits(line + letter)) {
        lines.push(line);
        line = "";
      }
      line += letter;
    }
  }
  if (line) lines.push(line);
  if (lines.length <= most) return lines;
  let last = lines[most - 1] ?? "";
  while (last && !fits(`${last}…`)) last = last.slice(0, -1);
  return [...lines.slice(0, most - 1), `${last}…`];
}
