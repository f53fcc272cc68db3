import { describe, expect, it } from "vitest";
import { BARE, boxOfPoints, decodePoints, encodePoints, FULL } from "../src/model/points.js";

const SAMPLES = [
  { x: 100, y: 50, pressure: 0, tiltX: 0, tiltY: 0, twist: 0, time: 0 },
  { x: 101.5, y: 48.25, pressure: 0.5, tiltX: -30.25, tiltY: 12.5, twist: 359.99, time: 5.001 },
  { x: 90, y: 60, pressure: 1, tiltX: 90, tiltY: -90, twist: 180, time: 10 },
];

describe("points", () => {
  it("come back as they went, exact to what the format holds", () => {
    const bytes = encodePoints(SAMPLES, 100, 50, FULL);
    expect(bytes.length).toBe(8 + 3 * 20);
    const ink = decodePoints(bytes, 100, 50);
    SAMPLES.forEach((sample, index) => {
      const read = ink?.sample(index);
      expect(read?.x).toBeCloseTo(sample.x, 4);
      expect(read?.y).toBeCloseTo(sample.y, 4);
      expect(read?.pressure).toBeCloseTo(sample.pressure, 4);
      expect(read?.tiltX).toBeCloseTo(sample.tiltX, 2);
      expect(read?.tiltY).toBeCloseTo(sample.tiltY, 2);
      expect(read?.twist).toBeCloseTo(sample.twist, 2);
      expect(read?.time).toBeCloseTo(sample.time, 3);
    });
    expect(boxOfPoints(bytes, 100, 50)).toEqual({ x: 90, y: 48.25, width: 11.5, height: 11.75 });
  });

  it("are bytes as docs/boards.md says", () => {
    const bytes = encodePoints(SAMPLES.slice(0, 2), 100, 50, { ...BARE, pressure: true });
    expect([...bytes]).toEqual([
      1, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x89, 0x13, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0,
      0, 0, 0, 0xe0, 0xbf, 0, 0, 0, 0x80,
    ]);
  });

  it("say middle pressure and an upright pen where the device feels neither", () => {
    const ink = decodePoints(encodePoints(SAMPLES, 0, 0, BARE), 0, 0);
    expect(ink?.sample(1)).toMatchObject({ pressure: 0.5, tiltX: 0, tiltY: 0, twist: 0 });
  });

  it("may begin anywhere in a buffer", () => {
    const bytes = encodePoints(SAMPLES, 0, 0, FULL);
    const odd = new Uint8Array(bytes.length + 3);
    odd.set(bytes, 3);
    expect(decodePoints(odd.subarray(3), 0, 0)?.length).toBe(3);
  });

  it("are refused where they are none, whatever byte is wrong", () => {
    const bytes = encodePoints(SAMPLES, 0, 0, FULL);
    expect(decodePoints(new Uint8Array(0), 0, 0)).toBeNull();
    expect(decodePoints(bytes.slice(0, -1), 0, 0)).toBeNull();
    expect(decodePoints(new Uint8Array([...bytes, 0]), 0, 0)).toBeNull();
    for (const [place, value] of [
      [0, 2],
      [1, 8],
      [1, 3],
      [2, 1],
      [4, 0],
      [7, 255],
    ] as const) {
      const wrong = bytes.slice();
      wrong[place] = value;
      expect(decodePoints(wrong, 0, 0), `${place}`).toBeNull();
    }
    const nowhere = encodePoints(SAMPLES, 0, 0, BARE);
    new DataView(nowhere.buffer).setFloat32(8 + 4 * 3, Number.NaN, true);
    expect(boxOfPoints(nowhere, 0, 0)).toBeNull();
  });

  it("never go back in time", () => {
    const back = SAMPLES.map((sample, index) => ({
      ...sample,
      time: index === 2 ? 1 : sample.time,
    }));
    const ink = decodePoints(encodePoints(back, 0, 0, FULL), 0, 0);
    expect(ink?.sample(2).time).toBeCloseTo(5.001, 3);
  });
});
