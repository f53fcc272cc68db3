/** Which pages open which assets: the seam between albums and what plugins do with pictures. */
import { type Asset, hub, type Role } from "@classhub/client";
import { routes } from "./data.js";
import { mayVisit, type Route } from "./router.js";

/** A page that opens the assets, and its address with them in it. */
export interface Opener {
  page: Route;
  href: string;
}

/** The pages that open just these assets, for whoever is signed in. */
export function openersFor(assets: Pick<Asset, "id" | "media_type">[]): Opener[] {
  return openersAmong(routes, assets, hub.session.principal?.role);
}

/** As `openersFor`, among these pages and for this role. */
export function openersAmong(
  pages: Route[],
  assets: Pick<Asset, "id" | "media_type">[],
  role: Role | undefined,
): Opener[] {
  return pages
    .filter((page) => mayVisit(page, role) && opens(page, assets))
    .map((page) => ({ page, href: address(page.path, assets) }));
}

function opens(page: Route, assets: Pick<Asset, "media_type">[]): boolean {
  const wanted = page.opens;
  if (!wanted || assets.length < wanted.least || assets.length > wanted.most) return false;
  return assets.every((asset) => wanted.media.some((type) => fits(asset.media_type, type)));
}

function fits(type: string, wanted: string): boolean {
  if (wanted === "*/*") return true;
  return wanted.endsWith("/*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

function address(path: string, assets: Pick<Asset, "id">[]): string {
  const ids = assets.map((asset) => encodeURIComponent(asset.id));
  return path.includes(":id")
    ? path.replace(":id", ids[0] ?? "")
    : `${path}?assets=${ids.join(",")}`;
}
