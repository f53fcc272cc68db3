/** Draws layers from above onto a canvas. */
import type { Volume } from "../model.js";

/** What a line of plastic is for. */
export type PathKind = "outer" | "wall" | "solid" | "infill" | "support" | "brim";

export interface LayerIndex {
  count: number;
  /** x0, y0, x1, y1 of what is printed, in millimetres of the plate. */
  box: [number, number, number, number];
  layers: { z: number; height: number }[];
}

export interface Layer {
  z: number;
  paths: { kind: PathKind; points: number[] }[];
}

const ORDER: PathKind[] = ["brim", "support", "infill", "solid", "wall", "outer"];
const GRID = 10;
/** Millimetres of a line of plastic, about as wide as nozzles of classrooms are. */
const LINE = 0.42;

/** Which kinds of lines a layer has, the most visible first. */
export function shownKinds(layer: Layer): PathKind[] {
  const there = new Set(layer.paths.map((path) => path.kind));
  return [...ORDER].reverse().filter((kind) => there.has(kind));
}

/** How millimetres become pixels: the box with a margin, as large as it fits; Y goes up. */
export function fitted(
  box: readonly [number, number, number, number],
  width: number,
  height: number,
): { scale: number; left: number; top: number } {
  const [x0, y0, x1, y1] = box;
  const margin = Math.max(3, 0.06 * Math.max(x1 - x0, y1 - y0));
  const across = x1 - x0 + 2 * margin;
  const down = y1 - y0 + 2 * margin;
  const scale = Math.min(width / across, height / down);
  return {
    scale,
    left: width / 2 - ((x0 + x1) / 2) * scale,
    top: height / 2 + ((y0 + y1) / 2) * scale,
  };
}

/** One picture of the plate, begun anew for each drawing. */
export class Sheet {
  private readonly context: CanvasRenderingContext2D | null;
  private readonly scale: number;

  constructor(
    canvas: HTMLCanvasElement,
    box: LayerIndex["box"],
    volume: Volume | null,
    private readonly colour: (name: string) => string,
  ) {
    const ratio = Math.min(devicePixelRatio, 2);
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    const { scale, left, top } = fitted(box, canvas.width, canvas.height);
    this.scale = scale;
    this.context = canvas.getContext("2d");
    this.context?.setTransform(scale, 0, 0, -scale, left, top);
    this.plate(box, volume);
  }

  private plate(box: LayerIndex["box"], volume: Volume | null): void {
    const context = this.context;
    if (!context) return;
    const [x1, y1] = volume ? [volume.x, volume.y] : [box[2] + GRID, box[3] + GRID];
    context.beginPath();
    for (let x = 0; x <= x1; x += GRID) line(context, x, 0, x, y1);
    for (let y = 0; y <= y1; y += GRID) line(context, 0, y, x1, y);
    context.lineWidth = 1 / this.scale;
    context.strokeStyle = this.colour("line");
    context.stroke();
  }

  layer(layer: Layer, opacity: number): void {
    const context = this.context;
    if (!context) return;
    context.globalAlpha = opacity;
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const kind of ORDER) {
      context.beginPath();
      for (const path of layer.paths) if (path.kind === kind) trace(context, path.points);
      context.lineWidth = Math.max(LINE, 1.2 / this.scale);
      context.strokeStyle = this.colour(kind);
      context.stroke();
    }
    context.globalAlpha = 1;
  }
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number) {
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
}

function trace(context: CanvasRenderingContext2D, points: number[]): void {
  context.moveTo(points[0] ?? 0, points[1] ?? 0);
  for (let at = 2; at + 1 < points.length; at += 2) {
    context.lineTo(points[at] ?? 0, points[at + 1] ?? 0);
  }
}
