import { t } from "@classhub/ui";
import type { Computer } from "./api.js";
import { durationText } from "./words.js";

export interface Note {
  text: string;
  /** What to type to learn or mend it. */
  command: string;
  /** Something is wrong: it is more than a thing that lacks. */
  icon?: "warning" | "clock";
}

/** What is not known of the computer, why, and what to do. */
export function notes(now: Computer): Note[] {
  if (now.state === "missing")
    return [
      {
        text: t(
          "How disks, USB ports and the clock are is known where the hub is installed as a service.",
        ),
        command: "",
      },
    ];
  if (now.state === "bad")
    return [
      {
        text: t("What the computer says of its disks and USB ports cannot be read."),
        command: "journalctl -u classhub-computer",
        icon: "warning",
      },
    ];
  const found: Note[] = [];
  if (now.state === "stale")
    found.push({
      text: t(
        "This is how disks and USB ports were {time} ago; since then the computer has not said.",
        { time: durationText(now.age ?? 0) },
      ),
      command: "sudo systemctl restart classhub-computer.timer",
      icon: "clock",
    });
  if (now.smart === "missing" && now.disks.length)
    found.push({
      text: t("Disks cannot be asked how they are:"),
      command: "sudo apt install smartmontools",
    });
  if (now.smart === "failed")
    found.push({
      text: t("The disks were asked and have not answered."),
      command: "journalctl -u classhub-computer",
      icon: "warning",
    });
  if (now.kernel_log === "unreadable")
    found.push({
      text: t("USB errors are not known: the kernel's log cannot be read."),
      command: "journalctl -u classhub-computer",
      icon: "warning",
    });
  return found;
}
