import { N_ } from "./mark.js";
import type { Problem } from "./types.js";

/** A request that was refused or did not arrive; carries the hub's problem document. */
export class ApiProblem extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(problem.title);
    this.name = "ApiProblem";
  }

  get code(): string {
    return this.problem.code;
  }
}

/** The hub did not answer at all: the network, or the hub is being started. */
export const UNREACHABLE: Problem = {
  code: "unreachable",
  title: N_("The hub does not answer."),
  hint: N_("Check that this device is on the class network. The page goes on by itself."),
};

/** Turn whatever was thrown into a problem that can be shown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiProblem) return error.problem;
  return {
    code: "page",
    title: N_("Something went wrong on this page."),
    hint: N_("Reload the page. If it happens again, tell the lab engineer."),
    detail: error instanceof Error ? error.message : String(error),
  };
}
