/** The outlines of countries: Natural Earth by world-atlas; coarse while the globe turns. */
import { geoBounds, geoContains } from "d3-geo";
import type { Feature, FeatureCollection, Geometry, MultiLineString } from "geojson";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";

type Atlas = Topology<{ countries: GeometryCollection }>;

export interface World {
  countries: Feature<Geometry>[];
  land: FeatureCollection<Geometry>;
  borders: MultiLineString;
}

function worldOf(atlas: Atlas): World {
  const land = feature(atlas, atlas.objects.countries) as FeatureCollection<Geometry>;
  return { countries: land.features, land, borders: mesh(atlas, atlas.objects.countries) };
}

/** For while the globe turns. */
export async function coarse(): Promise<World> {
  return worldOf((await import("world-atlas/countries-110m.json")).default as unknown as Atlas);
}

/** For when it rests; it knows the small countries, too. */
export async function fine(): Promise<World> {
  return worldOf((await import("world-atlas/countries-50m.json")).default as unknown as Atlas);
}

const bounds = new WeakMap<Feature<Geometry>, [[number, number], [number, number]]>();

/** The country's number (ISO 3166-1) at a place, or empty. */
export function countryAt(world: World, at: [number, number]): string {
  for (const country of world.countries) {
    let box = bounds.get(country);
    if (!box) {
      box = geoBounds(country);
      bounds.set(country, box);
    }
    const [[west, south], [east, north]] = box;
    const within = west <= east ? at[0] >= west && at[0] <= east : at[0] >= west || at[0] <= east;
    if (within && at[1] >= south && at[1] <= north && geoContains(country, at)) {
      return String(country.id ?? "");
    }
  }
  return "";
}
