import { hub, N_ } from "@classhub/client";
import { t } from "@classhub/ui";
import { css, html, type TemplateResult } from "lit";
import type { Plot, Series } from "./api.js";

const RANGES = [
  { hours: 1, title: N_("Hour") },
  { hours: 24, title: N_("Day") },
  { hours: 24 * 7, title: N_("Week") },
  { hours: 24 * 31, title: N_("Month") },
  { hours: 24 * 366, title: N_("Year") },
] as const;
const AT_ONCE = 12;
/** Milliseconds after which curves are drawn anew. */
export const AGAIN = 30_000;
/** What is watched and is no device. */
export const PLACES: Record<string, string> = {
  computer: N_("The hub's computer"),
  network: N_("Network"),
};

export const rangeStyles = css`
  .ranges { display: flex; flex-wrap: wrap; gap: var(--space-2); }
  .ranges [aria-pressed="true"] { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
`;

/** The buttons that say how far back curves go. */
export function ranges(now: number, choose: (hours: number) => void): TemplateResult {
  return html`<div class="ranges" role="group" aria-label=${t("How far back")}>${RANGES.map(
    (one) =>
      html`<button aria-pressed=${now === one.hours} @click=${() => choose(one.hours)}>${t(one.title)}</button>`,
  )}</div>`;
}

/** What was measured of these series in the hours before `end`; those of which nothing was are left out. */
export async function plotsOf(series: Series[], hours: number, end: number): Promise<Plot[]> {
  const plots: Plot[] = [];
  for (let at = 0; at < series.length; at += AT_ONCE) {
    const ids = series.slice(at, at + AT_ONCE).map((one) => `series=${one.id}`);
    const found = await hub.api.get<{ items: Plot[] }>(
      `/health/plots?${ids.join("&")}&hours=${hours}&until=${end}&points=240`,
    );
    plots.push(...found.items);
  }
  return plots.filter((plot) => plot.times.length > 0);
}
