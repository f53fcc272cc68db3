/** The shape of a stroke is written twice: here, and for files in `plugins/whiteboard/exporting/outline.py`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Pen } from "../src/ink/brush.js";
import { Ink } from "../src/ink/ink.js";
import { outline } from "../src/ink/outline.js";

interface Golden {
  name: string;
  pen: Pen;
  width: number;
  step: number;
  samples: [number, number, number, number, number][];
  outline: number[][];
}

const path = join(import.meta.dirname, "../../../../tests/contract/outlines.json");
const strokes = JSON.parse(readFileSync(path, "utf8")) as Golden[];

describe("a stroke", () => {
  test.each(strokes)("has the shape that files give it: $name", (stroke) => {
    const ink = Ink.of(
      stroke.samples.map(([x, y, pressure, tiltX, tiltY]) => {
        return { x, y, pressure, tiltX, tiltY, twist: 0, time: 0 };
      }),
    );
    const { pen, width, step } = stroke;
    const made = outline(ink, { pen, width }, { step });
    expect(made.map((piece) => piece.length)).toEqual(stroke.outline.map((piece) => piece.length));
    made.forEach((piece, at) => {
      const apart = piece.map((value, place) =>
        Math.abs(value - (stroke.outline[at]?.[place] ?? 0)),
      );
      expect(Math.max(...apart)).toBeLessThan(0.01);
    });
  });
});
