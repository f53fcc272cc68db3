/** Where the picture before is shown over the live one, so that neighbours overlap. */

export type Side = "left" | "right" | "up" | "down";

/** Part of a picture that the next one shares. */
export const SHARED = 1 / 3;

export interface Room {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * The strip of the live picture (`window`) in which the picture before is seen, and where that lies
 * in the strip (`picture`), CSS pixels. The next picture to the right of the last one shares the
 * last one's right third: it is seen at the live picture's left edge.
 */
export function ghostAt(side: Side, live: Room): { window: Room; picture: Room } {
  const { width, height } = live;
  const across = side === "left" || side === "right";
  const shown = {
    width: across ? width * SHARED : width,
    height: across ? height : height * SHARED,
  };
  const from = {
    left: side === "left" ? width - shown.width : 0,
    top: side === "up" ? height - shown.height : 0,
  };
  return {
    window: { left: live.left + from.left, top: live.top + from.top, ...shown },
    picture: {
      left: side === "right" ? shown.width - width : 0,
      top: side === "down" ? shown.height - height : 0,
      width,
      height,
    },
  };
}
