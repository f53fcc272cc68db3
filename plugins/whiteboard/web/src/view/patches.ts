/**
 * A layer of the screen's size that is painted on in a few places: canvases where there is something.
 * A browser without GPU copies a canvas as a whole whenever it has changed, and lays every one that
 * is there over what is below, even an empty one: one that covers a panel is 33 MB.
 */
import type { Box, Size, View } from "./view.js";

interface Patch {
  context: CanvasRenderingContext2D;
  /** Those who have painted here. */
  by: Set<string>;
}

export class Patches {
  private readonly patches = new Map<string, Patch>();
  private spare: HTMLCanvasElement[] = [];
  private view: View = { x: 0, y: 0, zoom: 1 };
  private room: Size = { width: 0, height: 0 };
  private ratio = 1;

  /** `side`: a patch's, in pixels of the screen. */
  constructor(
    private readonly host: HTMLElement,
    private readonly side: number,
  ) {}

  /** Show this part of the page from now on; nothing is on it yet. */
  show(view: View, room: Size): void {
    this.clear();
    this.view = view;
    this.room = room;
    this.ratio = globalThis.devicePixelRatio || 1;
  }

  /** Paint within a box of the page; `work` is called for each canvas that it meets. */
  paint(by: string, box: Box, work: (context: CanvasRenderingContext2D) => void): void {
    this.each(box, true, (patch) => {
      patch.by.add(by);
      work(patch.context);
    });
  }

  /** Take off what is in a box of the page, where nothing else of `by` is. */
  wipe(by: string, box: Box): void {
    const more = 2 / this.zoom;
    this.each(box, false, ({ context, by: those }) => {
      those.delete(by);
      context.clearRect(box.x - more, box.y - more, box.width + 2 * more, box.height + 2 * more);
    });
  }

  /** Put away the canvases on which nobody of these has anything. */
  tidy(these: { has(by: string): boolean }): void {
    for (const [key, patch] of this.patches) {
      let wanted = false;
      for (const by of patch.by) wanted ||= these.has(by);
      if (!wanted) this.put(key, patch);
    }
  }

  /** Whether something of `by` may be there. */
  holds(by: string): boolean {
    for (const patch of this.patches.values()) if (patch.by.has(by)) return true;
    return false;
  }

  clear(): void {
    for (const [key, patch] of this.patches) this.put(key, patch);
  }

  private put(key: string, { context }: Patch): void {
    this.patches.delete(key);
    context.canvas.remove();
    if (this.spare.length < 24) this.spare.push(context.canvas);
  }

  private get zoom(): number {
    return this.view.zoom * this.ratio;
  }

  /** Where the page's origin is, in pixels of the screen; as the tiles': on whole ones. */
  private get origin(): [number, number] {
    const { view, ratio } = this;
    return [Math.round(-view.x * view.zoom * ratio), Math.round(-view.y * view.zoom * ratio)];
  }

  private each(box: Box, make: boolean, work: (patch: Patch) => void): void {
    const { zoom, ratio, room, side } = this;
    const [x, y] = this.origin;
    const at = (pixels: number, size: number) =>
      Math.floor(Math.min(Math.max(pixels, 0), size * ratio - 1) / side);
    const [left, right] = [box.x * zoom + x - 2, (box.x + box.width) * zoom + x + 2];
    const [top, bottom] = [box.y * zoom + y - 2, (box.y + box.height) * zoom + y + 2];
    if (!(right >= 0 && bottom >= 0 && left < room.width * ratio && top < room.height * ratio)) {
      return;
    }
    for (let column = at(left, room.width); column <= at(right, room.width); column += 1) {
      for (let row = at(top, room.height); row <= at(bottom, room.height); row += 1) {
        const patch =
          this.patches.get(`${column}:${row}`) ?? (make ? this.make(column, row) : null);
        if (!patch) continue;
        patch.context.setTransform(zoom, 0, 0, zoom, x - column * side, y - row * side);
        work(patch);
      }
    }
  }

  private make(column: number, row: number): Patch | null {
    const canvas = this.spare.pop() ?? document.createElement("canvas");
    const context = canvas.getContext("2d");
    if (!context) return null;
    canvas.width = this.side;
    canvas.height = this.side;
    const side = this.side / this.ratio;
    canvas.style.cssText = `left:${column * side}px;top:${row * side}px;width:${side}px;height:${side}px`;
    this.host.append(canvas);
    const patch = { context, by: new Set<string>() };
    this.patches.set(`${column}:${row}`, patch);
    return patch;
  }
}
