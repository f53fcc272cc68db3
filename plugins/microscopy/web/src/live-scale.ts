/** What the hub says of a microscope's scale (`x/microscopy/<device>/scale`). */

export interface ScaleNews {
  objective: string | null;
  tells_objective: boolean;
  /** What the microscope itself tells, µm to a pixel of the live view. */
  scale: number | null;
  /** Those of the objective in use; of each size the one that counts. */
  calibrations: { width: number; height: number; scale: number }[];
}

const SAME_SHAPE = 0.01;

/**
 * Micrometres to a pixel of a picture of this size, or null: the microscope's own, else that of the
 * very size, else that of a picture of the same shape. The hub gives captures theirs by this rule.
 */
export function scaleOf(news: ScaleNews, width: number, height: number): number | null {
  if (news.scale !== null) return news.scale;
  if (!(width > 0 && height > 0)) return null;
  const known = news.calibrations;
  const same = known.find((one) => one.width === width && one.height === height);
  if (same) return same.scale;
  const alike = known.find(
    (one) => Math.abs((one.width * height) / (one.height * width) - 1) < SAME_SHAPE,
  );
  return alike ? (alike.scale * alike.width) / width : null;
}
