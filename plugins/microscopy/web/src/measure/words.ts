/** Values and units as people read them. */
import { N_ } from "@classhub/client";
import { number, t, withUnit } from "@classhub/ui";
import { decimals, forPeople, type Measured } from "./geometry.js";

const UNITS: Record<string, string> = {
  um: N_("µm"),
  mm: N_("mm"),
  um2: N_("µm²"),
  mm2: N_("mm²"),
  px: N_("px"),
  px2: N_("px²"),
  deg: "°",
  "1": "",
};

/** A value with its unit, in millimetres where it is large. */
export function valueText(value: number, unit: string): string {
  const [figure, shown] = forPeople(value, unit);
  return withUnit(number(figure, decimals(figure)), t(UNITS[shown] ?? shown));
}

/** What a shape measures, in words; empty where it measures nothing. */
export function measuredText(found: Measured): string {
  if (found.crossing) return t("crosses itself");
  return found.value === null ? "" : valueText(found.value, found.unit);
}
