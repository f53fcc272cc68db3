import { describe, expect, it } from "vitest";
import { scaleBar } from "../src/scale.js";

describe("the scale bar", () => {
  it("is a round length whose width is true to the scale", () => {
    // 0.4 µm to a pixel of the picture, two of which go into one of the screen: 0.8 µm each.
    expect(scaleBar(0.4, 0.5, 260)).toEqual({ length: 200, width: 250, figure: 200, unit: "um" });
  });

  it("never exceeds its room and fills at least two fifths of it", () => {
    for (const scale of [0.01, 0.107, 0.4, 1, 3.3, 27]) {
      for (const zoom of [0.2, 1, 2.5]) {
        const bar = scaleBar(scale, zoom, 240);
        expect(bar?.width).toBeLessThanOrEqual(240.001);
        expect(bar?.width).toBeGreaterThan(95.9);
        expect((bar?.width ?? 0) * (scale / zoom)).toBeCloseTo(bar?.length ?? 0, 6);
      }
    }
  });

  it("names millimetres and nanometres where they read better", () => {
    expect(scaleBar(10, 1, 250)).toMatchObject({ figure: 2, unit: "mm" });
    expect(scaleBar(0.002, 1, 250)).toMatchObject({ figure: 500, unit: "nm" });
  });

  it("is none where no scale is known", () => {
    expect(scaleBar(0, 1, 250)).toBeNull();
    expect(scaleBar(Number.NaN, 1, 250)).toBeNull();
    expect(scaleBar(0.4, 0, 250)).toBeNull();
  });
});
