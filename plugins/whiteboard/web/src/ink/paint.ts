/** Items on a canvas. */
import {
  brushOf,
  headOf,
  type Item,
  inkOf,
  type Note,
  type Picture,
  type Shape,
  type Stroke,
} from "../model/items.js";
import type { Brush } from "./brush.js";
import { halfWidth } from "./brush.js";
import type { Ink } from "./ink.js";
import { type Outline, outline } from "./outline.js";

export type Canvas = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A marker lets through what it is drawn over. */
export const MARKER_ALPHA = 0.38;
/** How fine a line is made: a part of a pixel. */
const FINE = 0.4;
/** A line that is thinner on the screen than this is drawn as a line: nobody sees its shape. */
const THIN = 1.1;

const NOTE_INK = "#241a02";
const PADDING = 0.09;
const LETTERS =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";

/** Where pictures come from: null while one is not there, and then the item is painted again. */
export type Pictures = (asset: string) => CanvasImageSource | null;

/** Paint an item; `zoom` is how many pixels of the canvas a page unit takes. */
export function paintItem(canvas: Canvas, item: Item, zoom: number, pictures?: Pictures): void {
  const { move } = item;
  const still = move.x === 0 && move.y === 0 && move.scale === 1;
  if (!still) {
    canvas.save();
    canvas.transform(move.scale, 0, 0, move.scale, move.x, move.y);
  }
  const own = zoom * move.scale;
  if (item.kind === "stroke") paintStroke(canvas, item, own);
  else if (item.kind === "shape") paintShape(canvas, item);
  else if (item.kind === "note") paintNote(canvas, item, own);
  else paintPicture(canvas, item, pictures);
  if (!still) canvas.restore();
}

function paintStroke(canvas: Canvas, stroke: Stroke, zoom: number): void {
  if (stroke.pen === "marker") canvas.globalAlpha = MARKER_ALPHA;
  paintInk(canvas, inkOf(stroke), brushOf(stroke), stroke.colour, zoom);
  canvas.globalAlpha = 1;
}

/** Paint samples as one line. */
export function paintInk(
  canvas: Canvas,
  ink: Ink,
  brush: Brush,
  colour: string,
  zoom: number,
): void {
  if (ink.length === 0) return;
  if (brush.width * zoom < THIN && ink.length > 1) {
    paintThin(canvas, ink, brush, colour, zoom);
    return;
  }
  canvas.fillStyle = colour;
  canvas.beginPath();
  trace(canvas, outline(ink, brush, { step: FINE / zoom }));
  canvas.fill();
}

function paintThin(canvas: Canvas, ink: Ink, brush: Brush, colour: string, zoom: number): void {
  const middle = ink.length >> 1;
  const tilt = [ink.tiltX(middle), ink.tiltY(middle)] as const;
  canvas.strokeStyle = colour;
  canvas.lineCap = "round";
  canvas.lineJoin = "round";
  canvas.lineWidth = 2 * halfWidth(brush, ink.pressure(middle), ...tilt, [1, 0]);
  canvas.beginPath();
  let [x, y] = [ink.x(0), ink.y(0)];
  canvas.moveTo(x, y);
  const step = 0.9 / zoom;
  for (let index = 1; index < ink.length; index += 1) {
    const [nx, ny] = [ink.x(index), ink.y(index)];
    if (index < ink.length - 1 && Math.abs(nx - x) + Math.abs(ny - y) < step) continue;
    canvas.lineTo(nx, ny);
    [x, y] = [nx, ny];
  }
  canvas.stroke();
}

function trace(canvas: Canvas, pieces: Outline): void {
  for (const piece of pieces) {
    canvas.moveTo(piece[0] as number, piece[1] as number);
    for (let at = 2; at < piece.length; at += 2) {
      canvas.lineTo(piece[at] as number, piece[at + 1] as number);
    }
    canvas.closePath();
  }
}

export function paintShape(
  canvas: Canvas,
  shape: Pick<Shape, "form" | "width" | "from" | "to" | "colour">,
): void {
  const { form, from, to } = shape;
  canvas.strokeStyle = shape.colour;
  canvas.fillStyle = shape.colour;
  canvas.lineWidth = shape.width;
  canvas.lineCap = "round";
  canvas.lineJoin = "round";
  canvas.beginPath();
  if (form === "rectangle") {
    canvas.rect(from[0], from[1], to[0] - from[0], to[1] - from[1]);
  } else if (form === "ellipse") {
    const [rx, ry] = [Math.abs(to[0] - from[0]) / 2, Math.abs(to[1] - from[1]) / 2];
    canvas.ellipse((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, rx, ry, 0, 0, 2 * Math.PI);
  } else {
    canvas.moveTo(...from);
    canvas.lineTo(...to);
    if (form === "arrow") head(canvas, shape);
  }
  canvas.stroke();
}

function head(canvas: Canvas, shape: Pick<Shape, "width" | "from" | "to">): void {
  const [[ax, ay], [bx, by]] = [shape.from, shape.to];
  const angle = Math.atan2(by - ay, bx - ax);
  const long = headOf(shape);
  for (const side of [0.48, -0.48]) {
    canvas.moveTo(bx, by);
    canvas.lineTo(bx - long * Math.cos(angle + side), by - long * Math.sin(angle + side));
  }
}

function paintNote(canvas: Canvas, note: Note, zoom: number): void {
  const { x, y, width, height } = note;
  canvas.save();
  canvas.shadowColor = "rgb(20 34 31 / 26%)";
  // A shadow is measured in pixels, whatever the scale.
  canvas.shadowBlur = 9 * zoom;
  canvas.shadowOffsetY = 3 * zoom;
  canvas.fillStyle = note.colour;
  canvas.beginPath();
  canvas.roundRect(x, y, width, height, Math.min(width, height) * 0.04);
  canvas.fill();
  canvas.restore();
  const room = width * (1 - 2 * PADDING);
  const { size, lines } = laid(canvas, note.text, room, height * (1 - 2 * PADDING));
  canvas.fillStyle = NOTE_INK;
  canvas.textBaseline = "alphabetic";
  canvas.font = `500 ${size}px ${LETTERS}`;
  lines.forEach((line, index) => {
    canvas.fillText(line, x + width * PADDING, y + height * PADDING + size * (0.95 + index * LINE));
  });
}

function paintPicture(canvas: Canvas, picture: Picture, pictures?: Pictures): void {
  const { x, y, width, height } = picture;
  const image = pictures?.(picture.asset);
  if (image) canvas.drawImage(image, x, y, width, height);
  else {
    canvas.fillStyle = "rgb(20 34 31 / 8%)";
    canvas.fillRect(x, y, width, height);
  }
}

const LINE = 1.25;
const LARGEST_TYPE = 34;
const SMALLEST_TYPE = 9;
const BREAKS_WORDS = 18;

/** Break a note's words into lines, in the largest type in which all of it fits. */
export function laid(
  canvas: Pick<Canvas, "measureText" | "font">,
  text: string,
  width: number,
  height: number,
): { size: number; lines: string[] } {
  for (let size = LARGEST_TYPE; ; size = Math.floor(size * 0.88)) {
    canvas.font = `500 ${size}px ${LETTERS}`;
    const lines = broken(canvas, text, width);
    // Rather smaller letters than a word in two parts.
    if (size > BREAKS_WORDS && !text.split(/\s+/).every((word) => fits(canvas, word, width)))
      continue;
    if (size <= SMALLEST_TYPE || lines.length * size * LINE <= height) {
      return { size, lines: lines.slice(0, Math.max(1, Math.floor(height / (size * LINE)))) };
    }
  }
}

function fits(canvas: Pick<Canvas, "measureText">, words: string, width: number): boolean {
  return canvas.measureText(words).width <= width;
}

/** How many letters of a word that is too long fit into a line; one at least. */
function fitting(canvas: Pick<Canvas, "measureText">, word: string, width: number): number {
  let [fit, too] = [1, word.length];
  while (too - fit > 1) {
    const half = (fit + too) >> 1;
    if (fits(canvas, word.slice(0, half), width)) fit = half;
    else too = half;
  }
  return fit;
}

function broken(canvas: Pick<Canvas, "measureText">, text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (let word of paragraph.split(/\s+/)) {
      if (line && fits(canvas, `${line} ${word}`, width)) {
        line += ` ${word}`;
        continue;
      }
      if (line) lines.push(line);
      while (!fits(canvas, word, width) && word.length > 1) {
        const length = fitting(canvas, word, width);
        lines.push(word.slice(0, length));
        word = word.slice(length);
      }
      line = word;
    }
    lines.push(line);
  }
  return lines;
}
