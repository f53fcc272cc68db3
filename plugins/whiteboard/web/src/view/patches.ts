/**
 * A layer of the screen's size that is painted on in a few places: canvases where there is something.
 * A browser without GPU copies a canvas as a whole whenever it has changed, and one that covers a
 * panel is 33 MB.
 */
import type { Box, Size, View } from "./view.js";

/** A patch's side in pixels of the screen. */
const SIDE = 512;

interface Patch {
  column: number;
  row: number;
  context: CanvasRenderingContext2D;
}

export class Patches {
  private readonly patches = new Map<string, Patch>();
  private spare: HTMLCanvasElement[] = [];
  private view: View = { x: 0, y: 0, zoom: 1 };
  private room: Size = { width: 0, height: 0 };
  private ratio = 1;

  constructor(private readonly host: HTMLElement) {}

  /** Show this part of the page from now on; nothing is on it yet. */
  show(view: View, room: Size): void {
    this.clear();
    this.view = view;
    this.room = room;
    this.ratio = globalThis.devicePixelRatio || 1;
  }

  /** Paint within a box of the page; `work` is called for each canvas that it meets. */
  paint(box: Box, work: (context: CanvasRenderingContext2D) => void): void {
    this.each(box, true, ({ context }) => work(context));
  }

  /** Take off what is in a box of the page. */
  wipe(box: Box): void {
    const more = 2 / this.zoom;
    this.each(box, false, ({ context }) => {
      context.clearRect(box.x - more, box.y - more, box.width + 2 * more, box.height + 2 * more);
    });
  }

  clear(): void {
    for (const { context } of this.patches.values()) {
      context.canvas.remove();
      if (this.spare.length < 24) this.spare.push(context.canvas);
    }
    this.patches.clear();
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
    const { zoom, ratio, room } = this;
    const [x, y] = this.origin;
    const at = (pixels: number, size: number) =>
      Math.floor(Math.min(Math.max(pixels, 0), size * ratio - 1) / SIDE);
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
        patch.context.setTransform(zoom, 0, 0, zoom, x - column * SIDE, y - row * SIDE);
        work(patch);
      }
    }
  }

  private make(column: number, row: number): Patch | null {
    const canvas = this.spare.pop() ?? document.createElement("canvas");
    const context = canvas.getContext("2d");
    if (!context) return null;
    canvas.width = SIDE;
    canvas.height = SIDE;
    const side = SIDE / this.ratio;
    canvas.style.cssText = `left:${column * side}px;top:${row * side}px;width:${side}px;height:${side}px`;
    this.host.append(canvas);
    const patch = { column, row, context };
    this.patches.set(`${column}:${row}`, patch);
    return patch;
  }
}
