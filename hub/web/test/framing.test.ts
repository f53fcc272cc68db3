import { FramingError, parseFrame } from "@classhub/client";
import { describe, expect, it } from "vitest";

function message(header: unknown, bytes: number[], claimed?: number): ArrayBuffer {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const whole = new Uint8Array(4 + text.length + bytes.length);
  new DataView(whole.buffer).setUint32(0, claimed ?? text.length);
  whole.set(text, 4);
  whole.set(bytes, 4 + text.length);
  return whole.buffer;
}

describe("a binary message of the stream", () => {
  it("gives header and picture bytes", () => {
    const frame = parseFrame(
      message(
        { sub: 2, frame: 1764000000123, time: "2026-11-24T00:00:00Z", type: "image/jpeg" },
        [0xff, 0xd8, 0xff, 0xd9],
      ),
    );
    expect(frame.sub).toBe(2);
    expect(frame.frame).toBe(1764000000123);
    expect(frame.type).toBe("image/jpeg");
    expect([...frame.bytes]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
  });

  it("counts the header in bytes, not in letters", () => {
    const frame = parseFrame(message({ sub: 1, frame: 5, type: "image/жпег" }, [7]));
    expect([...frame.bytes]).toEqual([7]);
  });

  it("may carry an empty picture", () => {
    expect(parseFrame(message({ sub: 1, frame: 5 }, [])).bytes.length).toBe(0);
  });

  it.each([
    ["shorter than its length field", new ArrayBuffer(3)],
    ["a header longer than the message", message({ sub: 1, frame: 1 }, [], 4000)],
    ["a header of four gigabytes", message({ sub: 1, frame: 1 }, [], 0xffffffff)],
    ["a header that is not JSON", message("{sub:", [1])],
    ["a header that is null", message("null", [1])],
    ["a header without a frame", message({ sub: 1 }, [1])],
  ])("is refused with %s", (_, data) => {
    expect(() => parseFrame(data)).toThrow(FramingError);
  });
});
