/** A page on the screen: its tiles, what is being drawn above them, its background below. */
import { paintItem } from "../ink/paint.js";
import type { Board, Change } from "../model/board.js";
import { type Item, inOrder } from "../model/items.js";
import { Tiles } from "./tiles.js";
import {
  around,
  type Box,
  fitted,
  grown,
  panned,
  type Size,
  seen,
  toPage,
  type View,
  zoomed,
} from "./view.js";
import { Wet } from "./wet.js";

/** The part of a page that tablets write on and that the panel shows first. */
export const SHEET: Box = { x: 0, y: 0, width: 1920, height: 1080 };
/** A hidden layer, as teachers see it. */
const FAINT = 0.22;
/** More new items than this at once are painted tile by tile. */
const ONE_BY_ONE = 60;

export interface StageParts {
  sheets: HTMLElement;
  lower: HTMLElement;
  upper: HTMLElement;
}

export interface StageHandlers {
  /** The view or the page has changed. */
  moved(): void;
  /** All in sight is painted. */
  whole(): void;
}

export class Stage {
  view: View = { x: 0, y: 0, zoom: 1 };
  room: Size = { width: 0, height: 0 };
  page = "";
  readonly wet = new Wet();
  /** Keys of items that are not painted now: they are being moved or rubbed out. */
  readonly lifted = new Set<string>();
  /** Authors that this reader does not want to see. */
  readonly unseen = new Set<string>();
  /** Only what was begun until then is painted: replay. */
  until: number | null = null;
  private readonly tiles: Tiles<Item>;
  private readonly pictures = new Map<string, HTMLImageElement>();
  private readonly views = new Map<string, View>();
  private placed = false;

  constructor(
    private readonly board: Board,
    parts: StageParts,
    private readonly handlers: StageHandlers,
    private readonly address: (asset: string) => string,
  ) {
    this.wet.attach(parts.lower, parts.upper);
    this.tiles = new Tiles(
      parts.sheets,
      {
        items: (box) => this.shownIn(box).sort(inOrder),
        paint: (context, item, zoom) => this.paint(context, item, zoom),
      },
      () => handlers.whole(),
    );
  }

  close(): void {
    this.tiles.close();
    this.wet.close();
  }

  resize(room: Size): void {
    const first = this.room.width === 0;
    const middle = first ? null : toPage(this.view, this.room.width / 2, this.room.height / 2);
    this.room = room;
    if (!middle || !this.placed) this.whole();
    else {
      const { zoom } = this.view;
      const [x, y] = [middle[0] - room.width / zoom / 2, middle[1] - room.height / zoom / 2];
      this.look({ x, y, zoom });
    }
  }

  /** Show another page, as it was left. */
  open(page: string): void {
    if (page === this.page) return;
    if (this.page) this.views.set(this.page, this.view);
    this.page = page;
    this.wet.clear();
    this.lifted.clear();
    const before = this.views.get(page);
    if (before) this.look(before);
    else this.whole();
    this.tiles.change();
  }

  /** The sheet, as large as fits. */
  whole(): void {
    if (this.room.width === 0) return;
    this.look(fitted(SHEET, this.room, 4));
    this.placed = false;
  }

  /** All that is drawn. */
  everything(): void {
    let box: Box | null = null;
    for (const item of this.board.items(this.page).all()) {
      if (this.shows(item)) box = around(box, item.box);
    }
    this.look(fitted(grown(box ?? SHEET, 20), this.room, 2));
  }

  look(view: View): void {
    this.view = view;
    this.placed = true;
    if (this.room.width === 0) return;
    this.tiles.show(view, this.room);
    this.wet.show(view, this.room);
    this.handlers.moved();
  }

  zoom(factor: number, x = this.room.width / 2, y = this.room.height / 2): void {
    this.look(zoomed(this.view, factor, x, y));
  }

  pan(byX: number, byY: number): void {
    this.look(panned(this.view, byX, byY));
  }

  get sight(): Box {
    return seen(this.view, this.room);
  }

  /** Whether an item is to be seen by this reader. */
  shows(item: Item): boolean {
    if (this.unseen.has(item.author) || this.lifted.has(item.key)) return false;
    if (this.until !== null && item.time > this.until) return false;
    return this.board.teacher || !this.board.layer(item.author).hidden;
  }

  shownIn(box: Box): Item[] {
    return this.board
      .items(this.page)
      .within(box)
      .filter((item) => this.shows(item));
  }

  /** Something of the board's items has changed. */
  changed(change: Change): void {
    if (change.page !== this.page) return;
    if (change.more) {
      this.wet.renew();
      for (const box of merged(change.boxes)) this.tiles.change(box);
      return;
    }
    if (change.added.length > ONE_BY_ONE) {
      this.tiles.change();
      return;
    }
    for (const item of [...change.added].sort(inOrder)) {
      if (!this.shows(item)) continue;
      const under = this.board.items(this.page).within(item.box);
      if (under.some((other) => inOrder(item, other) < 0)) this.tiles.change(item.box);
      else this.tiles.add(item, item.box);
    }
  }

  repaint(box?: Box): void {
    this.wet.renew();
    this.tiles.change(box);
  }

  /** Some items on a canvas of their own, to be moved about; null where there is nothing to see. */
  ghost(items: Item[]): { canvas: HTMLCanvasElement; box: Box } | null {
    let box: Box | null = null;
    for (const item of items) box = around(box, item.box);
    if (!box) return null;
    const ratio = globalThis.devicePixelRatio || 1;
    const canvas = document.createElement("canvas");
    const most = 4096;
    const zoom = Math.min(this.view.zoom * ratio, most / Math.max(box.width, box.height));
    canvas.width = Math.max(1, Math.ceil(box.width * zoom));
    canvas.height = Math.max(1, Math.ceil(box.height * zoom));
    const context = canvas.getContext("2d");
    context?.setTransform(zoom, 0, 0, zoom, -box.x * zoom, -box.y * zoom);
    if (context) for (const item of [...items].sort(inOrder)) this.paint(context, item, zoom);
    return { canvas, box };
  }

  private paint(context: CanvasRenderingContext2D, item: Item, zoom: number): void {
    if (!this.board.layer(item.author).hidden) {
      paintItem(context, item, zoom, (asset) => this.picture(asset));
      return;
    }
    // One that lets through is painted as a whole, or its crossings would show.
    const faint = { ...item, colour: blended(item.colour) };
    paintItem(context, faint, zoom, (asset) => this.picture(asset));
  }

  private picture(asset: string): HTMLImageElement | null {
    const found = this.pictures.get(asset);
    if (found) return found.complete && found.naturalWidth > 0 ? found : null;
    const image = new Image();
    this.pictures.set(asset, image);
    image.onload = () => {
      for (const item of this.board.items(this.page).all()) {
        if (item.kind === "picture" && item.asset === asset) this.tiles.change(item.box);
      }
    };
    image.src = this.address(asset);
    return null;
  }
}

/** A colour nearly as light as paper. */
function blended(colour: string): string {
  const part = (at: number) =>
    Math.round(255 - (255 - Number.parseInt(colour.slice(at, at + 2), 16)) * FAINT)
      .toString(16)
      .padStart(2, "0");
  return `#${part(1)}${part(3)}${part(5)}`;
}

/** A few boxes as they are, many as one. */
function merged(boxes: Box[]): Box[] {
  if (boxes.length <= 8) return boxes;
  let all: Box | null = null;
  for (const box of boxes) all = around(all, box);
  return all ? [all] : [];
}
