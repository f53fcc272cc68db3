import { type Asset, type AssetNews, type AssetOutline, hub, type Page } from "@classhub/client";

export type GalleryQuery = Record<string, string | null>;
export type Section = AssetOutline["sections"][number];

const EVERY = 100;
const AT_ONCE = 3;

interface Block {
  cursor: string | null;
  items: (Asset | null)[];
  state: "unasked" | "asked" | "here";
}

function localDay(time: string): string {
  const at = new Date(time);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 10);
}

/** Whether a media type is one of several such as `image/*,video/mp4`. */
export function isOf(type: string, kinds: string): boolean {
  return kinds
    .split(",")
    .some((kind) => (kind.endsWith("/*") ? type.startsWith(kind.slice(0, -1)) : type === kind));
}

/**
 * A long list of assets of which only what is seen is fetched. `change` is dispatched when there is
 * more to show; `failed` (a CustomEvent with the error) when something could not be fetched.
 */
export class GalleryList extends EventTarget {
  sections: Section[] = [];
  total = 0;
  /** There are more than are listed. */
  more = false;
  private blocks: Block[] = [];
  private asking = 0;
  private over = false;

  constructor(readonly query: GalleryQuery) {
    super();
  }

  /** Ask for the outline and, beside it, for the first pictures. */
  async open(): Promise<void> {
    const offset = -new Date().getTimezoneOffset();
    const first = hub.api.get<Page<Asset>>("/assets", { ...this.query, limit: EVERY });
    const outline = hub.api.get<AssetOutline>("/assets/outline", {
      ...this.query,
      every: EVERY,
      offset,
    });
    const [page, shown] = await Promise.all([first, outline]);
    if (this.over) return;
    this.take(shown);
    const block = this.blocks[0];
    if (block) this.fill(block, page.items);
    this.tell();
  }

  close(): void {
    this.over = true;
  }

  private take(outline: AssetOutline): void {
    this.sections = outline.sections;
    this.total = outline.total;
    this.more = outline.more;
    this.blocks = outline.cursors.map((cursor, index) => ({
      cursor,
      state: "unasked",
      items: new Array(Math.min(EVERY, outline.total - index * EVERY)).fill(null),
    }));
  }

  private fill(block: Block, items: Asset[]): void {
    // What came or went between the outline and the page is told by the stream.
    block.items = block.items.map((_, index) => items[index] ?? null);
    block.state = "here";
  }

  /** The asset at a place; null while it is not here yet. */
  at(index: number): Asset | null {
    const [block, inside] = this.find(index);
    return block?.items[inside] ?? null;
  }

  indexOf(id: string): number {
    let before = 0;
    for (const block of this.blocks) {
      const inside = block.items.findIndex((asset) => asset?.id === id);
      if (inside >= 0) return before + inside;
      before += block.items.length;
    }
    return -1;
  }

  /** Fetch what is between two places and not here yet; the page in the middle first. */
  need(first: number, last: number): void {
    const wanted = new Set<Block>();
    for (const index of [(first + last) >> 1, first, last]) {
      const [block] = this.find(Math.max(0, Math.min(index, this.total - 1)));
      if (block) wanted.add(block);
    }
    for (const block of wanted) {
      if (block.state === "unasked" && this.asking < AT_ONCE) void this.ask(block);
    }
  }

  private async ask(block: Block): Promise<void> {
    block.state = "asked";
    this.asking += 1;
    try {
      const page = await hub.api.get<Page<Asset>>("/assets", {
        ...this.query,
        limit: EVERY,
        cursor: block.cursor,
      });
      if (!this.over) this.fill(block, page.items);
    } catch (error) {
      block.state = "unasked";
      if (!this.over) this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    } finally {
      this.asking -= 1;
    }
    this.tell();
  }

  private find(index: number): [Block | undefined, number] {
    let left = index;
    for (const block of this.blocks) {
      if (left < block.items.length) return [block, left];
      left -= block.items.length;
    }
    return [undefined, 0];
  }

  /** Take a message of the stream in; false where the list must be asked for anew. */
  hear({ change, asset }: AssetNews): boolean {
    if (change === "deleted") {
      this.drop(asset.id);
      return true;
    }
    const index = this.indexOf(asset.id);
    if (index >= 0) {
      this.replace(index, asset);
      return true;
    }
    if (this.filtered) return false;
    if (change === "added") this.add(asset);
    return true;
  }

  /** Whether it takes more than its lesson to know if an asset belongs to the list. */
  private get filtered(): boolean {
    const { order, lesson, media_type, ...rest } = this.query;
    return order === "oldest" || Object.values(rest).some(Boolean);
  }

  private add(asset: Asset): void {
    if (this.query.lesson && this.query.lesson !== asset.lesson) return;
    if (this.query.media_type && !isOf(asset.media_type, this.query.media_type)) return;
    this.blocks.unshift({ cursor: null, state: "here", items: [asset] });
    this.total += 1;
    const day = localDay(asset.created);
    const [first, ...rest] = this.sections;
    if (first && first.day === day && first.lesson === asset.lesson) {
      this.sections = [{ ...first, count: first.count + 1 }, ...rest];
    } else {
      const title = this.sections.find((one) => one.lesson === asset.lesson)?.title ?? "";
      this.sections = [{ day, lesson: asset.lesson, title, count: 1 }, ...this.sections];
    }
    this.tell();
  }

  private replace(index: number, asset: Asset): void {
    const [block, inside] = this.find(index);
    const before = block?.items[inside];
    // The stream speaks to everybody, and so knows nobody's favourites.
    if (block && before) block.items[inside] = { ...asset, favourite: before.favourite };
    this.tell();
  }

  /** Say something else of an asset that is shown. */
  change(id: string, changed: Partial<Asset>): void {
    const [block, inside] = this.find(this.indexOf(id));
    const asset = block?.items[inside];
    if (block && asset) block.items[inside] = { ...asset, ...changed };
    this.tell();
  }

  drop(id: string): void {
    const index = this.indexOf(id);
    if (index < 0) return;
    const [block, inside] = this.find(index);
    block?.items.splice(inside, 1);
    this.total -= 1;
    let left = index;
    const section = this.sections.findIndex((one) => {
      left -= one.count;
      return left < 0;
    });
    this.sections = this.sections
      .map((one, at) => (at === section ? { ...one, count: one.count - 1 } : one))
      .filter((one) => one.count > 0);
    this.tell();
  }

  private tell(): void {
    if (!this.over) this.dispatchEvent(new Event("change"));
  }
}
