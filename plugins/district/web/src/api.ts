import { N_ } from "@classhub/client";
import { clock, day, t } from "@classhub/ui";

/** How the uplink is: `GET /district`. */
export interface Uplink {
  status: "off" | "connecting" | "connected" | "not-reachable" | "refused" | "unusable";
  since: string;
  problem: { title: string; hint: string } | null;
  broker: string | null;
  name: string;
  school: string;
  waiting: number;
  dropped_samples: number;
  dropped_alerts: number;
}

/** Something that the district can ask for. */
export interface Command {
  name: string;
  title: string;
  plain: string;
}

/** A key of somebody at the district. */
export interface Key {
  id: string;
  name: string;
  added: string;
}

/** Something that the district has asked for. */
export interface Asked {
  id: string;
  title: string;
  plain: string;
  device: string | null;
  device_name: string | null;
  reason: string;
  signer: string;
  came: string;
  expires: string;
  changed: string;
  state: string;
  agreed: string;
  code: string;
  result: string;
  result_language: string;
  bundle: boolean;
}

/** What the district may have done here: `GET /district/hands`. */
export interface Hands {
  allowed: boolean;
  standing: string[];
  until: string | null;
  commands: Command[];
  keys: Key[];
  waiting: Asked[];
  earlier: Asked[];
  time: string;
  clock_wrong: boolean;
}

/** A time, with its day where that is not today. */
export function moment(time: string): string {
  const date = new Date(time);
  const today = date.toDateString() === new Date().toDateString();
  return today ? clock(date) : `${day(date)} ${clock(date)}`;
}

const STATUS: Record<Uplink["status"], string> = {
  off: N_("No district is set."),
  connecting: N_("Connecting …"),
  connected: N_("Reached"),
  "not-reachable": N_("Not reachable"),
  refused: N_("Not let in"),
  unusable: N_("The certificate cannot be used"),
};

/** How the uplink is, in words. */
export function statusText(status: Uplink["status"]): string {
  return t(STATUS[status]);
}

const STATES: Record<string, string> = {
  doing: N_("is being done"),
  done: N_("done"),
  failed: N_("not done"),
  declined: N_("declined"),
  expired: N_("nobody agreed in time"),
  unknown: N_("begun; the hub was ended meanwhile, nobody knows whether it was done"),
};

/** How far something is, in words. */
export function stateText(state: string): string {
  return t(STATES[state] ?? state);
}

/** The colour of a state. */
export function stateTone(state: string): string {
  if (state === "done") return "good";
  return state === "failed" || state === "unknown" ? "bad" : "idle";
}
