/** The hub's own guides; those of plugins are declared by their `web.json`. */
import type { Role } from "@classhub/client";
// The build reads this file too, without the shared modules.
import { N_ } from "../../client/mark.ts";

const TEACHERS: Role[] = ["teacher", "engineer", "admin"];

/** They stand in `docs/<name>` of the repository, in each of the languages. */
export const GUIDES = [
  { name: "lesson", title: N_("A lesson in the digital classroom"), roles: TEACHERS },
  { name: "engineer", title: N_("Looking after the digital classroom"), roles: TEACHERS },
];
