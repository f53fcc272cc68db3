import folder from "hub:guides";
import type { HubData } from "@classhub/client";
import { type Guide, guidesOf } from "./guide/guides.js";
import { GUIDES } from "./guide/own.js";
import { pluginRoutes, type Route } from "./router.js";
import { OWN } from "./routes.js";

function read(): HubData {
  const text = document.getElementById("hub-data")?.textContent;
  const none: HubData = {
    hub: {
      id: "",
      name: "",
      version: "",
      language: "en",
      languages: ["kk", "ru", "en"],
      media: "",
    },
    plugins: [],
    catalogues: {},
  };
  return text ? { ...none, ...(JSON.parse(text) as HubData) } : none;
}

/** What the hub's server wrote into the page. */
export const data: HubData = read();

/** Every page there is: the shell's and the plugins'. */
export const routes: Route[] = [...OWN, ...data.plugins.flatMap(pluginRoutes)];

/** Every guide for people there is, likewise. */
export const guides: Guide[] = guidesOf(
  GUIDES.map((guide) => ({
    ...guide,
    languages: ["kk", "ru", "en"],
    folder: `${folder}${guide.name}/`,
  })),
  data.plugins,
);

/** The page where one works with a device of this kind; the generated page where no plugin has one. */
export function devicePath(device: { id: string; kind: string }): string {
  const own = routes.find((route) => route.kind === device.kind);
  return (own?.path ?? "/devices/:id").replace(":id", encodeURIComponent(device.id));
}
