import { hub } from "@classhub/client";
import { i18n } from "@classhub/ui";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { JobItem } from "../src/model.js";
import { atHome, isFine, together } from "../src/model.js";
import { nextText, stoppedText } from "../src/words.js";

const NOON = "2026-11-30T12:00:00Z";

function job(what: Partial<JobItem>): JobItem {
  return {
    id: "a",
    name: "ring",
    state: "waiting",
    created: NOON,
    ended: null,
    position: null,
    done_at: null,
    note: "",
    problem: null,
    warning: null,
    ending: null,
    left_out_lines: 0,
    check: { printable: true, tone: "good", title: "", findings: 0, size: [1, 1, 1] },
    estimate: null,
    can: ["approve"],
    ...what,
  } as JobItem;
}

const problem = (code: string) => ({ code, title: `title of ${code}.`, hint: "Do this." });

afterEach(() => vi.restoreAllMocks());

describe("what is said of a job in the queue", () => {
  it("is its place and when it will be done, also while another one is printed", () => {
    expect(i18n.language).toBe("en");
    const said = nextText(
      job({
        state: "queued",
        position: 3,
        done_at: new Date().toISOString(),
        problem: problem("printer-busy"),
      }),
    );
    expect(said).toMatch(/^Place 3 in the queue\. Probably done at \d/);
    expect(said).not.toContain("printer-busy");
  });

  it("is what is in its way, in words for whoever can do something about it", () => {
    const waits = job({ state: "queued", position: 1, problem: problem("plate-not-clear") });
    const may = vi.spyOn(hub.session, "may").mockReturnValue(false);
    expect(nextText(waits)).toBe(
      "Place 1 in the queue. The next print begins once the teacher has looked that the plate is clear.",
    );
    may.mockReturnValue(true);
    expect(nextText(waits)).toBe("Place 1 in the queue. title of plate-not-clear. Do this.");
  });
});

describe("where a print stopped", () => {
  const ending = { ...problem("interrupted"), line: 1200, lines: 4000, height: 3.2, layer: 9 };
  it("is told with line and height", () => {
    expect(stoppedText(job({ state: "failed", ending }))).toBe(
      "It stopped at line 1,200 of 4,000, 3.2 mm above the plate.",
    );
    expect(stoppedText(job({ state: "failed", ending: { ...ending, height: null } }))).toBe(
      "It stopped at line 1,200 of 4,000.",
    );
    expect(stoppedText(job({ state: "failed", ending: { ...ending, lines: null } }))).toBe(
      "It stopped at line 1,200, 3.2 mm above the plate.",
    );
  });
  it("is not told of what is printed, waits, or is not known", () => {
    expect(stoppedText(job({ state: "done" }))).toBe("");
    expect(stoppedText(job({ state: "waiting", ending }))).toBe("");
    expect(stoppedText(job({ state: "failed", ending: problem("printer-gone") }))).toBe("");
  });
});

describe("what the teacher can approve at once", () => {
  it("is good models of which nothing is left out and for which there is filament", () => {
    expect(isFine(job({}))).toBe(true);
    expect(isFine(job({ check: null }))).toBe(false);
    const warned = { printable: true, tone: "warn" as const, title: "Thin", findings: 1 };
    expect(isFine(job({ check: { ...warned, size: [1, 1, 1] } }))).toBe(false);
    expect(isFine(job({ left_out_lines: 1 }))).toBe(false);
    expect(isFine(job({ warning: problem("spool-short") }))).toBe(false);
    expect(isFine(job({ problem: problem("brought-back") }))).toBe(false);
    expect(isFine(job({ can: [] }))).toBe(false);
  });
  it("takes so much together, as far as it is known", () => {
    const estimates = [{ seconds: 60, grams: 2 }, { seconds: 30, grams: null }, null];
    expect(together(estimates.map((estimate) => job({ estimate })))).toEqual({
      seconds: 90,
      grams: 2,
    });
  });
});

it("on the home page stands what goes on and what has just ended", () => {
  const hour = 3_600_000;
  const jobs = [
    job({ id: "old", state: "done", ended: "2026-11-29T12:00:00Z" }),
    job({ id: "cancelled", state: "cancelled", ended: NOON }),
    job({ id: "done", state: "done", ended: NOON }),
    job({ id: "back", state: "sent-back" }),
    job({ id: "queued", state: "queued" }),
  ];
  const shown = atHome(jobs, Date.parse(NOON) + hour).map((one) => one.id);
  expect(shown).toEqual(["back", "queued", "done"]);
});
