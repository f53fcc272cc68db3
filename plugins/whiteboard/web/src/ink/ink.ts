/** The samples of a stroke as they came: never smoothed, never thinned out. */

/** Figures a sample has: x, y, pressure, tilt X, tilt Y, twist, milliseconds since the first. */
export const STRIDE = 7;

export interface Sample {
  x: number;
  y: number;
  /** 0 to 1. */
  pressure: number;
  /** Degrees from upright; to the right and towards the writer. */
  tiltX: number;
  tiltY: number;
  /** Degrees clockwise. */
  twist: number;
  /** Milliseconds since the stroke began. */
  time: number;
}

/** A growing run of samples in one block of memory. */
export class Ink {
  private data: Float32Array;
  length = 0;

  constructor(room = 64) {
    this.data = new Float32Array(room * STRIDE);
  }

  static of(samples: Iterable<Sample>): Ink {
    const ink = new Ink();
    for (const sample of samples) ink.push(sample);
    return ink;
  }

  push(sample: Sample): void {
    this.add(
      sample.x,
      sample.y,
      sample.pressure,
      sample.tiltX,
      sample.tiltY,
      sample.twist,
      sample.time,
    );
  }

  add(
    x: number,
    y: number,
    pressure: number,
    tiltX: number,
    tiltY: number,
    twist: number,
    time: number,
  ): void {
    const at = this.length * STRIDE;
    if (at + STRIDE > this.data.length) {
      const larger = new Float32Array(this.data.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    const { data } = this;
    data[at] = x;
    data[at + 1] = y;
    data[at + 2] = pressure;
    data[at + 3] = tiltX;
    data[at + 4] = tiltY;
    data[at + 5] = twist;
    data[at + 6] = time;
    this.length += 1;
  }

  x(index: number): number {
    return this.data[index * STRIDE] ?? 0;
  }

  y(index: number): number {
    return this.data[index * STRIDE + 1] ?? 0;
  }

  pressure(index: number): number {
    return this.data[index * STRIDE + 2] ?? 0;
  }

  tiltX(index: number): number {
    return this.data[index * STRIDE + 3] ?? 0;
  }

  tiltY(index: number): number {
    return this.data[index * STRIDE + 4] ?? 0;
  }

  time(index: number): number {
    return this.data[index * STRIDE + 6] ?? 0;
  }

  sample(index: number): Sample {
    const at = index * STRIDE;
    const [x = 0, y = 0, pressure = 0, tiltX = 0, tiltY = 0, twist = 0, time = 0] =
      this.data.subarray(at, at + STRIDE);
    return { x, y, pressure, tiltX, tiltY, twist, time };
  }

  /** The samples from `from` on, up to but without `to`. */
  slice(from: number, to = this.length): Ink {
    const part = new Ink(Math.max(1, to - from));
    part.data.set(this.data.subarray(from * STRIDE, to * STRIDE));
    part.length = Math.max(0, to - from);
    return part;
  }
}
