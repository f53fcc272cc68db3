/** What the hub says of jobs and printers, and what follows from it; no drawing. */
import type { Problem } from "@classhub/client";

export type JobState =
  | "uploaded"
  | "checking"
  | "refused"
  | "slicing"
  | "waiting"
  | "sent-back"
  | "queued"
  | "printing"
  | "paused"
  | "done"
  | "failed"
  | "cancelled";

export type Triple = [number, number, number];
export type Rotation = number[][];

/** Where something is, in millimetres of the model; at most 120 of `total` are listed. */
export interface Places {
  points: number[][];
  edges: number[][];
  triangles: number[][];
  total: number;
}

export interface Finding {
  code: string;
  severity: "refuse" | "warn" | "tell";
  title: string;
  hint: string;
  params?: Record<string, unknown>;
  places: Places;
}

export interface Standing {
  rotation: Rotation;
  overhang: number;
  base: number;
  height: number;
}

export interface UnitOffer {
  unit: string;
  factor: number;
  size: Triple;
}

export interface Verdict {
  kind: string;
  printable: boolean;
  repairable: boolean;
  triangles: number;
  bodies: number;
  size: Triple;
  low: Triple;
  mass: number;
  fits: boolean | null;
  turn: Rotation | null;
  findings: Finding[];
  units: UnitOffer[];
  standing: Standing;
  better: Standing | null;
}

export interface Settings {
  profile?: string | null;
  material?: string | null;
  infill?: number | null;
  supports?: boolean | null;
  brim?: boolean | null;
  copies?: number | null;
}

export interface Estimate {
  seconds: number | null;
  grams: number | null;
  millimetres?: number | null;
  layers?: number | null;
  height?: number | null;
}

export interface Progress {
  fraction: number;
  line?: number;
  lines?: number;
  layer?: number | null;
  layers?: number | null;
  height?: number | null;
  seconds_left: number | null;
  done_at: string | null;
  /** What the hub does just now, while it checks or slices (message id). */
  message?: string;
}

export interface Ending extends Problem {
  line?: number | null;
  lines?: number | null;
  height?: number | null;
  layer?: number | null;
}

export interface Someone {
  id: string;
  name: string;
}

export interface Version {
  asset: string;
  made: "upload" | "repair" | "scale" | "turn" | (string & {});
  created?: string;
}

/** The verdict in short. */
export interface Check {
  printable: boolean;
  tone: "good" | "warn" | "bad";
  /** The gravest finding, in the reader's language; empty where nothing was found. */
  title: string;
  findings: number;
  size: Triple;
}

/** Lines of the G-code that the printer is not sent, by reason. */
export interface LeftOut {
  reason: string;
  title: string;
  hint: string;
  count: number;
  line: number;
  words: { word: string; count: number; line: number }[];
}

/** That a camera took of a print. */
export interface Picture {
  role: "end" | "time-lapse";
  asset: string;
  content: string;
}

/** A job as lists have it. */
export interface JobItem {
  id: string;
  name: string;
  state: JobState;
  kind: "model" | "gcode";
  owner: Someone | null;
  lesson: string | null;
  group: string | null;
  printer: string | null;
  printer_wanted: string | null;
  position: number | null;
  settings: Settings;
  check: Check | null;
  left_out_lines: number;
  /** What an approval is for: the job's G-code and what is left out of it. */
  mark: string;
  estimate: Estimate | null;
  thumbnail: string | null;
  preview: string | null;
  layers: string | null;
  note: string;
  problem: Problem | null;
  /** For teachers: what may go wrong with it. */
  warning: Problem | null;
  progress: Progress | null;
  ending: Ending | null;
  /** When it will probably be done. */
  done_at: string | null;
  can: string[];
  created: string;
  updated: string;
  started: string | null;
  ended: string | null;
}

export interface Job extends JobItem {
  versions: Version[];
  verdict: Verdict | null;
  left_out: LeftOut[];
  pictures: Picture[];
}

export interface Volume {
  x: number;
  y: number;
  z: number;
}

export interface Plate {
  clear: boolean;
  job: PrintingJob | null;
  since: string | null;
  unseen_since: string | null;
  by: Someone | string | null;
}

/** The job that is on the printer. Whose it is only those are told who may see the job. */
export interface PrintingJob extends Pick<Job, "id" | "state" | "progress"> {
  name?: string | null;
  owner?: Someone | null;
  thumbnail?: string | null;
}

export interface Printer {
  id: string;
  name: string;
  /** As the device tells it; null while it is not reachable. */
  state: string | null;
  reachable: boolean;
  ready: boolean;
  plate: Plate;
  job: PrintingJob | null;
  queue_seconds: number | null;
  volume: Volume | null;
  nozzle: number | null;
  materials: string[] | null;
  spool: string | null;
  camera: string | null;
  profile: string;
  heaters_off_after: number;
  time_lapse: "off" | "layer";
  problem: Problem | null;
}

const LIVE: readonly JobState[] = ["uploaded", "checking", "slicing"];
const RUNNING: readonly JobState[] = ["printing", "paused"];
const OVER: readonly JobState[] = ["done", "failed", "cancelled"];
/** The owner has to do something. */
const ASKS: readonly JobState[] = ["refused", "sent-back"];

/** The hub is at work on it right now; it takes seconds. */
export const isWorking = (job: Pick<Job, "state">) => LIVE.includes(job.state);
/** It is on a printer. */
export const isRunning = (job: Pick<Job, "state">) => RUNNING.includes(job.state);
export const isOver = (job: Pick<Job, "state">) => OVER.includes(job.state);
export const asksOwner = (job: Pick<Job, "state">) => ASKS.includes(job.state);

export const wasInterrupted = (job: Pick<Job, "ending">) => job.ending?.code === "interrupted";

/** Whether the teacher has nothing to look at before approving it: a good model, nothing left out. */
export function isFine(job: JobItem): boolean {
  const nothing = !job.problem && !job.warning && !job.left_out_lines;
  return nothing && job.check?.tone === "good" && job.can.includes("approve");
}

/** What jobs take together; what is not known of one is left out. */
export function together(jobs: Pick<JobItem, "estimate">[]): { seconds: number; grams: number } {
  const sum = (of: "seconds" | "grams") =>
    jobs.reduce((all, job) => all + (job.estimate?.[of] ?? 0), 0);
  return { seconds: sum("seconds"), grams: sum("grams") };
}

/** What asks for something first, then what is under way, then what is over; each newest first. */
export function sortedJobs(jobs: JobItem[]): JobItem[] {
  const rank = (job: JobItem) => (asksOwner(job) ? 0 : isRunning(job) ? 1 : isOver(job) ? 3 : 2);
  return [...jobs].sort((a, b) => rank(a) - rank(b) || b.created.localeCompare(a.created));
}

/** How long a print that is over still stands on the home page, in milliseconds. */
const FRESH = 12 * 3_600_000;

/** What of somebody's jobs belongs on their home page: all that goes on, and what has just ended. */
export function atHome(jobs: JobItem[], now: number): JobItem[] {
  return sortedJobs(jobs).filter((job) => {
    if (!isOver(job)) return true;
    return job.state !== "cancelled" && now - Date.parse(job.ended ?? "") < FRESH;
  });
}

/** Put a job that the stream told of among those known; the newer one stays. */
export function withJob(jobs: JobItem[], news: JobItem): JobItem[] {
  const known = jobs.find((job) => job.id === news.id);
  if (!known) return [news, ...jobs];
  if (known.updated > news.updated) return jobs;
  return jobs.map((job) => (job === known ? news : job));
}

/**
 * The jobs as the hub lists them now; what the stream has told of one meanwhile is newer. Where a
 * job itself has not changed, its place in the queue and its time have: the list's are right.
 */
export function listed(items: JobItem[], before: JobItem[]): JobItem[] {
  return items.map((item) => {
    const known = before.find((job) => job.id === item.id);
    return known && known.updated > item.updated ? known : item;
  });
}

/** Whether news of a job tell more than that it has come a little further. */
export function changedMuch(known: JobItem, news: Partial<Job>): boolean {
  return (
    news.state !== known.state ||
    news.preview !== known.preview ||
    news.thumbnail !== known.thumbnail ||
    news.layers !== known.layers ||
    news.estimate?.seconds !== known.estimate?.seconds ||
    news.mark !== known.mark ||
    // Pictures come after the print has ended.
    ("pictures" in known && news.pictures?.length !== (known as Job).pictures.length)
  );
}

/** The job a little further. When it will be done is known only to those who ask: it moves along. */
export function withProgress<T extends JobItem>(known: T, news: Partial<JobItem>): T {
  if (!news.progress || isWorking(known))
    return { ...known, updated: news.updated ?? known.updated };
  const done_at = news.progress.done_at ?? known.progress?.done_at ?? null;
  return {
    ...known,
    updated: news.updated ?? known.updated,
    progress: { ...known.progress, ...news.progress, done_at },
  };
}

/** What the hub tells while it checks or slices. */
export interface Work {
  fraction: number;
  message: string;
}

/** The job with how far the hub's own work on it is. */
export function withWork<T extends JobItem>(known: T, work: Work): T {
  if (!isWorking(known)) return known;
  return { ...known, progress: { ...work, seconds_left: null, done_at: null } };
}

/** Something that the hub can do to a model at one tap. */
export type Offer =
  | { kind: "repair" }
  | { kind: "unit"; factor: number; size: Triple }
  | { kind: "fit"; rotation: Rotation }
  | { kind: "better"; rotation: Rotation }
  | { kind: "smaller"; factor: number; size: Triple }
  | { kind: "supports" }
  | { kind: "brim" };

/** A hair below the printer's volume, so that rounding does not make it too big again. */
const MARGIN = 0.98;

const WANTS_BRIM = new Set(["small-base", "no-base", "tips-over"]);

/** mm: what pupils make is mostly longer. */
const LIKELY = 25;

/** What is offered for a verdict, the most useful first. */
export function offersFor(verdict: Verdict, volume: Volume | null, settings: Settings): Offer[] {
  const offers: Offer[] = [];
  const found = (codes: Set<string>) => verdict.findings.some((one) => codes.has(one.code));
  if (verdict.repairable) offers.push({ kind: "repair" });
  const [first] = verdict.units;
  const unit: Offer[] = first ? [{ kind: "unit", factor: first.factor, size: first.size }] : [];
  // What would be a crumb in the other unit was rather meant to be large, and is a little too large.
  const crumb = first !== undefined && first.factor < 1 && Math.max(...first.size) < LIKELY;
  if (!crumb) offers.push(...unit);
  if (verdict.turn) offers.push({ kind: "fit", rotation: verdict.turn });
  else if (verdict.better) offers.push({ kind: "better", rotation: verdict.better.rotation });
  if (verdict.fits === false && !verdict.turn && volume) {
    const factor = fittingFactor(verdict.size, volume);
    const size = verdict.size.map((side) => side * factor) as Triple;
    if (factor < 1) offers.push({ kind: "smaller", factor, size });
  }
  if (crumb) offers.push(...unit);
  if (found(new Set(["overhang"])) && !settings.supports) offers.push({ kind: "supports" });
  if (found(WANTS_BRIM) && !settings.brim) offers.push({ kind: "brim" });
  return offers;
}

/** By how much to multiply a size so that it just fits as it stands, turned on the plate or not. */
export function fittingFactor(size: Triple, volume: Volume): number {
  const [x, y, z] = size;
  const across = Math.max(
    Math.min(volume.x / x, volume.y / y),
    Math.min(volume.x / y, volume.y / x),
  );
  const factor = Math.min(across, volume.z / z) * MARGIN;
  return factor < 1 ? Math.floor(factor * 1000) / 1000 : 1;
}

/** The finding to show first: the gravest that has a place. */
export function firstWithPlace(verdict: Verdict | null): number {
  return verdict?.findings.findIndex((one) => hasPlaces(one.places)) ?? -1;
}

export function hasPlaces(places: Places | undefined): boolean {
  return !!places && places.points.length + places.edges.length + places.triangles.length > 0;
}

/** How a verdict is told in one word: red, yellow or green. */
export function toneOf(verdict: Verdict): "bad" | "warn" | "good" {
  if (!verdict.printable) return "bad";
  return verdict.findings.some((one) => one.severity === "warn") ? "warn" : "good";
}

/** What is in the queue, in its order. */
export function sortedQueue(jobs: JobItem[]): JobItem[] {
  return jobs
    .filter((job) => job.state === "queued")
    .sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
}

/** Which of them go to a printer: those it was chosen for; null is any printer. */
export function queueOf(jobs: JobItem[], printer: string | null): JobItem[] {
  return sortedQueue(jobs).filter((job) => (job.printer ?? job.printer_wanted) === printer);
}

/**
 * A printer as news on the stream tell it; null where it must be asked for, because another job is
 * on it or on its plate: whose they are is not told there.
 */
export function withNews(known: Printer, news: Partial<Printer>): Printer | null {
  if (news.job?.id !== known.job?.id || news.plate?.clear !== known.plate.clear) return null;
  if (news.reachable !== known.reachable) return null;
  const job = known.job && news.job ? { ...known.job, ...news.job } : null;
  return { ...known, ...news, problem: known.problem, plate: known.plate, job };
}

/** The jobs in their new order, as they will be once the hub has moved one. */
export function moved<T extends Pick<JobItem, "id">>(
  queue: T[],
  id: string,
  before: string | null,
): T[] {
  const job = queue.find((one) => one.id === id);
  if (!job || before === id) return queue;
  const rest = queue.filter((one) => one.id !== id);
  const place = before === null ? rest.length : rest.findIndex((one) => one.id === before);
  return [
    ...rest.slice(0, place < 0 ? rest.length : place),
    job,
    ...rest.slice(place < 0 ? rest.length : place),
  ];
}

/** `STL` of `dragon.stl`; empty where the name says nothing. */
export function extensionOf(name: string): string {
  return /\.([a-z0-9]{1,6})$/i.exec(name)?.[1]?.toLowerCase() ?? "";
}

export const ACCEPTED = ".stl,.3mf,.obj,.ply,.glb,.gcode,.gco,.g,.bgcode";

/** Where in a file of G-code stands what it is refused for; the detail says "line 3: firmware: M997". */
export function placeInFile(problem: Problem | null): { line: number; text: string } | null {
  if (problem?.code !== "gcode-refused") return null;
  const found = /^line (\d+): [a-z-]+: (.+)$/.exec(problem.detail ?? "");
  return found ? { line: Number(found[1]), text: found[2] ?? "" } : null;
}
