import type { FrameMessage } from "@classhub/client";
import { describe, expect, it } from "vitest";
import { FramePump } from "../src/live/pump.js";

const frame = (id: number): FrameMessage => ({
  sub: 1,
  frame: id,
  time: 0,
  type: "image/jpeg",
  bytes: new Uint8Array(),
});

function parts(log: string[]) {
  let drawn: () => void = () => {};
  return {
    finish: () => drawn(),
    decode: async (message: FrameMessage) => {
      log.push(`decode ${message.frame}`);
      return message.frame;
    },
    draw: (picture: number) =>
      new Promise<void>((done) => {
        log.push(`draw ${picture}`);
        drawn = done;
      }),
    drawn: (message: FrameMessage) => log.push(`drawn ${message.frame}`),
    broken: (message: FrameMessage) => log.push(`broken ${message.frame}`),
    ack: (id: number) => log.push(`ack ${id}`),
  };
}

const settled = () => new Promise((done) => setTimeout(done));

describe("the pump of pictures", () => {
  it("acknowledges only after the picture has been drawn", async () => {
    const log: string[] = [];
    const made = parts(log);
    const pump = new FramePump(made);
    const done = pump.take(frame(1));
    await settled();
    expect(log).toEqual(["decode 1", "draw 1"]);
    made.finish();
    await done;
    expect(log).toEqual(["decode 1", "draw 1", "drawn 1", "ack 1"]);
  });

  it("acknowledges a broken picture too, so that the next one comes", async () => {
    const log: string[] = [];
    const pump = new FramePump({
      ...parts(log),
      decode: async () => {
        throw new Error("not a JPEG");
      },
    });
    await pump.take(frame(3));
    expect(log).toEqual(["broken 3", "ack 3"]);
  });

  it("neither draws nor acknowledges once it is stopped", async () => {
    const log: string[] = [];
    const made = parts(log);
    const pump = new FramePump(made);
    const done = pump.take(frame(4));
    pump.stop();
    await done;
    await pump.take(frame(5));
    expect(log).toEqual(["decode 4"]);
  });
});
