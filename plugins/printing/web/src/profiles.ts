/** Which ways to print there are, and simple words for them. */
import { N_, type Problem } from "@classhub/client";
import { number, t } from "@classhub/ui";

/** A way to print; the hub says its title in the reader's language. */
export interface Profile {
  id: string;
  title: string;
  /** For which printer; null for any. */
  printer?: string | null;
  materials: string[];
  layer_height: number;
  nozzle?: number;
  /** Taken where nobody chooses. */
  usual?: boolean;
}

/** What a printer can be set up as. */
export interface PrinterProfile {
  id: string;
  title: string;
}

export interface Profiles {
  items: Profile[];
  printers: PrinterProfile[];
  slicer: { name: string; version: string } | null;
  /** Why nothing can be sliced. */
  problem: Problem | null;
}

export const INFILLS = [
  { percent: 10, name: N_("Light filling") },
  { percent: 20, name: N_("Usual filling") },
  { percent: 40, name: N_("Strong filling") },
  { percent: 100, name: N_("Quite full") },
] as const;

export function infillName(percent: number): string {
  const known = INFILLS.find((one) => one.percent === percent);
  return known ? t(known.name) : `${number(percent)} %`;
}

/** The ways for a printer, the fastest first. */
export function profilesFor(profiles: Profile[], printer: string | null): Profile[] {
  return profiles
    .filter((one) => !one.printer || !printer || one.printer === printer)
    .sort((a, b) => b.layer_height - a.layer_height);
}

/** The way that was chosen, else the usual one. */
export function chosen(offered: Profile[], id: string | null | undefined): Profile | null {
  return (
    offered.find((one) => one.id === id) ?? offered.find((one) => one.usual) ?? offered[0] ?? null
  );
}
