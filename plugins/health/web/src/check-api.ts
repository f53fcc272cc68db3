/** What the routes of the check before the lesson answer, and how a page follows it. */
import { hub, type Problem, problemOf } from "@classhub/client";
import { i18n, t, tn } from "@classhub/ui";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { HealthStatus } from "./api.js";

export interface CheckResult {
  device: string;
  name: string;
  kind_title: string;
  icon: string;
  status: HealthStatus;
  code: string | null;
  said: string;
  hint: string;
  tried: string;
  seconds: number;
}

export interface Check {
  id: number;
  began: string;
  ended: string;
  by: "timetable" | "person";
  status: HealthStatus;
  results: CheckResult[];
}

export interface CheckState {
  running: boolean;
  done: number;
  of: number;
  at: string | null;
  newest: Check | null;
}

interface Told {
  running: boolean;
  done: number | null;
  of: number | null;
}

/** The check as it is now, and the button that begins one. */
export class CheckControl implements ReactiveController {
  state: CheckState | null = null;
  problem: Problem | null = null;
  private end: (() => void) | null = null;
  private readonly again = () => void this.load();

  /** `told` is called each time that a check has ended. */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly told: () => void = () => {},
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.end = hub.stream.subscribe("x/health/check", (_, payload) => this.hear(payload as Told));
    i18n.addEventListener("change", this.again);
    void this.load();
  }

  hostDisconnected(): void {
    this.end?.();
    i18n.removeEventListener("change", this.again);
  }

  async begin(): Promise<void> {
    await this.ask(() => hub.api.post<CheckState>("/health/check"));
  }

  private hear(told: Told | null): void {
    if (!told || !this.state) return;
    const ended = this.state.running && !told.running;
    this.state = {
      ...this.state,
      running: told.running,
      done: told.done ?? this.state.done,
      of: told.of ?? this.state.of,
    };
    this.host.requestUpdate();
    if (ended) void this.load().then(this.told);
  }

  private async load(): Promise<void> {
    await this.ask(() => hub.api.get<CheckState>("/health/check"));
  }

  private async ask(work: () => Promise<CheckState>): Promise<void> {
    try {
      this.state = await work();
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.host.requestUpdate();
  }
}

/** What a check has found, in one line. */
export function verdict(check: Check): string {
  const count = (status: HealthStatus) =>
    check.results.filter((one) => one.status === status).length;
  const faults = count("fault");
  if (faults) return tn("{n} device does not work", "{n} devices do not work", faults);
  const warnings = count("warning");
  if (warnings) return tn("{n} device needs a look", "{n} devices need a look", warnings);
  return check.results.length ? t("Everything works") : t("No device is in use yet.");
}
