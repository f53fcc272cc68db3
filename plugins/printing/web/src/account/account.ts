/** What the account, the spools and the quotas say. */
import { t } from "@classhub/ui";
import type { Someone } from "../model.js";

export type By = "person" | "group" | "spool";

/** One line of the account: whoever or whatever used how much. */
export interface AccountLine {
  id: string | null;
  name: string;
  jobs: number;
  grams: number;
  seconds: number;
  failed_grams?: number;
}

export interface Spool {
  id: string;
  name: string;
  material: string;
  colour: string;
  grams: number;
  left: number;
  printer: string | null;
  note?: string;
}

export interface Quota {
  group: Someone | null;
  grams: number | null;
  minutes: number | null;
  /** Minutes of one print. */
  longest: number | null;
  /** Grams and minutes are counted in so many days. */
  days: number;
  used?: { grams: number; minutes: number } | null;
}

export type Span = "week" | "month" | "year" | "all";

/** Since when a span counts, in RFC 3339; null for ever. A school year begins in September. */
export function since(span: Span, now: Date): string | null {
  const from = new Date(now);
  from.setHours(0, 0, 0, 0);
  if (span === "all") return null;
  if (span === "week") from.setDate(from.getDate() - 7);
  else if (span === "month") from.setMonth(from.getMonth() - 1);
  else from.setFullYear(from.getMonth() >= 8 ? from.getFullYear() : from.getFullYear() - 1, 8, 1);
  return from.toISOString();
}

/** The most first; their shares of the largest, for the bars. */
export function withShares(lines: AccountLine[]): (AccountLine & { share: number })[] {
  const most = Math.max(0, ...lines.map((line) => line.grams));
  return [...lines]
    .sort((a, b) => b.grams - a.grams)
    .map((line) => ({ ...line, share: most > 0 ? line.grams / most : 0 }));
}

/** A table as spreadsheets read it: semicolons, quoted, with a mark of its coding. */
export function asCsv(lines: AccountLine[]): string {
  const quoted = (text: string | number) => `"${String(text).replaceAll('"', '""')}"`;
  const head = [t("Who or what"), t("Prints"), t("Grams"), t("Minutes")];
  const rows = lines.map((line) => [
    line.name,
    line.jobs,
    Math.round(line.grams),
    Math.round(line.seconds / 60),
  ]);
  return `\ufeff${[head, ...rows].map((row) => row.map(quoted).join(";")).join("\r\n")}\r\n`;
}

/** A spool that will not last much longer. */
export function isLow(spool: Spool): boolean {
  return spool.left < Math.max(50, spool.grams * 0.1);
}
