/**
 * The page as tiles: canvases that are painted once and moved by the browser's compositor.
 *
 * Scrolling paints nothing but what comes into sight; zooming stretches the tiles that are there
 * until sharp ones have been painted. What there is to paint is done in slices of a few
 * milliseconds, so that a page of many thousand strokes never holds a pen up.
 */
import { type Box, grown, meets, type Size, seen, type View } from "./view.js";

/** Where items come from, in the order in which they are painted. */
export interface Painter<T> {
  items(box: Box): T[];
  paint(context: CanvasRenderingContext2D, item: T, zoom: number): void;
}

/** A tile's side in CSS pixels. */
const SIDE = 512;
/** Milliseconds of painting in a frame while somebody moves the page, and while nobody does. */
const BUSY = 5;
const CALM = 20;
const SETTLES = 140;
/** Tiles out of sight that are kept, for each that is seen. */
const KEPT = 2;

interface Tile<T> {
  key: string;
  box: Box;
  /** In the page once something has been painted on it: an empty one would be laid over the paper, too. */
  canvas: HTMLCanvasElement;
  home: HTMLElement;
  /** What is still to be painted; null where the tile is whole. */
  job: { canvas: HTMLCanvasElement; items: T[]; at: number } | null;
  /** It has been painted once: what it shows is kept until a newer picture is whole. */
  shown: boolean;
  used: number;
}

/** Tiles of one zoom. */
interface Sheet<T> {
  zoom: number;
  element: HTMLElement;
  tiles: Map<string, Tile<T>>;
}

export class Tiles<T> {
  private sheet: Sheet<T> | null = null;
  private former: Sheet<T> | null = null;
  private view: View = { x: 0, y: 0, zoom: 1 };
  private room: Size = { width: 1, height: 1 };
  private frame = 0;
  private moved = 0;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private clock = 0;
  private spare: HTMLCanvasElement[] = [];

  constructor(
    private readonly host: HTMLElement,
    private readonly painter: Painter<T>,
    /** Called when everything in sight has been painted. */
    private readonly whole: () => void = () => {},
  ) {}

  /** Show this part of the page. */
  show(view: View, room: Size): void {
    const first = this.sheet === null;
    const zooms = view.zoom !== this.view.zoom;
    this.view = view;
    this.room = room;
    this.moved = performance.now();
    if (first || room.width <= 0) this.begin();
    else if (zooms) {
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.begin(), SETTLES);
    }
    this.place();
    this.want();
  }

  /** Paint anew whatever shows this part, or all of it. */
  change(box?: Box): void {
    for (const sheet of [this.sheet, this.former]) {
      for (const tile of sheet?.tiles.values() ?? []) {
        if (box && !meets(tile.box, box)) continue;
        if (sheet === this.sheet) this.start(tile);
      }
    }
    this.want();
  }

  /** An item has come on top of all others: paint it at once where that can be seen. */
  add(item: T, box: Box): void {
    for (const tile of this.sheet?.tiles.values() ?? []) {
      if (!meets(tile.box, box)) continue;
      tile.job?.items.push(item);
      if (tile.job?.canvas === tile.canvas) continue;
      this.on(tile.canvas, tile, (context, zoom) => this.painter.paint(context, item, zoom));
    }
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settling);
    this.sheet?.element.remove();
    this.former?.element.remove();
    this.sheet = null;
    this.former = null;
    this.spare = [];
  }

  private get ratio(): number {
    return globalThis.devicePixelRatio || 1;
  }

  /** A new sheet for the zoom of now; the former one stays below until this one is whole. */
  private begin(): void {
    if (this.sheet && this.sheet.zoom === this.view.zoom) return;
    if (this.former) this.drop(this.former);
    this.former = this.sheet;
    const element = document.createElement("div");
    element.className = "sheet";
    this.host.append(element);
    this.sheet = { zoom: this.view.zoom, element, tiles: new Map() };
    this.place();
    this.want();
  }

  private drop(sheet: Sheet<T>): void {
    for (const tile of sheet.tiles.values()) this.spare.push(tile.canvas);
    this.spare.length = Math.min(this.spare.length, 12);
    sheet.element.remove();
  }

  private place(): void {
    const { view, ratio } = this;
    for (const sheet of [this.former, this.sheet]) {
      if (!sheet) continue;
      const scale = view.zoom / sheet.zoom;
      // On whole pixels of the screen: between them ink is blurred.
      const x = Math.round(-view.x * view.zoom * ratio) / ratio;
      const y = Math.round(-view.y * view.zoom * ratio) / ratio;
      sheet.element.style.transform =
        scale === 1
          ? `translate3d(${x}px, ${y}px, 0)`
          : `translate3d(${x}px, ${y}px, 0) scale(${scale})`;
    }
  }

  private want(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.work());
  }

  private work(): void {
    this.frame = 0;
    const { sheet } = this;
    if (!sheet) return;
    const calm = performance.now() - this.moved > 200;
    const until = performance.now() + (calm ? CALM : BUSY);
    const side = SIDE / sheet.zoom;
    const sight = seen(this.view, this.room);
    const near = this.view.zoom === sheet.zoom ? this.around(sheet, sight, side) : [];
    this.clock += 1;
    let pending = false;
    for (const tile of near) {
      tile.used = this.clock;
      while (tile.job && performance.now() < until) this.slice(tile, until);
      if (tile.job) {
        pending = true;
        break;
      }
    }
    const inSight = near.filter((tile) => meets(tile.box, sight));
    if (near.length > 0 && inSight.every((tile) => tile.job === null)) {
      if (this.former) this.drop(this.former);
      this.former = null;
      this.whole();
    }
    this.forget(sheet, near.length * (1 + KEPT));
    if (pending) this.want();
  }

  /** The tiles in sight and around it, those in the middle first. */
  private around(sheet: Sheet<T>, sight: Box, side: number): Tile<T>[] {
    const near = grown(sight, side / 2);
    const [left, right] = [Math.floor(near.x / side), Math.floor((near.x + near.width) / side)];
    const [top, bottom] = [Math.floor(near.y / side), Math.floor((near.y + near.height) / side)];
    const [mx, my] = [sight.x + sight.width / 2 - side / 2, sight.y + sight.height / 2 - side / 2];
    const tiles: Tile<T>[] = [];
    for (let column = left; column <= right; column += 1) {
      for (let row = top; row <= bottom; row += 1) tiles.push(this.tile(sheet, column, row));
    }
    const away = ({ box }: Tile<T>) =>
      (meets(box, sight) ? 0 : 1e12) + (box.x - mx) ** 2 + (box.y - my) ** 2;
    return tiles.sort((one, other) => away(one) - away(other));
  }

  private tile(sheet: Sheet<T>, column: number, row: number): Tile<T> {
    const key = `${column}:${row}`;
    const found = sheet.tiles.get(key);
    if (found) return found;
    const side = SIDE / sheet.zoom;
    const canvas = this.canvas(column, row);
    const box = { x: column * side, y: row * side, width: side, height: side };
    const home = sheet.element;
    const tile: Tile<T> = { key, box, canvas, home, job: null, shown: false, used: this.clock };
    sheet.tiles.set(key, tile);
    this.start(tile);
    // Nothing there, nothing to paint: most of an endless page.
    this.ended(tile);
    return tile;
  }

  private canvas(column: number, row: number): HTMLCanvasElement {
    const canvas = this.spare.pop() ?? document.createElement("canvas");
    const pixels = Math.round(SIDE * this.ratio);
    canvas.width = pixels;
    canvas.height = pixels;
    canvas.style.cssText = `left:${column * SIDE}px;top:${row * SIDE}px;width:${SIDE}px;height:${SIDE}px`;
    return canvas;
  }

  /** Begin to paint a tile anew; what it shows stays until that is done. */
  private start(tile: Tile<T>): void {
    const { box } = tile;
    const column = Math.round(box.x / box.width);
    const row = Math.round(box.y / box.height);
    const canvas = tile.shown ? (tile.job?.canvas ?? this.canvas(column, row)) : tile.canvas;
    if (tile.job) clear(canvas);
    const margin = tile.box.width / SIDE;
    tile.job = { canvas, items: this.painter.items(grown(tile.box, margin)), at: 0 };
  }

  private slice(tile: Tile<T>, until: number): void {
    const { job } = tile;
    if (!job) return;
    this.on(job.canvas, tile, (context, zoom) => {
      let since = 0;
      while (job.at < job.items.length) {
        this.painter.paint(context, job.items[job.at] as T, zoom);
        job.at += 1;
        since += 1;
        if (since % 8 === 0 && performance.now() >= until) break;
      }
    });
    this.ended(tile);
  }

  private ended(tile: Tile<T>): void {
    const { job } = tile;
    if (!job || job.at < job.items.length) return;
    tile.job = null;
    tile.shown = true;
    if (job.canvas === tile.canvas) return;
    if (job.items.length > 0) tile.home.append(job.canvas);
    tile.canvas.remove();
    tile.canvas = job.canvas;
  }

  private on(
    canvas: HTMLCanvasElement,
    tile: Tile<T>,
    work: (context: CanvasRenderingContext2D, zoom: number) => void,
  ): void {
    const context = canvas.getContext("2d");
    if (!context) return;
    if (canvas === tile.canvas && !canvas.isConnected) tile.home.append(canvas);
    const zoom = canvas.width / tile.box.width;
    context.setTransform(zoom, 0, 0, zoom, -tile.box.x * zoom, -tile.box.y * zoom);
    work(context, zoom);
  }

  private forget(sheet: Sheet<T>, most: number): void {
    if (sheet.tiles.size <= Math.max(most, 24)) return;
    const oldest = [...sheet.tiles.values()].sort((one, other) => one.used - other.used);
    for (const tile of oldest.slice(0, sheet.tiles.size - most)) {
      if (tile.used === this.clock) break;
      sheet.tiles.delete(tile.key);
      tile.canvas.remove();
      this.spare.push(tile.canvas);
    }
    this.spare.length = Math.min(this.spare.length, 12);
  }
}

function clear(canvas: HTMLCanvasElement): void {
  const context = canvas.getContext("2d");
  context?.resetTransform();
  context?.clearRect(0, 0, canvas.width, canvas.height);
}
