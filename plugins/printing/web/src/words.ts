/** States, times and amounts in words. */
import { hub, N_, type Problem } from "@classhub/client";
import { clock, day, i18n, number, type Tone, t } from "@classhub/ui";
import { isOver, type JobItem, type JobState, type Someone, wasInterrupted } from "./model.js";

const STATES: Record<JobState, string> = {
  uploaded: N_("Your file has come"),
  checking: N_("Being checked"),
  refused: N_("Cannot be printed like this"),
  slicing: N_("Being made ready"),
  waiting: N_("Waits for the teacher"),
  "sent-back": N_("Sent back to you"),
  queued: N_("In the queue"),
  printing: N_("Printing"),
  paused: N_("Paused"),
  done: N_("Printed"),
  failed: N_("Did not work out"),
  cancelled: N_("Cancelled"),
};

const NEXT: Record<JobState, string> = {
  uploaded: N_("The hub has your file. Wait a moment."),
  checking: N_("The hub looks at the model from all sides."),
  refused: N_("Open it and see what is marked in red."),
  slicing: N_("The hub works out how long it takes and how much plastic it needs."),
  waiting: N_("You are done: your teacher looks at it next."),
  "sent-back": N_("Read the note, change the model and send it once more."),
  queued: N_("It is printed as soon as it is its turn."),
  printing: N_("The printer is at work on it."),
  paused: N_("It goes on when somebody at the printer says so."),
  done: N_("Ask your teacher for the finished part."),
  failed: N_("Ask your teacher whether to print it again."),
  cancelled: N_("It is not printed. You can hand it in again."),
};

/** Said otherwise to those whose job it is not. */
const OTHERS: Partial<Record<JobState, string>> = {
  waiting: N_("Waits for approval"),
  "sent-back": N_("Sent back"),
};

/** Where what comes next is the owner's affair. */
const OWNERS: ReadonlySet<JobState> = new Set<JobState>([
  "waiting",
  "sent-back",
  "done",
  "failed",
  "cancelled",
]);

const TONES: Partial<Record<JobState, Tone>> = {
  refused: "bad",
  failed: "bad",
  "sent-back": "warn",
  paused: "warn",
  done: "good",
  printing: "good",
};

/** Whether it is the reader's own job; teachers read about the jobs of others. */
export function isMine(job: { owner?: Someone | null }): boolean {
  const me = hub.session.principal;
  return me !== null && job.owner?.id === (me.person ?? me.id);
}

export function stateText(job: Pick<JobItem, "state" | "ending" | "owner">): string {
  if (wasInterrupted(job)) return t("Interrupted");
  if (!isMine(job) && job.state in OTHERS) return t(OTHERS[job.state] ?? "");
  return t(STATES[job.state] ?? job.state);
}

export function stateTone(state: JobState): Tone {
  return TONES[state] ?? "idle";
}

/** What happens next, or what the reader is to do now; empty where there is nothing to say. */
export function nextText(job: JobItem): string {
  if (job.state === "sent-back" && job.note) {
    const words = isMine(job) ? N_("Your teacher writes: {note}") : N_("The note: {note}");
    return t(words, { note: job.note });
  }
  if (job.state === "queued" && job.position) return queueText(job, job.position);
  const problem = isOver(job) ? (job.ending ?? job.problem) : job.problem;
  if (problem?.title && job.state !== "cancelled") return problemText(problem);
  if (!isMine(job) && OWNERS.has(job.state)) return "";
  return t(NEXT[job.state] ?? "");
}

function problemText(problem: Problem): string {
  return [t(problem.title, problem.params), t(problem.hint ?? "", problem.params)]
    .filter(Boolean)
    .join(" ");
}

/** Its place, when it will be done, and what is in its way beside those before it. */
function queueText(job: JobItem, position: number): string {
  const words = [t("Place {n} in the queue.", { n: position })];
  if (job.done_at) words.push(t("Probably done at {time}.", { time: moment(job.done_at) }));
  const { problem } = job;
  // Others are printed first: the place says it.
  if (!problem || problem.code === "printer-busy") return words.join(" ");
  const others = problem.code === "plate-not-clear" && !hub.session.may("teacher");
  words.push(
    others
      ? t("The next print begins once the teacher has looked that the plate is clear.")
      : problemText(problem),
  );
  return words.join(" ");
}

/** Where a print stopped that did not come to its end; empty where that is not known. */
export function stoppedText(job: Pick<JobItem, "state" | "ending">): string {
  const { line, lines, height } = job.ending ?? {};
  if (!isOver(job) || !line) return "";
  const params = { line: number(line, 0), lines: number(lines ?? 0, 0), height: "" };
  if (height === null || height === undefined) {
    return lines
      ? t("It stopped at line {line} of {lines}.", params)
      : t("It stopped at line {line}.", params);
  }
  params.height = number(height, 1);
  return lines
    ? t("It stopped at line {line} of {lines}, {height} mm above the plate.", params)
    : t("It stopped at line {line}, {height} mm above the plate.", params);
}

/** A time as one says it: 45 s, 12 min, 1 h 05 min. */
export function duration(seconds: number): string {
  if (seconds < 60) return t("{n} s", { n: Math.max(1, Math.round(seconds)) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t("{n} min", { n: minutes });
  const rest = minutes % 60;
  const hours = Math.floor(minutes / 60);
  return rest === 0
    ? t("{n} h", { n: hours })
    : t("{h} h {min} min", { h: hours, min: String(rest).padStart(2, "0") });
}

export function grams(amount: number): string {
  return t("{n} g", { n: number(amount, amount < 10 ? 1 : 0) });
}

/** 14:05 today, else with its day. */
export function moment(time: string | number): string {
  const then = new Date(time);
  return then.toDateString() === new Date().toDateString()
    ? clock(then)
    : `${day(then)}, ${clock(then)}`;
}

/** 20 × 30 × 8 mm. */
export function sizeText(size: readonly number[]): string {
  return `${size.map((side) => number(side, side < 10 ? 1 : 0)).join(" × ")} ${t("mm")}`;
}

export function percent(fraction: number): string {
  const figure = number(Math.floor(fraction * 100), 0);
  return i18n.language === "ru" ? `${figure}\u00a0%` : `${figure}%`;
}
