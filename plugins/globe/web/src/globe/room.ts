/** Where names are written already, so that none is written over another. */
export class Room {
  private readonly taken: [number, number, number, number][] = [];

  /** Take a rectangle where it is free; else tell that it is not. */
  take(left: number, top: number, width: number, height: number): boolean {
    const free = this.taken.every(
      ([x, y, w, h]) => left >= x + w || left + width <= x || top >= y + h || top + height <= y,
    );
    if (free) this.taken.push([left, top, width, height]);
    return free;
  }
}
