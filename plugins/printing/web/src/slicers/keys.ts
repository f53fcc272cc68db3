/** Keys with which slicers send to the hub, and what is to be put into each slicer. */
import { hub, N_, type Page } from "@classhub/client";
import type { Someone } from "../model.js";

export interface Key {
  id: string;
  owner: Someone;
  group: Someone | null;
  /** It ends with this lesson. */
  lesson: Someone | null;
  created: string;
  expires: string | null;
}

/** A key that was just made, with its secret. */
export interface NewKey extends Key {
  key: string;
}

export const listKeys = () => hub.api.get<Page<Key>>("/print-keys");
export const listAllKeys = () => hub.api.all<Key>("/print-keys", { owner: "all" });
export const makeKey = () => hub.api.post<NewKey>("/print-keys");
export const endKey = (id: string) => hub.api.delete(`/print-keys/${encodeURIComponent(id)}`);

/** What people type into a slicer as the printer's address: the hub's own, or that of one printer. */
export function addressOf(origin: string, printer: string | null): string {
  return printer ? `${origin}/api/to/${encodeURIComponent(printer)}` : origin;
}

/** A bundle of keys that belong together, for teachers: a lesson's, a class's, or the rest. */
export interface Bundle {
  name: string;
  keys: Key[];
}

/** Keys by the lesson they end with, else by their owners' class; those of neither come last. */
export function bundles(keys: readonly Key[]): Bundle[] {
  const found = new Map<string, Bundle>();
  for (const key of keys) {
    const of = key.lesson ?? key.group;
    const bundle = found.get(of?.id ?? "") ?? { name: of?.name ?? "", keys: [] };
    bundle.keys.push(key);
    found.set(of?.id ?? "", bundle);
  }
  const rest = found.get("");
  found.delete("");
  return [...found.values(), ...(rest ? [rest] : [])];
}

export interface Guide {
  name: string;
  /** With `{address}`, `{host}`, `{port}` and `{path}` where the slicer wants them. */
  steps: string[];
}

/** The words on a slicer's buttons are its own, in whatever language it speaks. */
export const GUIDES: readonly Guide[] = [
  {
    name: "PrusaSlicer",
    steps: [
      N_("Open “Printers”, press the cogwheel beside your printer, then “Add physical printer”."),
      N_("Choose the profile of your printer and “OctoPrint” as host type."),
      N_("Put the address into “Hostname, IP or URL” and the key into “API Key / Password”."),
      N_("Press “Test”. It must say that it works."),
      N_("Slice your model, then press the button with the G and the arrow, and “Upload”."),
    ],
  },
  {
    name: "OrcaSlicer",
    steps: [
      N_("Press the button with the radio waves beside your printer."),
      N_("Choose “Octo/Klipper” as host type."),
      N_(
        "Put the address into “Hostname, IP or URL” and the key into “API Key”, and press “Test”.",
      ),
      N_("Slice your model, then press “Print” and “Upload”."),
    ],
  },
  {
    name: "Cura",
    steps: [
      N_("Install “OctoPrint Connection” from the Marketplace and start Cura anew."),
      N_(
        "Open Settings → Printer → Manage printers → Connect to OctoPrint, and press “Add”: address {host}, port {port}, path {path}.",
      ),
      N_("Choose it, put the key into “API Key”, and press “Connect”."),
      N_("Slice your model, then press “Print with OctoPrint”."),
    ],
  },
];

/** Host, port and path of an address, as Cura asks for them. */
export function partsOf(address: string): { host: string; port: string; path: string } {
  const url = new URL(address);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return {
    host: url.hostname,
    port,
    path: url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`,
  };
}
