/** What the plugin's routes answer. */
import type { Tone } from "@classhub/ui";

export type HealthStatus = "ok" | "warning" | "fault";

export interface UptimeShare {
  /** 0 to 1; null where nothing is known. */
  share: number | null;
  known: number;
  downs: number;
}

export interface DeviceHealth {
  device: string;
  name: string;
  kind_title: string;
  icon: string;
  status: HealthStatus;
  said: string;
  hint: string;
  since: string;
  days: (UptimeShare & { day: string })[];
  week: UptimeShare;
  since_yesterday: number;
}

export interface Summary {
  status: HealthStatus;
  devices: DeviceHealth[];
  computer: Record<string, number>;
  dropped: number;
}

export interface Alert {
  id: string;
  state: "firing" | "acknowledged" | "known" | "cleared";
  severity: "warning" | "fault";
  title: string;
  /** Whom it is about; empty where the title says it. */
  about: string;
  hint: string;
  /** What is measured just now of what is beyond a limit. */
  values: { title: string; unit: string; value: number }[];
  devices: { device: string; name: string; wrong: boolean }[];
  fired: string;
  cleared: string | null;
  flapping: boolean;
  times: number;
  escalated: boolean;
  by: string;
  note: string;
}

export interface AlertRule {
  id: string;
  watch: "device" | "series" | "hub";
  enabled: boolean;
  origin: "shipped" | "file" | "page";
  /** Which fields were changed on the page. */
  changed: string[];
  title: string;
  hint: string;
  severity: "warning" | "fault" | null;
  delay: number;
  hold: number;
  escalate: number;
  urgent: boolean;
  lesson: boolean;
  /** Ids of destinations; empty: all. */
  tell: string[];
  limit: string;
  when: string;
  above: number | null;
  below: number | null;
  clear: number | null;
  within: number;
}

export interface Destination {
  id: string;
  name: string;
  service: string;
  least: "warning" | "fault";
  language: "kk" | "ru" | "en" | null;
  escalations_only: boolean;
  fixed: boolean;
  failing: boolean;
  said: string;
}

export interface ComputerDisk {
  name: string;
  model: string;
  passed: boolean | null;
  temperature: number | null;
  hours: number | null;
  used: number | null;
  damaged: number | null;
}

export interface ComputerPort {
  port: string;
  name: string;
  bad: number;
  said: string;
}

export interface Computer {
  state: "fresh" | "stale" | "missing" | "bad";
  age: number | null;
  smart: "ok" | "missing" | "failed" | null;
  kernel_log: "ok" | "unreadable" | null;
  disks: ComputerDisk[];
  ports: ComputerPort[];
  clock: { synchronised: boolean; at_most: number } | null;
}

export interface SpeedFound {
  id: number;
  at: string;
  /** Mbit/s; null where it was not measured. */
  download: number | null;
  upload: number | null;
  bytes: number;
  address: string;
  by: "timetable" | "person";
  said: string;
}

export interface Network {
  watched: boolean;
  internet: string;
  asked: {
    what: string;
    title: string;
    address: string;
    up: boolean;
    seconds: number;
    said: string;
  }[];
  speed_set: boolean;
  speed_at: string | null;
  measuring: boolean;
  speed: SpeedFound | null;
  failed: { code: string; said: string; hint: string; detail: string } | null;
}

export interface Change {
  time: string;
  device: string;
  up: boolean;
  presence: string;
  process: string;
  code: string | null;
  said: string;
}

/** A lesson of the school day, over the last days. */
export interface LessonShare extends UptimeShare {
  begins: string;
}

export interface Series {
  id: number;
  subject: string;
  name: string;
  title: string;
  unit: string;
  sums: boolean;
}

export interface Plot {
  series: Series;
  step: number;
  times: number[];
  values: number[];
  least: number[];
  most: number[];
}

export const TONES: Record<HealthStatus, Tone> = { ok: "good", warning: "warn", fault: "bad" };

/** How good a share of the school's hours is: what its square looks like. */
export function shareTone(share: number | null): Tone {
  if (share === null) return "idle";
  if (share >= 0.99) return "good";
  return share >= 0.9 ? "warn" : "bad";
}
