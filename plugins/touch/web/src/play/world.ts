/** The outlines of the world's countries: Natural Earth 1:110m by world-atlas; fetched when shown. */
import { geoEqualEarth, geoGraticule10, geoPath } from "d3-geo";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import atlas from "world-atlas/countries-110m.json";
import type { Sheet } from "./map-play.js";

const WIDTH = 2000;
const SEA = "#cfe4f2";
const LAND = "#f4efe2";
const BORDER = "#8c6f4e";
const GRID = "#a9c8dc";

/** The world on a sheet; countries are told apart by their borders, in any light. */
export function world(): Sheet {
  const topology = atlas as unknown as Topology<{ countries: GeometryCollection }>;
  const sphere = { type: "Sphere" } as const;
  const projection = geoEqualEarth().fitWidth(WIDTH, sphere);
  const path = geoPath(projection);
  const height = Math.ceil(path.bounds(sphere)[1][1]);
  const drawn = (shape: Parameters<typeof path>[0]) => new Path2D(path(shape) ?? "");
  const sea = drawn(sphere);
  const grid = drawn(geoGraticule10());
  const land = drawn(feature(topology, topology.objects.countries));
  const borders = drawn(mesh(topology, topology.objects.countries));
  return {
    width: WIDTH,
    height,
    draw(context, scale) {
      const line = (shape: Path2D, colour: string, width: number) => {
        context.strokeStyle = colour;
        context.lineWidth = width / scale;
        context.stroke(shape);
      };
      context.fillStyle = SEA;
      context.fill(sea);
      line(grid, GRID, 1);
      context.fillStyle = LAND;
      context.fill(land);
      line(borders, BORDER, 1.5);
      line(sea, BORDER, 2);
    },
  };
}
