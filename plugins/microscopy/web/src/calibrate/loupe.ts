/** A magnified round part of the picture, so that a finger does not hide what it points at. */
import type { Point } from "./model.js";

const MAGNIFIED = 5;

export function drawLoupe(target: HTMLCanvasElement, picture: HTMLCanvasElement, at: Point): void {
  const ratio = window.devicePixelRatio || 1;
  const side = Math.round(target.clientWidth * ratio);
  if (side === 0) return;
  if (target.width !== side) {
    target.width = side;
    target.height = side;
  }
  const pen = target.getContext("2d");
  if (!pen) return;
  const part = side / (MAGNIFIED * ratio);
  pen.imageSmoothingEnabled = false;
  pen.fillStyle = "#0a0f0e";
  pen.fillRect(0, 0, side, side);
  pen.drawImage(picture, at[0] - part / 2, at[1] - part / 2, part, part, 0, 0, side, side);
  const middle = side / 2;
  for (const [colour, width] of [
    ["#000", 3.5],
    ["#f4b82e", 1.5],
  ] as const) {
    pen.strokeStyle = colour;
    pen.lineWidth = width * ratio;
    pen.beginPath();
    pen.moveTo(0, middle);
    pen.lineTo(side, middle);
    pen.moveTo(middle, 0);
    pen.lineTo(middle, side);
    pen.stroke();
  }
}
