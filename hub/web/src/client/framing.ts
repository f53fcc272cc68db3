/** The binary messages of the stream socket: u32 big-endian header length, JSON, picture bytes. */

export interface FrameHeader {
  sub: number;
  /** The frame's id: give it to a capture to keep this very picture. */
  frame: number;
  time: number | string;
  type: string;
}

export interface FrameMessage extends FrameHeader {
  bytes: Uint8Array<ArrayBuffer>;
}

const LONGEST_HEADER = 65_536;

export class FramingError extends Error {}

export function parseFrame(data: ArrayBuffer): FrameMessage {
  if (data.byteLength < 4) throw new FramingError("shorter than its length field");
  const length = new DataView(data).getUint32(0);
  if (length > LONGEST_HEADER || 4 + length > data.byteLength) {
    throw new FramingError(`header of ${length} bytes in a message of ${data.byteLength}`);
  }
  let header: Partial<FrameHeader>;
  try {
    header = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(data, 4, length)),
    );
  } catch {
    throw new FramingError("the header is not JSON");
  }
  if (typeof header?.sub !== "number" || typeof header.frame !== "number") {
    throw new FramingError("the header names no subscription or frame");
  }
  return {
    sub: header.sub,
    frame: header.frame,
    time: header.time ?? 0,
    type: header.type ?? "image/jpeg",
    bytes: new Uint8Array(data, 4 + length),
  };
}
