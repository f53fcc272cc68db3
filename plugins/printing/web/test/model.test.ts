import { describe, expect, it } from "vitest";
import {
  changedMuch,
  extensionOf,
  type Finding,
  firstWithPlace,
  fittingFactor,
  type Job,
  listed,
  moved,
  offersFor,
  type Printer,
  placeInFile,
  queueOf,
  sortedJobs,
  toneOf,
  type Verdict,
  withJob,
  withNews,
  withProgress,
  withWork,
} from "../src/model.js";

const NOWHERE = { points: [], edges: [], triangles: [], total: 0 };
const VOLUME = { x: 220, y: 220, z: 250 };
const UPRIGHT = [
  [1, 0, 0],
  [0, 0, -1],
  [0, 1, 0],
];

function finding(code: string, severity: Finding["severity"], placed = false): Finding {
  const places = placed ? { ...NOWHERE, points: [[1, 2, 3]], total: 1 } : NOWHERE;
  return { code, severity, title: code, hint: "", places };
}

function verdict(what: Partial<Verdict>): Verdict {
  const standing = { rotation: UPRIGHT, overhang: 0, base: 100, height: 10 };
  return {
    kind: "stl",
    printable: true,
    repairable: false,
    triangles: 12,
    bodies: 1,
    size: [20, 20, 20],
    low: [0, 0, 0],
    mass: 9.9,
    fits: true,
    turn: null,
    findings: [],
    units: [],
    standing,
    better: null,
    ...what,
  };
}

function job(what: Partial<Job>): Job {
  return {
    id: "a",
    name: "cube",
    state: "waiting",
    kind: "model",
    owner: null,
    lesson: null,
    group: null,
    printer: null,
    printer_wanted: null,
    position: null,
    versions: [],
    settings: {},
    check: null,
    verdict: null,
    left_out: [],
    left_out_lines: 0,
    mark: "of alpha",
    pictures: [],
    estimate: null,
    thumbnail: null,
    preview: null,
    layers: null,
    note: "",
    problem: null,
    warning: null,
    progress: null,
    ending: null,
    done_at: null,
    can: [],
    created: "2026-11-29T08:00:00Z",
    updated: "2026-11-29T08:00:00Z",
    started: null,
    ended: null,
    ...what,
  };
}

const kinds = (what: Partial<Verdict>, settings = {}) =>
  offersFor(verdict(what), VOLUME, settings).map((offer) => offer.kind);

describe("what is offered", () => {
  it("is nothing for a sound model", () => {
    expect(kinds({})).toEqual([]);
  });

  it("is a repair where the hub can mend something, before all else", () => {
    expect(
      kinds({ repairable: true, units: [{ unit: "inch", factor: 25.4, size: [508, 508, 508] }] }),
    ).toEqual(["repair", "unit"]);
  });

  it("is the other unit first, unless the model would be a crumb in it", () => {
    const huge = {
      printable: false,
      fits: false,
      size: [1270, 508, 254] as [number, number, number],
    };
    const inch = (x: number, y: number, z: number) => ({
      units: [{ unit: "inch", factor: 1 / 25.4, size: [x, y, z] as [number, number, number] }],
    });
    expect(kinds({ ...huge, ...inch(50, 20, 10) })).toEqual(["unit", "smaller"]);
    const bar = { ...huge, size: [400, 30, 20] as [number, number, number] };
    expect(kinds({ ...bar, ...inch(15.7, 1.2, 0.8) })).toEqual(["smaller", "unit"]);
  });

  it("is a turn where the model fits when turned, and no turn for the looks beside it", () => {
    const better = { rotation: UPRIGHT, overhang: 0, base: 400, height: 5 };
    expect(kinds({ fits: true, turn: UPRIGHT, better })).toEqual(["fit"]);
    expect(kinds({ better })).toEqual(["better"]);
  });

  it("is to make it smaller only where no turn helps", () => {
    const [offer] = offersFor(
      verdict({ printable: false, fits: false, size: [440, 100, 100] }),
      VOLUME,
      {},
    );
    expect(offer).toEqual({ kind: "smaller", factor: 0.49, size: [215.6, 49, 49] });
    expect(kinds({ fits: false, turn: UPRIGHT, size: [10, 10, 260] })).toEqual(["fit"]);
    expect(offersFor(verdict({ fits: false, size: [440, 100, 100] }), null, {})).toEqual([]);
  });

  it("is supports and a brim where they help and are not chosen yet", () => {
    const findings = [finding("overhang", "warn"), finding("small-base", "warn")];
    expect(kinds({ findings })).toEqual(["supports", "brim"]);
    expect(kinds({ findings }, { supports: true, brim: true })).toEqual([]);
  });
});

describe("the factor that makes a model fit", () => {
  it("lays the long side along the plate's long side", () => {
    expect(fittingFactor([100, 300, 50], { x: 300, y: 100, z: 300 })).toBe(0.98);
  });

  it("never makes it larger", () => {
    expect(fittingFactor([10, 10, 10], VOLUME)).toBe(1);
  });
});

describe("a verdict", () => {
  it("is red where it cannot be printed, yellow where it may go wrong", () => {
    expect(toneOf(verdict({ printable: false, findings: [finding("open", "refuse")] }))).toBe(
      "bad",
    );
    expect(toneOf(verdict({ findings: [finding("thin", "warn")] }))).toBe("warn");
    expect(toneOf(verdict({ findings: [finding("duplicate", "tell")] }))).toBe("good");
  });

  it("lights up the first finding that has a place", () => {
    const findings = [finding("too-big", "refuse"), finding("open", "refuse", true)];
    expect(firstWithPlace(verdict({ findings }))).toBe(1);
    expect(firstWithPlace(null)).toBe(-1);
  });
});

describe("my jobs", () => {
  it("begin with those that ask for something and end with those that are over", () => {
    const jobs = (["done", "queued", "sent-back", "printing"] as const).map((state) =>
      job({ id: state, state }),
    );
    expect(sortedJobs(jobs).map((one) => one.id)).toEqual([
      "sent-back",
      "printing",
      "queued",
      "done",
    ]);
  });

  it("take news of a job, but no old news", () => {
    const now = job({ state: "queued", updated: "2026-11-29T08:00:02Z" });
    const old = job({ state: "waiting", updated: "2026-11-29T08:00:01Z" });
    expect(withJob([old], now)).toEqual([now]);
    expect(withJob([now], old)).toEqual([now]);
    expect(withJob([now], job({ id: "b" })).map((one) => one.id)).toEqual(["b", "a"]);
  });
});

describe("the queue", () => {
  const queued = (id: string, position: number, printer: string | null = "p") =>
    job({
      id,
      position,
      state: "queued",
      printer_wanted: printer,
      estimate: { seconds: 600, grams: 5 },
    });

  it("is what waits for a printer, in its order", () => {
    const jobs = [queued("b", 2), queued("a", 1), queued("x", 3, null), job({ id: "w" })];
    expect(queueOf(jobs, "p").map((one) => one.id)).toEqual(["a", "b"]);
    expect(queueOf(jobs, null).map((one) => one.id)).toEqual(["x"]);
  });

  it("moves a job before another one or to the end, and keeps all of them", () => {
    const queue = [{ id: "a" }, { id: "b" }, { id: "c" }];
    const order = (id: string, before: string | null) =>
      moved(queue, id, before)
        .map((one) => one.id)
        .join("");
    expect(order("c", "a")).toBe("cab");
    expect(order("a", null)).toBe("bca");
    expect(order("a", "a")).toBe("abc");
    expect(order("a", "gone")).toBe("bca");
    expect(order("gone", "a")).toBe("abc");
  });
});

describe("a printer", () => {
  const printing = {
    id: "a",
    state: "printing" as const,
    progress: { fraction: 0.1, seconds_left: 90, done_at: null },
  };
  const printer = {
    id: "p",
    name: "Ender",
    state: "printing",
    reachable: true,
    ready: false,
    queue_seconds: 0,
    plate: { clear: false, job: null, since: null, unseen_since: null, by: null },
    volume: null,
    nozzle: 0.4,
    materials: ["PLA"],
    spool: null,
    camera: null,
    profile: "",
    heaters_off_after: 30,
    time_lapse: "off",
    problem: null,
    job: { ...printing, name: "cube", owner: { id: "o", name: "Ali" } },
  } as Printer;

  it("takes the progress from the stream and keeps whose job it is", () => {
    const news = {
      ...printer,
      job: { ...printing, progress: { ...printing.progress, fraction: 0.5 } },
    };
    const after = withNews(printer, news);
    expect(after?.job?.name).toBe("cube");
    expect(after?.job?.progress?.fraction).toBe(0.5);
  });

  it("is asked for anew once another job is on it, or its plate was cleared", () => {
    expect(withNews(printer, { ...printer, job: { ...printing, id: "b" } })).toBe(null);
    expect(withNews(printer, { ...printer, plate: { ...printer.plate, clear: true } })).toBe(null);
    expect(withNews(printer, { ...printer, reachable: false })).toBe(null);
  });
});

describe("news of a job", () => {
  const printing = job({
    state: "printing",
    progress: { fraction: 0.1, seconds_left: 9, done_at: "2026-11-29T09:00:00Z" },
  });

  it("that tell only of its progress are taken as they are", () => {
    const news = { ...printing, progress: { fraction: 0.2, seconds_left: 8, done_at: null } };
    expect(changedMuch(printing, news)).toBe(false);
    expect(withProgress(printing, news).progress).toEqual({
      fraction: 0.2,
      seconds_left: 8,
      done_at: "2026-11-29T09:00:00Z",
    });
    expect(changedMuch(printing, { ...news, state: "paused" })).toBe(true);
    // Another file, or other lines left out: an approval is for what is shown.
    expect(changedMuch(printing, { ...news, mark: "of beta" })).toBe(true);
  });

  it("that the hub is at work on it count only while it is", () => {
    const work = { fraction: 0.6, message: "Slicing" };
    expect(withWork(printing, work)).toBe(printing);
    expect(withWork(job({ state: "slicing" }), work).progress?.fraction).toBe(0.6);
  });
});

it("the extension of a name is its last part", () => {
  expect(extensionOf("my.dragon.STL")).toBe("stl");
  expect(extensionOf("dragon")).toBe("");
});

describe("a refused file of G-code", () => {
  const problem = {
    code: "gcode-refused",
    title: "",
    hint: "",
    detail: "line 34: firmware: M997 <b>",
  };

  it("is told with its line", () => {
    expect(placeInFile(problem)).toEqual({ line: 34, text: "M997 <b>" });
  });

  it("has none where no line is to blame", () => {
    expect(placeInFile({ ...problem, detail: "line 0: empty: " })).toBeNull();
    expect(placeInFile({ ...problem, code: "no-slicer" })).toBeNull();
    expect(placeInFile(null)).toBeNull();
  });
});

describe("a list that is asked for again", () => {
  const known = job({ state: "queued", position: 4, done_at: "2026-11-29T09:00:00Z" });
  it("says the place of a job of which nothing else has changed", () => {
    const now = job({ state: "queued", position: 1, done_at: "2026-11-29T08:20:00Z" });
    expect(listed([now], [known])).toEqual([now]);
  });
  it("leaves what the stream has told since it was asked for, and what is not in it any more", () => {
    const told = job({ state: "printing", updated: "2026-11-29T08:00:01Z" });
    expect(listed([known], [told, job({ id: "b" })])).toEqual([told]);
  });
});
