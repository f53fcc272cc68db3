/** The objects of a picture, as the hub found them and people corrected them. */

export interface CountedObject {
  number: number;
  x: number;
  y: number;
  diameter: number;
  outline: [number, number][];
  removed: boolean;
  added: boolean;
}

export interface Objects {
  width: number;
  height: number;
  scale: number | null;
  count: number;
  options: { threshold?: number; smallest?: number; part?: boolean; borders?: boolean };
  objects: CountedObject[];
}

export interface Corrections {
  removed: number[];
  added: { x: number; y: number; diameter: number }[];
}

/** The object at a place: the nearest of those whose circle, made a little wider, reaches it. */
export function at(objects: CountedObject[], x: number, y: number, wider: number): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  objects.forEach((one, index) => {
    const away = Math.hypot(one.x - x, one.y - y);
    if (away <= one.diameter / 2 + wider && away < least) {
      best = index;
      least = away;
    }
  });
  return best;
}

/** The objects after a tap: found ones are removed or taken back, added ones go, else one comes. */
export function tapped(
  objects: CountedObject[],
  x: number,
  y: number,
  wider: number,
  size: { width: number; height: number },
): CountedObject[] {
  const index = at(objects, x, y, wider);
  const one = objects[index];
  if (one?.added) return objects.filter((_, i) => i !== index);
  if (one)
    return objects.map((each, i) => (i === index ? { ...each, removed: !each.removed } : each));
  if (x < 0 || y < 0 || x > size.width || y > size.height) return objects;
  const number = Math.max(0, ...objects.map((each) => each.number)) + 1;
  const diameter = usual(objects) || Math.max(4, size.width / 40);
  return [...objects, { number, x, y, diameter, outline: [], removed: false, added: true }];
}

/** The middle one of all diameters; 0 where there are none. */
export function usual(objects: CountedObject[]): number {
  const sizes = objects.filter((one) => !one.removed).map((one) => one.diameter);
  sizes.sort((a, b) => a - b);
  return sizes[Math.floor(sizes.length / 2)] ?? 0;
}

export function corrections(objects: CountedObject[]): Corrections {
  return {
    removed: objects.filter((one) => one.removed && !one.added).map((one) => one.number),
    added: objects
      .filter((one) => one.added)
      .map(({ x, y, diameter }) => ({ x, y, diameter: Math.max(1, diameter) })),
  };
}

/** Number, mean and standard deviation of the diameters that count. */
export function summary(objects: CountedObject[]): {
  count: number;
  mean: number;
  deviation: number;
} {
  const sizes = objects.filter((one) => !one.removed).map((one) => one.diameter);
  const count = sizes.length;
  const mean = sizes.reduce((sum, one) => sum + one, 0) / Math.max(1, count);
  const squares = sizes.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { count, mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0 };
}
