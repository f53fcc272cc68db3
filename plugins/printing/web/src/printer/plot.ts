/** The temperatures as curves, drawn by uPlot: fetched with the printer's page only. */
import { clock, t } from "@classhub/ui";
import uPlot from "uplot";
import plotCss from "uplot/dist/uPlot.min.css?inline";
import { columns, span, type TemperatureRow, TIMES } from "./device.js";

export const PLOT_CSS = plotCss;

export interface PlotColours {
  tool: string;
  bed: string;
  ink: string;
  line: string;
}

export class Plot {
  private readonly plot: uPlot;

  constructor(place: HTMLElement, rows: TemperatureRow[], colours: PlotColours) {
    const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const font = `${Math.round(size * 0.8)}px system-ui, sans-serif`;
    const axis = {
      stroke: colours.ink,
      font,
      grid: { stroke: colours.line, width: 1 },
      ticks: { show: false },
    };
    const curve = (label: string, stroke: string, target: boolean): uPlot.Series => ({
      label,
      stroke,
      width: (target ? 1.5 : 2.5) * (size / 16),
      dash: target ? [6, 5] : undefined,
      points: { show: false },
      value: (_, value) => (value === null ? "–" : `${Math.round(value)} °C`),
    });
    this.plot = new uPlot(
      {
        width: place.clientWidth || 300,
        height: place.clientHeight || 200,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: (_, low, high) => span(low, high, Date.now() / 1000) },
          y: {
            range: (_, low, high) => [
              Math.min(0, low),
              Math.max(60, Math.ceil((high + 10) / 20) * 20),
            ],
          },
        },
        axes: [
          {
            ...axis,
            size: size * 2,
            space: size * 6,
            incrs: TIMES,
            values: (_, at) => at.map((seconds) => clock(seconds * 1000)),
          },
          { ...axis, size: size * 3.4, values: (_, at) => at.map((degrees) => `${degrees}°`) },
        ],
        series: [
          {},
          curve(t("Nozzle"), colours.tool, false),
          curve(t("Nozzle, wanted"), colours.tool, true),
          curve(t("Plate"), colours.bed, false),
          curve(t("Plate, wanted"), colours.bed, true),
        ],
      },
      columns(rows) as uPlot.AlignedData,
      place,
    );
  }

  draw(rows: TemperatureRow[]): void {
    this.plot.setData(columns(rows) as uPlot.AlignedData);
  }

  fit(width: number, height: number): void {
    if (width && height) this.plot.setSize({ width, height });
  }

  close(): void {
    this.plot.destroy();
  }
}
