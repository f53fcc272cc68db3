/** The messages of a board's socket: docs/boards.md, "The WebSocket". */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

export const SYNC = 0;
export const ACK = 1;
export const LIVE = 2;
export const PROBLEM = 3;
export const STATE = 4;
export const VIEW = 5;

export const BEGINS = 1;
export const ENDS = 2;
export const GIVEN_UP = 4;

/** A stroke that is being drawn: what it is, where the entry begins it, and its newest points. */
export interface LiveEntry {
  document: string;
  stroke: string;
  flags: number;
  /** The number of its first point, counted from the stroke's beginning. */
  first: number;
  item: unknown;
  points: Uint8Array;
}

/** A message to which `fill` adds what follows its first number. */
export function message(
  which: number,
  fill: (encoder: encoding.Encoder) => void,
): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, which);
  fill(encoder);
  return encoding.toUint8Array(encoder) as Uint8Array<ArrayBuffer>;
}

export function jsonMessage(which: number, value: unknown): Uint8Array<ArrayBuffer> {
  return message(which, (encoder) => encoding.writeVarString(encoder, JSON.stringify(value)));
}

export function liveMessage(entries: readonly LiveEntry[]): Uint8Array<ArrayBuffer> {
  return message(LIVE, (encoder) => {
    for (const entry of entries) {
      encoding.writeVarString(encoder, entry.document);
      encoding.writeVarString(encoder, entry.stroke);
      encoding.writeVarUint(encoder, entry.flags);
      encoding.writeVarUint(encoder, entry.first);
      if (entry.flags & BEGINS) encoding.writeVarString(encoder, JSON.stringify(entry.item));
      encoding.writeVarUint8Array(encoder, entry.points);
    }
  });
}

/** The entries of a live message, after its first number. */
export function readLive(decoder: decoding.Decoder): LiveEntry[] {
  const entries: LiveEntry[] = [];
  while (decoding.hasContent(decoder)) {
    const document = decoding.readVarString(decoder);
    const stroke = decoding.readVarString(decoder);
    const flags = decoding.readVarUint(decoder);
    const first = decoding.readVarUint(decoder);
    const item = flags & BEGINS ? JSON.parse(decoding.readVarString(decoder)) : null;
    const points = decoding.readVarUint8Array(decoder);
    entries.push({ document, stroke, flags, first, item, points });
  }
  return entries;
}
