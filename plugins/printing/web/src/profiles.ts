/** Which ways to print there are, and simple words for them. */
import { N_, type Problem } from "@classhub/client";
import { number, t } from "@classhub/ui";

export interface Profile {
  id: string;
  title: string;
  /** For which printers; null for any. */
  printer?: string | null;
  materials: string[];
  layer_height: number;
  nozzle?: number;
}

export interface Profiles {
  items: Profile[];
  slicer?: { name: string; version: string } | null;
  /** Why nothing can be sliced. */
  problem?: Problem | null;
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

export function profilesFor(profiles: Profile[], printer: string | null): Profile[] {
  return profiles
    .filter((one) => !one.printer || !printer || one.printer === printer)
    .sort((a, b) => b.layer_height - a.layer_height);
}

const QUALITIES: [number, string][] = [
  [0.12, N_("Very fine")],
  [0.17, N_("Fine")],
  [0.24, N_("Normal quality")],
  [Number.POSITIVE_INFINITY, N_("Fast")],
];

/** How fine a profile prints, in a word; its own title where it names nothing that we know. */
export function qualityName(profile: Profile): string {
  const word = QUALITIES.find(([most]) => profile.layer_height <= most)?.[1];
  return word ? t(word) : t(profile.title);
}
