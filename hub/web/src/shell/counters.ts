import { N_ } from "@classhub/client";
import { number, unitText, withUnit } from "@classhub/ui";

const COUNTERS: Record<string, string> = {
  connects: N_("Connected"),
  losses: N_("Connection lost"),
  events: N_("Events"),
  readings: N_("Readings"),
  frames: N_("Pictures received"),
  dropped: N_("Pictures left out as damaged"),
  bytes: N_("Bytes of pictures"),
  restarts: N_("Driver started again"),
  rss: N_("Memory of the driver"),
  processes: N_("Programs that the driver has started"),
  cpu_ms: N_("Processor time of the driver"),
  messages_dropped: N_("Messages left out"),
};

/** What a counter is called; those of streams have the stream's name in front ("view_frames"). */
export function counterTitle(name: string): string {
  return COUNTERS[name] ?? COUNTERS[name.slice(name.indexOf("_") + 1)] ?? name;
}

/** A counter's value with its unit. */
export function counterText(name: string, value: number): string {
  if (name === "rss" || name.endsWith("bytes")) return `${number(value / 1e6, 0)} MB`;
  if (name.endsWith("_ms")) return withUnit(number(value / 1000, 1), unitText("s"));
  return number(value, 1);
}
