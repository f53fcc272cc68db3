import { N_ } from "@classhub/client";
import type { Route } from "./router.js";

/** The shell's own pages. Those of plugins are added from the hub's data. */
export const OWN: Route[] = [
  {
    path: "/",
    title: N_("Home"),
    tag: "hub-home-page",
    icon: "home",
    nav: true,
    place: 0,
    load: () => import("./pages/home.js"),
  },
  {
    path: "/join",
    title: N_("Join the lesson"),
    tag: "hub-join-page",
    roles: "all",
    load: () => import("./pages/door.js"),
  },
  {
    path: "/albums",
    title: N_("Albums"),
    tag: "hub-albums-page",
    icon: "images",
    nav: true,
    place: 10,
    roles: ["pupil", "teacher", "engineer", "admin"],
    load: () => import("./pages/albums.js"),
  },
  {
    path: "/lessons/:id/album",
    title: N_("Album"),
    tag: "hub-album-page",
    load: () => import("./pages/album.js"),
  },
  {
    path: "/panel",
    title: N_("Class screen"),
    tag: "hub-panel-page",
    load: () => import("./pages/panel.js"),
  },
  {
    path: "/people",
    title: N_("People"),
    tag: "hub-people-page",
    icon: "people",
    nav: true,
    place: 58,
    roles: ["teacher", "engineer", "admin"],
    load: () => import("./pages/people.js"),
  },
  {
    path: "/equipment",
    title: N_("Equipment"),
    tag: "hub-equipment-page",
    icon: "sliders",
    nav: true,
    place: 55,
    roles: ["engineer", "admin"],
    load: () => import("./pages/equipment.js"),
  },
  {
    path: "/keeping",
    title: N_("Backups and log"),
    tag: "hub-keeping-page",
    roles: ["engineer", "admin"],
    load: () => import("./pages/keeping.js"),
  },
  {
    path: "/devices/:id",
    title: N_("Device"),
    tag: "hub-device-page",
    load: () => import("./pages/device.js"),
  },
];
