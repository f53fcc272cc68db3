import type { Device, DeviceState } from "@classhub/client";
import { t } from "./i18n.js";
import { givenName } from "./names.js";

export type Tone = "good" | "warn" | "bad" | "idle";

export interface Status {
  tone: Tone;
  /** How it is, in words. */
  text: string;
  /** What to do now; empty where nothing needs doing. */
  hint: string;
}

/** Say how a device is and what to do about it: presence, reachability, health, in this order. */
export function deviceStatus(state: DeviceState): Status {
  const problem = state.problem ?? null;
  if (state.presence === "absent") {
    return {
      tone: "bad",
      text: problem ? t(problem.title, problem.params) : t("Not plugged in"),
      hint: problem?.hint ? t(problem.hint, problem.params) : t("Check its cable and its power."),
    };
  }
  if (problem) {
    return {
      tone: problem.severity === "warning" ? "warn" : "bad",
      text: t(problem.title, problem.params),
      hint: problem.hint ? t(problem.hint, problem.params) : "",
    };
  }
  if (state.process === "starting") return { tone: "idle", text: t("Starting"), hint: "" };
  if (state.process === "restarting") return { tone: "warn", text: t("Starting again"), hint: "" };
  if (state.process === "stopped") return { tone: "idle", text: t("Switched off"), hint: "" };
  if (!state.reachable) {
    return {
      tone: "warn",
      text: t("Does not answer"),
      hint: t("Check its cable and its power."),
    };
  }
  const health = state.health ?? null;
  if (health && health.severity !== "ok") {
    return {
      tone: health.severity === "fault" ? "bad" : "warn",
      text: t(health.title, health.params),
      hint: health.hint ? t(health.hint, health.params) : "",
    };
  }
  return { tone: "good", text: t("Ready"), hint: "" };
}

/** What people call a device: its own name, or the title of its kind. */
export function deviceName(device: Pick<Device, "name" | "kind_title" | "id">): string {
  return givenName(device.name) || t(device.kind_title) || device.id;
}
