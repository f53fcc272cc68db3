import type { Asset, Person } from "@classhub/client";

export interface Pupil {
  id: string;
  name: string;
  works: Asset[];
}

/**
 * What was handed in, by pupil in the order of their names, each one's newest first; and who of the
 * lesson has handed in nothing yet: to the task that they have now, or at all where there is none.
 */
export function byPupil(
  members: readonly Pick<Person, "id" | "name">[],
  given: readonly Asset[],
  task: string | null,
): { pupils: Pupil[]; missing: Pick<Person, "id" | "name">[] } {
  const pupils = new Map<string, Pupil>();
  const done = new Set<string>();
  for (const asset of given) {
    if (!asset.owner || !asset.handed_in) continue;
    const { id, name } = asset.owner;
    const pupil = pupils.get(id) ?? { id, name, works: [] };
    pupil.works.push(asset);
    pupils.set(id, pupil);
    if (task === null || asset.task === task) done.add(id);
  }
  for (const pupil of pupils.values()) {
    pupil.works.sort((one, other) => (other.handed_in ?? "").localeCompare(one.handed_in ?? ""));
  }
  return {
    pupils: [...pupils.values()].sort((one, other) => one.name.localeCompare(other.name)),
    missing: members.filter((person) => !done.has(person.id)),
  };
}
