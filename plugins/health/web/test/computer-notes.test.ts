import { describe, expect, it } from "vitest";
import type { Computer } from "../src/api.js";
import { notes } from "../src/computer-notes.js";

const well: Computer = {
  state: "fresh",
  age: 60,
  smart: "ok",
  kernel_log: "ok",
  disks: [],
  ports: [],
  clock: null,
};
const commands = (part: Partial<Computer>) => notes({ ...well, ...part }).map((one) => one.command);

describe("what is not known of the computer", () => {
  it("is nothing where it has told everything", () => {
    expect(commands({})).toEqual([]);
  });

  it("is said with what to do, each thing for itself", () => {
    const asked = ["journalctl -u classhub-computer", "journalctl -u classhub-computer"];
    expect(commands({ smart: "failed", kernel_log: "unreadable" })).toEqual(asked);
    expect(commands({ state: "stale", smart: "failed" })).toHaveLength(2);
    expect(commands({ state: "missing", smart: null, kernel_log: null })).toEqual([""]);
    expect(commands({ state: "bad", smart: null, kernel_log: null })).toHaveLength(1);
  });

  it("asks for smartctl only where there are disks to ask", () => {
    const disk = { name: "sda", model: "", passed: null, temperature: null, hours: null };
    expect(commands({ smart: "missing" })).toEqual([]);
    expect(commands({ smart: "missing", disks: [{ ...disk, used: null, damaged: null }] })).toEqual(
      ["sudo apt install smartmontools"],
    );
  });
});
