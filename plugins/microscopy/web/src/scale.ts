/** The scale bar: a round length that fits, in words and in pixels of the screen. */

export interface ScaleBar {
  /** Length in micrometres, 1, 2 or 5 of a decade. */
  length: number;
  /** Width on the screen in CSS pixels. */
  width: number;
  /** The length in figures and its unit (UCUM). */
  figure: number;
  unit: "um" | "mm" | "nm";
}

/**
 * Choose the bar: `scale` is µm per pixel of the picture, `zoom` CSS pixels per pixel of the
 * picture, `longest` the most that the bar may take. Null where no true bar can be drawn.
 */
export function scaleBar(scale: number, zoom: number, longest: number): ScaleBar | null {
  const perPixel = scale / zoom;
  if (!(perPixel > 0) || !Number.isFinite(perPixel) || !(longest > 0)) return null;
  const most = perPixel * longest;
  const decade = 10 ** Math.floor(Math.log10(most) + 1e-9);
  const lead = most / decade;
  const length = (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * decade;
  const width = length / perPixel;
  if (length >= 1000) return { length, width, figure: length / 1000, unit: "mm" };
  if (length < 1) return { length, width, figure: length * 1000, unit: "nm" };
  return { length, width, figure: length, unit: "um" };
}
