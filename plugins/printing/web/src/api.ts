/** The plugin's calls of the hub, and the lists that stay up to date by themselves. */
import { ApiProblem, hub, N_, type Page, type Problem, problemOf } from "@classhub/client";
import { type HubElement, i18n } from "@classhub/ui";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import {
  changedMuch,
  type Job,
  type JobItem,
  type JobState,
  listed,
  type Printer,
  type Settings,
  type Work,
  withJob,
  withNews,
  withProgress,
  withWork,
} from "./model.js";

const path = (job: string, step = "") =>
  `/print-jobs/${encodeURIComponent(job)}${step ? `/${step}` : ""}`;

export const getJob = (id: string) => hub.api.get<Job>(path(id));

/** Take a step with a job: `approve`, `send-back`, `cancel`, `repair`, `change`, …; returns it as it is then. */
export const take = (id: string, step: string, body: unknown = {}) =>
  hub.api.post<Job>(path(id, step), body);

/** Approve what the teacher has before them: a job that has become another meanwhile is not approved. */
export const approve = (job: Pick<JobItem, "id" | "mark">) =>
  take(job.id, "approve", { mark: job.mark });

export const setJob = (
  id: string,
  what: { name?: string; printer?: string | null; settings?: Settings },
) => hub.api.patch<Job>(path(id), what);

export const deleteJob = (id: string) => hub.api.delete(path(id));

export const fromAsset = (asset: string) => hub.api.post<Job>("/print-jobs/from-asset", { asset });

export const printerPath = (id: string, step = "") =>
  `/printers/${encodeURIComponent(id)}${step ? `/${step}` : ""}`;

/** Which jobs: all in these states, or a page of somebody's newest. */
export interface Which {
  state?: JobState[];
  owner?: string;
}

/** The oldest of those that wait must not be hidden behind newer ones: of states all are asked for. */
export async function listJobs({ state, owner }: Which): Promise<JobItem[]> {
  if (state) return hub.api.all<JobItem>("/print-jobs", { state: state.join(","), owner });
  return (await hub.api.get<Page<JobItem>>("/print-jobs", { limit: 100, owner })).items;
}

/** Hand a file in. `progress` hears which share of it has arrived; `replaces` sends a new version of a job. */
export function upload(
  file: File,
  options: { progress: (fraction: number) => void; replaces?: string; signal?: AbortSignal },
): Promise<Job> {
  const form = new FormData();
  form.set("name", file.name);
  form.set("file", file);
  const url = hub.api.url(options.replaces ? path(options.replaces, "file") : "/print-jobs");
  return new Promise((resolve, reject) => {
    // `fetch` does not tell how much of a body has been sent.
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", hub.api.language());
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) options.progress(event.loaded / event.total);
    };
    request.onerror = () => reject(new ApiProblem(LOST, 0));
    request.onabort = () => reject(new ApiProblem(STOPPED, 0));
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status < 300 && answer) resolve(answer as Job);
      else
        reject(
          new ApiProblem(
            (answer as Problem | null)?.title ? (answer as Problem) : ODD,
            request.status,
          ),
        );
    };
    options.signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const LOST: Problem = {
  code: "upload-lost",
  title: N_("The file did not arrive."),
  hint: N_("Check that this device is on the class network, and send the file once more."),
};
const STOPPED: Problem = { code: "upload-stopped", title: N_("Sending was stopped."), hint: "" };
const ODD: Problem = {
  code: "upload-odd",
  title: N_("The hub did not take the file."),
  hint: N_("Send it once more. If it happens again, tell the lab engineer."),
};

/** Milliseconds after which a list is asked for although the stream does not answer. */
const PATIENCE = 1_500;

function soon(work: () => void): () => void {
  const timer = setTimeout(work, PATIENCE);
  return () => clearTimeout(timer);
}

/** Jobs, kept up to date by the stream while the host is in the page. */
export class JobList implements ReactiveController {
  jobs: JobItem[] | null = null;
  problem: Problem | null = null;
  private endings: (() => void)[] = [];
  private readonly again = () => void this.load();

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly query: () => Which | null,
    /** Whether a job that the stream tells of belongs into the list. */
    private readonly belongs: (job: Pick<JobItem, "state" | "owner">) => boolean = () => true,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    if (!this.query()) return;
    i18n.addEventListener("change", this.again);
    this.endings = [
      hub.stream.subscribe(
        "x/printing/jobs/+",
        (topic, payload) => this.hear(topic, payload),
        this.again,
      ),
      hub.stream.subscribe("x/printing/jobs/+/work", (topic, payload) =>
        this.hearWork(topic.split("/").at(-2) ?? "", payload as Work),
      ),
      () => i18n.removeEventListener("change", this.again),
      soon(() => this.jobs === null && void this.load()),
    ];
  }

  hostDisconnected(): void {
    for (const end of this.endings.splice(0)) end();
  }

  async load(): Promise<void> {
    const query = this.query();
    if (!query) return;
    try {
      const items = await listJobs(query);
      this.jobs = listed(items, this.jobs ?? []);
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.host.requestUpdate();
  }

  /** Take a job as an answer of the hub says it is. */
  put(job: JobItem): void {
    const jobs = this.jobs ?? [];
    this.jobs = this.belongs(job) ? withJob(jobs, job) : jobs.filter((one) => one.id !== job.id);
    this.host.requestUpdate();
  }

  drop(id: string): void {
    this.jobs = (this.jobs ?? []).filter((job) => job.id !== id);
    this.host.requestUpdate();
  }

  private hear(topic: string, payload: unknown): void {
    const id = topic.split("/").at(-1) ?? "";
    const known = this.jobs?.find((job) => job.id === id);
    const news = payload as (Partial<Job> & { deleted?: boolean }) | null;
    if (news === null || news.deleted || !this.belongs(news as JobItem)) {
      if (known) this.drop(id);
    } else if (known && !changedMuch(known, news)) this.put(withProgress(known, news));
    // The stream tells everybody the same: words in the reader's language and `can` are asked for.
    else void this.renew(id);
  }

  private hearWork(id: string, work: Work): void {
    const known = this.jobs?.find((job) => job.id === id);
    if (known) this.put(withWork(known, work));
  }

  private async renew(id: string): Promise<void> {
    try {
      this.put(await getJob(id));
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404) this.drop(id);
    }
  }
}

/** Between two looks at where jobs stand in the queue, in milliseconds. */
const PLACES = 30_000;
const SOON = 500;

/** Places and times change with the jobs of others, of which pupils are not told: look again. */
export class Places implements ReactiveController {
  private end: () => void = () => {};

  constructor(
    host: HubElement,
    /** Whether there is a job in the queue whose place is shown. */
    private readonly shown: () => boolean,
    private readonly load: () => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => this.shown() && this.load();
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(look, SOON);
    };
    const every = setInterval(look, PLACES);
    const leave = hub.stream.subscribe("x/printing/printers/+", soon);
    this.end = () => {
      clearInterval(every);
      clearTimeout(timer);
      leave();
    };
  }

  hostDisconnected(): void {
    this.end();
  }
}

/** The hub's printers with their plates and jobs, kept up to date. */
export class PrinterList implements ReactiveController {
  printers: Printer[] | null = null;
  problem: Problem | null = null;
  private endings: (() => void)[] = [];
  private readonly again = () => void this.load();

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    i18n.addEventListener("change", this.again);
    this.endings = [
      hub.stream.subscribe(
        "x/printing/printers/+",
        (topic, payload) => this.hear(topic, payload),
        this.again,
      ),
      () => i18n.removeEventListener("change", this.again),
      soon(() => this.printers === null && void this.load()),
    ];
  }

  hostDisconnected(): void {
    for (const end of this.endings.splice(0)) end();
  }

  of(id: string | null | undefined): Printer | null {
    return this.printers?.find((printer) => printer.id === id) ?? null;
  }

  /** The printer for which a model is drawn: the wanted one, else the only or first one. */
  for(job: Pick<JobItem, "printer" | "printer_wanted"> | null): Printer | null {
    return this.of(job?.printer ?? job?.printer_wanted) ?? this.printers?.[0] ?? null;
  }

  async load(): Promise<void> {
    try {
      this.printers = (await hub.api.get<Page<Printer>>("/printers")).items;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.host.requestUpdate();
  }

  put(printer: Printer): void {
    this.printers = (this.printers ?? []).map((one) => (one.id === printer.id ? printer : one));
    this.host.requestUpdate();
  }

  private hear(topic: string, payload: unknown): void {
    const id = topic.split("/").at(-1) ?? "";
    const news = payload as Partial<Printer> | null;
    // Before the list is there it is under way, and says the same.
    if (this.printers === null) return;
    const known = this.of(id);
    const printer = known && news ? withNews(known, news) : null;
    if (printer) this.put(printer);
    else void this.load();
  }
}
