/** What the plugin's routes answer, and what kinds and lines are called. */
import { N_ } from "@classhub/client";

export interface ItemFields {
  name: string;
  kind: string;
  number: string;
  serial: string;
  maker: string;
  model: string;
  quantity: number;
  purchased: string | null;
  price: number | null;
  warranty: string | null;
  room: string;
  responsible: string;
  notes: string;
}

export interface Item extends ItemFields {
  id: string;
  device: string | null;
  in_use: boolean;
  icon: string;
  firmware: string;
  faults: number;
  safety: string | null;
  revision: number;
  changed: string;
}

export type EntryKind = "fault" | "repair" | "part" | "firmware" | "safety" | "note";

export interface Entry {
  id: string;
  kind: EntryKind;
  day: string;
  text: string;
  who: string;
  cost: number | null;
  times: number;
  ended: string | null;
  by_hub: boolean;
}

/** Kinds of things, in the order in which they are offered; the hub's own devices first. */
export const KINDS: Record<string, string> = {
  panel: N_("Interactive panel"),
  microscope: N_("Digital microscope"),
  printer: N_("3D printer"),
  tablet: N_("Graphics tablet"),
  touch_table: N_("Touch table"),
  globe: N_("Smart globe"),
  computer: N_("Computer"),
  headset: N_("Headset"),
  furniture: N_("Furniture"),
  network: N_("Network equipment"),
  other: N_("Other"),
};

export const ENTRIES: Record<EntryKind, { title: string; icon: string }> = {
  fault: { title: N_("Fault"), icon: "warning" },
  repair: { title: N_("Repair"), icon: "wrench" },
  part: { title: N_("New part"), icon: "puzzle" },
  firmware: { title: N_("Firmware"), icon: "device" },
  safety: { title: N_("Safety instruction read"), icon: "shield-check" },
  note: { title: N_("Note"), icon: "task" },
};

/** Of a person's words, whether all of them are in what is known of a thing. */
export function fits(item: Item, words: string): boolean {
  const { name, number, serial, maker, model, room, responsible } = item;
  const text = [name, number, serial, maker, model, room, responsible].join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** What a form says of a thing. */
export function fieldsOf(form: FormData): ItemFields {
  const said = (name: string) => String(form.get(name) ?? "").trim();
  const price = said("price").replace(/\s/g, "").replace(",", ".");
  return {
    name: said("name"),
    kind: said("kind") || "other",
    number: said("number"),
    serial: said("serial"),
    maker: said("maker"),
    model: said("model"),
    quantity: Number(said("quantity") || 1),
    purchased: said("purchased") || null,
    price: price === "" ? null : Number(price),
    warranty: said("warranty") || null,
    room: said("room"),
    responsible: said("responsible"),
    notes: said("notes"),
  };
}

/** How a guarantee stands on a day: over, over in a month, or neither. */
export function warrantyTone(until: string | null, today: Date): "bad" | "warn" | "good" | "idle" {
  if (until === null) return "idle";
  const days = (Date.parse(until) - today.getTime()) / 86_400_000;
  if (days < -1) return "bad";
  return days < 30 ? "warn" : "good";
}
