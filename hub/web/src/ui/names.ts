import { N_ } from "@classhub/client";
import { t } from "./i18n.js";

/**
 * Names that the hub itself gives until somebody chooses better ones; people read them too. Devices
 * of the virtual classroom are called "Virtual …": their drivers' catalogues have the words.
 */
const GIVEN = new Set([N_("Classroom")]);
const VIRTUAL = /^Virtual \w/;
/** What the command line calls those whom nobody has named: sign-in links and tokens. */
const UNNAMED: Record<string, string> = {
  Admin: N_("Administrator"),
  Engineer: N_("Lab engineer"),
  Teacher: N_("Teacher"),
  "Command line": N_("Program"),
};

/** The name of a thing: as it was typed, or in the reader's language where the hub gave it. */
export function givenName(name: string): string {
  const [, kind = name, number = ""] = /^(.+?)( \d+)?$/.exec(name) ?? [];
  return GIVEN.has(kind) || VIRTUAL.test(kind) ? t(kind) + number : name;
}

/** What a person is called. */
export function personName(name: string): string {
  return Object.hasOwn(UNNAMED, name) ? t(UNNAMED[name] ?? name) : name;
}
