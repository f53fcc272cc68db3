import type { Opens, PageManifest, Role } from "@classhub/client";
import { type Bringing, helpOf } from "./guide/guides.js";

/** A page: where it is, which element shows it and how its module is loaded. */
export interface Route {
  path: string;
  title: string;
  tag: string;
  load: () => Promise<unknown>;
  icon?: string;
  /** In the main navigation. */
  nav?: boolean;
  /** How far back there: 0 is the first; below 50 for lessons, from 50 for looking after the room. */
  place?: number;
  /** Who may see it; everyone signed in where it is left out, nobody need be where it is "all". */
  roles?: Role[] | "all";
  /** The page is the place for devices of this kind. */
  kind?: string;
  /** The page opens such assets. */
  opens?: Opens;
  /** People record their voice on it. */
  microphone?: boolean;
  /** The guide about it, or its chapter: `guide#chapter`. */
  help?: string;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** Match a path against a pattern such as `/lessons/:id/album`. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) {
      try {
        params[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) return null;
  }
  return params;
}

export function findRoute(routes: Route[], path: string): Match | null {
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params) return { route, params };
  }
  return null;
}

/** Tell whether the page is for somebody of this role; undefined is nobody. */
export function mayVisit(route: Route, role: Role | undefined): boolean {
  if (route.roles === "all") return true;
  return role !== undefined && (route.roles?.includes(role) ?? true);
}

/** The pages in the navigation of somebody of this role; who looks after the room has theirs first. */
export function navigation(routes: Route[], role: Role | undefined): Route[] {
  const looksAfter = role === "engineer" || role === "admin";
  const rank = ({ place = PLACE }: Route) =>
    looksAfter && place > 0 && place < CARE ? place + LAST : place;
  return routes
    .filter((route) => route.nav && mayVisit(route, role))
    .sort((one, other) => rank(one) - rank(other));
}

/** Of a page that does not say. */
const PLACE = 30;
/** From here on pages are for those who look after the room. */
const CARE = 50;
const LAST = 99;

/** The routes that a plugin's `web.json` declares. */
export function pluginRoutes(plugin: Bringing & { pages: PageManifest[] }): Route[] {
  return plugin.pages.map((page) => ({
    path: page.path,
    title: page.title,
    tag: page.tag,
    icon: page.icon,
    nav: page.nav ?? false,
    place: page.place,
    roles: page.roles,
    kind: page.kind,
    opens: page.opens,
    microphone: page.microphone,
    help: helpOf(plugin, page.help),
    load: () => import(/* @vite-ignore */ plugin.base + page.module),
  }));
}
