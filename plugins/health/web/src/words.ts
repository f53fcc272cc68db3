/** How figures and changes are said. */
import { N_ } from "@classhub/client";
import { clock, day, number, t, unitText, withUnit } from "@classhub/ui";
import type { AlertRule, Change, Series, UptimeShare } from "./api.js";

const WEEK = [N_("Su"), N_("Mo"), N_("Tu"), N_("We"), N_("Th"), N_("Fr"), N_("Sa")];
const SIZES = [N_("B"), N_("kB"), N_("MB"), N_("GB"), N_("TB")];

/** A share as people read it: "98 %"; a dash where nothing is known. */
export function shareText(one: UptimeShare): string {
  if (one.share === null) return "–";
  // 99.96 % must not read as if nothing had been wrong.
  const percent = one.share === 1 ? 100 : Math.min(one.share * 100, 99.9);
  return withUnit(number(percent, percent >= 99 && percent < 100 ? 1 : 0), "%");
}

/** A value with its unit. */
export function valueText(series: Pick<Series, "unit">, value: number): string {
  if (series.unit === "By") return sizeText(value);
  if (series.unit === "s" && Math.abs(value) < 1) return withUnit(number(value * 1000, 0), t("ms"));
  const digits = Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0;
  const unit = series.unit === "1" ? "" : unitText(series.unit);
  return withUnit(number(value, digits), unit);
}

/** Yes or no, as a share of the time. Of these the least is the worst. */
export const SHARES = ["reachable", "healthy", "gateway", "dns", "internet", "ups_on_battery"];

/** A value, or the mean of values, as a curve of the series has it. */
export function shown(series: Pick<Series, "name" | "unit">, value: number): string {
  if (SHARES.includes(series.name) && series.unit === "1")
    return valueText({ unit: "%" }, Math.round(value * 100));
  return valueText(series, value);
}

export function sizeText(bytes: number): string {
  let value = bytes;
  let at = 0;
  while (value >= 1000 && at < SIZES.length - 1) {
    value /= 1000;
    at += 1;
  }
  return withUnit(number(value, value < 10 && at > 0 ? 1 : 0), t(SIZES[at] ?? "B"));
}

/** What happened, in a few words. */
export function changeText(change: Change): string {
  if (change.up) return change.said || t("Works");
  if (change.said) return change.said;
  if (change.process === "stopped") return t("Switched off with the hub");
  if (change.process === "starting") return t("Starting");
  return change.presence === "absent" ? t("Unplugged") : t("Does not answer");
}

/** A day of the week in two letters. */
export function weekday(day: string): string {
  return t(WEEK[new Date(`${day}T12:00:00`).getDay()] ?? "");
}

/** When something was, as short as the day allows: "14:05", or "28.11.2026 14:05". */
export function moment(time: string): string {
  const date = new Date(time);
  const today = date.toDateString() === new Date().toDateString();
  return today ? clock(date) : `${day(date)} ${clock(date)}`;
}

const WHEN: Record<string, string> = {
  unreachable: N_("A device does not answer"),
  fault: N_("A device reports a fault"),
  warning: N_("A device warns of something"),
};

/** What a rule is about. */
export function ruleText(rule: Pick<AlertRule, "title" | "watch" | "when">): string {
  // Which disk, and how much, is known once it is told.
  if (rule.title) return rule.title.replace(/\{(?:part|value)\}/g, "…");
  return rule.watch === "hub" ? t("Something is wrong with the hub") : t(WHEN[rule.when] ?? "");
}

/** A stretch of time: "90 s", "15 min", "12 h". */
export function durationText(seconds: number): string {
  if (seconds < 120) return withUnit(number(seconds, 0), unitText("s"));
  if (seconds < 7200) return withUnit(number(seconds / 60, 0), unitText("min"));
  return withUnit(number(seconds / 3600, 0), t("h"));
}
