/** A series as a curve with the spread of each stretch behind it, drawn by uPlot. */
import { clock, day } from "@classhub/ui";
import uPlot from "uplot";
import plotCss from "uplot/dist/uPlot.min.css?inline";
import type { Plot } from "./api.js";
import { shown } from "./words.js";

export const CHART_CSS = plotCss;

export interface ChartColours {
  curve: string;
  band: string;
  ink: string;
  line: string;
}

/** The least and the most value that a chart has to have room for. */
export interface Span {
  low: number;
  high: number;
}

const DAY = 86_400;

/** Columns as uPlot takes them; null between two values that lie far apart: nothing was measured there. */
export function columns(plot: Plot): (number | null)[][] {
  const found: (number | null)[][] = [[], [], [], []];
  // The sampler looks every ten seconds, whatever the plot's step.
  const gap = Math.max(plot.step * 2.5, 45);
  plot.times.forEach((time, at) => {
    const before = plot.times[at - 1];
    if (before !== undefined && time - before > gap && !plot.series.sums) {
      found[0]?.push(before + plot.step);
      for (const column of found.slice(1)) column.push(null);
    }
    found[0]?.push(time);
    found[1]?.push(plot.values[at] ?? null);
    found[2]?.push(plot.least[at] ?? null);
    found[3]?.push(plot.most[at] ?? null);
  });
  return found;
}

export class Chart {
  private readonly chart: uPlot;

  constructor(
    place: HTMLElement,
    plot: Plot,
    range: { begin: number; end: number },
    colours: ChartColours,
    told: (time: number | null, value: number | null) => void,
    scale?: Span,
  ) {
    const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const axis = {
      stroke: colours.ink,
      font: `${Math.round(size * 0.8)}px system-ui, sans-serif`,
      grid: { stroke: colours.line, width: 1 },
      ticks: { show: false },
    };
    const long = range.end - range.begin > 2 * DAY;
    const spread: uPlot.Series = { stroke: "transparent", points: { show: false } };
    const { sums } = plot.series;
    this.chart = new uPlot(
      {
        width: place.clientWidth || 300,
        height: place.clientHeight || 160,
        legend: { show: false },
        // Half of the last time stands to the right of its line.
        padding: [null, size * 1.6, null, null],
        cursor: { points: { size: 7 }, y: false, drag: { x: false, y: false } },
        scales: {
          x: { time: true, range: [range.begin, range.end] },
          y: {
            range: (_, low, high) =>
              scale ? limits(plot, scale.low, scale.high) : limits(plot, low, high),
          },
        },
        axes: [
          {
            ...axis,
            size: size * 2,
            space: size * (long ? 7 : 5),
            values: (_, at) => at.map((time) => (long ? dayText(time) : clock(time * 1000))),
          },
          {
            ...axis,
            size: size * 4.6,
            space: size * 2.6,
            values: (_, at) => at.map((value) => shown(plot.series, value)),
          },
        ],
        bands: sums ? [] : [{ series: [3, 2], fill: colours.band }],
        series: [
          {},
          {
            stroke: colours.curve,
            fill: sums ? colours.band : undefined,
            width: 2 * (size / 16),
            paths: sums
              ? uPlot.paths.bars?.({ size: [0.9, 24 * size, Math.ceil(size / 5)] })
              : undefined,
            points: { show: plot.times.length === 1 },
          },
          { ...spread, show: !sums },
          { ...spread, show: !sums },
        ],
        hooks: {
          setCursor: [
            (chart) => {
              const at = chart.cursor.idx;
              const known = at !== null && at !== undefined;
              told(
                known ? (chart.data[0]?.[at] ?? null) : null,
                known ? (chart.data[1]?.[at] ?? null) : null,
              );
            },
          ],
        },
      },
      columns(plot) as uPlot.AlignedData,
      place,
    );
  }

  fit(width: number, height: number): void {
    if (width && height) this.chart.setSize({ width, height });
  }

  close(): void {
    this.chart.destroy();
  }
}

function dayText(time: number): string {
  return day(time * 1000).slice(0, 5);
}

/** A flat line must not fill the picture, and a share has its natural ends. */
function limits(plot: Plot, low: number | null, high: number | null): [number, number] {
  const least = Math.min(0, low ?? 0);
  const most = high ?? 1;
  if (plot.series.unit === "%") return [least, Math.max(100, most)];
  if (plot.series.name === "reachable" || plot.series.name === "healthy") return [0, 1];
  return [least, most <= least ? least + 1 : most + (most - least) * 0.08];
}
