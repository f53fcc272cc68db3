/** Where a picture is at home: the way back from the pages that work on it. */
import type { Asset } from "@classhub/client";

/** The address of the picture in its lesson's album, or among all pictures. */
export function albumOf(asset: Pick<Asset, "id" | "lesson"> | null | undefined): string {
  if (!asset) return "/albums";
  const album = asset.lesson ? `/lessons/${asset.lesson}/album` : "/albums?show=all";
  return `${album}#${asset.id}`;
}
