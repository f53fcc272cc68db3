/**
 * A board as a page works with it: everybody's items by page, what the teacher has set, and what
 * one draws oneself. The documents behind it are described in docs/boards.md.
 */
import { type Hub, type Problem, UNREACHABLE } from "@classhub/client";
import * as Y from "yjs";
import {
  type BoardProblem,
  type BoardState,
  type DocumentState,
  Link,
  type LinkStatus,
  type TeacherView,
} from "../sync/link.js";
import type { LiveEntry } from "../sync/messages.js";
import { Unsent } from "../sync/unsent.js";
import { Places } from "../view/places.js";
import type { Box } from "../view/view.js";
import { History } from "./history.js";
import type { Item, Move } from "./items.js";
import { fields, keyOf, readItem } from "./read.js";
import { type Layer, NO_LAYER, type Page, readShared, type Shared } from "./shared.js";

/** What has changed on a page: where, and whether it is nothing but items on top of all others. */
export interface Change {
  page: string;
  boxes: Box[];
  added: Item[];
  /** Something went or changed as well: `boxes` have to be painted anew. */
  more: boolean;
}

export interface BoardHandlers {
  /** Rights, authors, pages, locks, the connection: whatever is said beside the page. */
  changed(): void;
  items(change: Change): void;
  live(entries: LiveEntry[]): void;
  view(view: TeacherView): void;
  problem(problem: Problem): void;
}

interface Author {
  doc: Y.Doc;
  undo: Y.UndoManager;
}

/** What an item is made of, as it stands in a document. */
export type Content = Record<string, unknown>;

/** How long one waits after a refusal, more with each: a hub that is full stays full for a while. */
const REFUSED = 250;
const REFUSED_MOST = 10_000;
/** What is not on the hub's disk after so many milliseconds is kept by the browser, too. */
const KEEPS = 600;

/** What is changed on this page by its person; undo is of these only. */
const OWN = Symbol("own");

export class Board {
  state: BoardState | null = null;
  shared: Shared;
  problem: Problem | null = null;
  private readonly link: Link;
  private sharedNow = new Y.Doc();
  private readonly authors = new Map<string, Author>();
  private readonly pages = new Map<string, Places<Item>>();
  /** The page of each item, by its key. */
  private readonly pageOf = new Map<string, string>();
  private readonly history = new History();
  private readonly awaited = new Set<string>();
  private clock = 0;
  private readonly unsentBefore: Unsent;
  private keeping: ReturnType<typeof setTimeout> | undefined;
  private listed = new Set<string>();
  /** The board's documents have come, as far as they were there when it was opened. */
  ready = false;

  constructor(
    readonly hub: Hub,
    readonly id: string,
    private readonly handlers: BoardHandlers,
  ) {
    this.shared = readShared(this.sharedNow);
    this.unsentBefore = new Unsent(id);
    globalThis.addEventListener?.("pagehide", this.keepUnsent);
    const base = (hub.origin || location.origin).replace(/^http/, "ws");
    const path = `/api/v1/boards/${encodeURIComponent(id)}/sync`;
    this.link = new Link(
      {
        url: () => `${base}${path}?lang=${hub.api.language()}`,
        token: hub.api.token,
      },
      {
        state: (state) => this.hear(state),
        live: (entries) => handlers.live(entries),
        view: (view) => handlers.view(view),
        problem: (problem: BoardProblem) => handlers.problem(problem),
        status: () => this.linked(),
        refused: (name) => this.beginAnew(name),
        synced: (name) => this.came(name),
      },
    );
  }

  close(): void {
    for (const timer of this.waits) clearTimeout(timer);
    globalThis.removeEventListener?.("pagehide", this.keepUnsent);
    this.keepUnsent();
    this.link.close();
    for (const { doc, undo } of this.authors.values()) {
      undo.destroy();
      doc.destroy();
    }
    this.sharedNow.destroy();
  }

  // What there is

  get status(): LinkStatus {
    return this.link.status;
  }

  /** Not everything that was drawn here is kept yet. */
  get unsent(): boolean {
    return this.link.unsent;
  }

  get documents(): DocumentState[] {
    return this.state?.documents.filter(({ kind }) => kind !== "shared") ?? [];
  }

  get teacher(): boolean {
    return this.state?.you.teacher ?? false;
  }

  /** The document that one draws in; null: one only looks. */
  get own(): string | null {
    return this.state?.you.document ?? null;
  }

  author(name: string): DocumentState | undefined {
    return this.state?.documents.find((one) => one.name === name);
  }

  layer(name: string): Layer {
    return this.shared.layers[name] ?? NO_LAYER;
  }

  page(id: string): Page | undefined {
    return this.shared.pages.find((page) => page.id === id);
  }

  /** The pages that one may see. */
  get seenPages(): Page[] {
    return this.shared.pages.filter((page) => this.teacher || !page.hidden);
  }

  /** Whether one may draw on a page now. */
  mayDraw(page: string): boolean {
    if (!this.own || !this.state?.you.write) return false;
    const said = this.page(page);
    return this.teacher || (said?.locked !== true && said?.hidden !== true);
  }

  /** Whether one may move or take off an item. */
  mayChange(item: Item): boolean {
    if (!this.mayDraw(item.page)) return false;
    return item.author === this.own || (this.author(item.author)?.write ?? false);
  }

  items(page: string): Places<Item> {
    let found = this.pages.get(page);
    if (!found) {
      found = new Places();
      this.pages.set(page, found);
    }
    return found;
  }

  /** Now, by the hub's clock. */
  now(): number {
    return Date.now() + this.clock;
  }

  // Drawing

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  /** Put an item into one's own document. */
  put(id: string, content: Content): void {
    const name = this.documentFor(String(content.page));
    if (name) this.write([name], (doc) => doc.getMap("items").set(id, content));
  }

  /**
   * The document in which one draws on a page. What a teacher draws while pupils do not see the page
   * stands in a document of the page's own, which the hub keeps from them.
   */
  documentFor(page: string): string | null {
    const { own } = this;
    if (!own || !this.teacher || this.page(page)?.hidden !== true) return own;
    const name = `page:${page}`;
    if (!this.authors.has(name)) this.begin(name);
    return name;
  }

  /** Change where items lie; each with its whole move. */
  move(moves: Map<Item, Move>): void {
    const byAuthor = grouped([...moves.keys()]);
    this.write([...byAuthor.keys()], (doc, name) => {
      const edits = doc.getMap("edits");
      for (const item of byAuthor.get(name) ?? []) {
        const { x, y, scale } = moves.get(item) ?? item.move;
        const text = fields(edits.get(item.id))?.text;
        edits.set(item.id, typeof text === "string" ? { x, y, scale, text } : { x, y, scale });
      }
    });
  }

  rewrite(item: Item, text: string): void {
    const { x, y, scale } = item.move;
    this.write([item.author], (doc) => doc.getMap("edits").set(item.id, { x, y, scale, text }));
  }

  erase(items: Item[]): void {
    const byAuthor = grouped(items);
    this.write([...byAuthor.keys()], (doc, name) => {
      for (const { id } of byAuthor.get(name) ?? []) {
        doc.getMap("items").delete(id);
        if (doc.getMap("edits").has(id)) doc.getMap("edits").delete(id);
      }
    });
  }

  undo(): void {
    this.history.undo((name) => this.authors.get(name)?.undo.undo());
    this.handlers.changed();
  }

  redo(): void {
    this.history.redo((name) => this.authors.get(name)?.undo.redo());
    this.handlers.changed();
  }

  private write(names: string[], work: (doc: Y.Doc, name: string) => void): void {
    const wrote = names.filter((name) => {
      const author = this.authors.get(name);
      author?.doc.transact(() => work(author.doc, name), OWN);
      return author !== undefined;
    });
    if (wrote.length > 0) this.history.add(wrote);
    this.handlers.changed();
  }

  sendLive(entries: LiveEntry[]): void {
    this.link.sendLive(entries);
  }

  sendView(view: TeacherView | { page: null }): void {
    this.link.sendView(view);
  }

  // The teacher's

  /** Set something of the board: `locked`, `pen`, `follow`, `table`, `page`. */
  set(key: "locked" | "pen" | "follow" | "table" | "page", value: unknown): void {
    this.sharedNow.getMap("board").set(key, value);
  }

  setLayer(name: string, layer: Partial<Layer>): void {
    this.sharedNow.getMap("layers").set(name, { ...this.layer(name), ...layer });
  }

  setPage(page: Omit<Page, "id">, id: string): void {
    const { order, title, hidden, locked, background } = page;
    this.sharedNow.getMap("pages").set(id, { order, title, hidden, locked, background });
  }

  removePage(id: string): void {
    if (this.shared.pages.length > 1) this.sharedNow.getMap("pages").delete(id);
  }

  // From the hub

  private hear(state: BoardState): void {
    this.clock = state.now - Date.now();
    const first = this.state === null;
    this.state = state;
    this.problem = null;
    if (first) {
      this.holdShared();
      this.awaited.add("shared");
    }
    const listed = new Set(state.documents.map(({ name }) => name));
    for (const name of [...this.authors.keys()]) {
      if (this.listed.has(name) && !listed.has(name)) this.drop(name);
    }
    this.listed = listed;
    for (const { name, kind, write } of state.documents) {
      if (kind === "shared") continue;
      if (!this.authors.has(name)) {
        if (!this.ready) this.awaited.add(name);
        this.begin(name);
      }
      if (write) this.restore(name);
    }
    this.handlers.changed();
  }

  /** Put in what was drawn before this page was loaded anew; it is sent as all else. */
  private restore(name: string): void {
    const update = this.unsentBefore.take(name);
    const doc = this.authors.get(name)?.doc;
    try {
      if (update && doc) Y.applyUpdate(doc, update, OWN);
    } catch (error) {
      console.error("board:", error);
    }
  }

  private readonly keepUnsent = () => {
    clearTimeout(this.keeping);
    this.keeping = undefined;
    this.unsentBefore.keep(this.link.unsentUpdates());
  };

  /** It is hidden from us now. */
  private drop(name: string): void {
    this.link.forget(name);
    this.clear(name);
    this.authors.delete(name);
    this.came(name);
    this.handlers.changed();
  }

  private came(name: string): void {
    this.awaited.delete(name);
    if (this.awaited.size > 0 || this.ready) return;
    this.ready = true;
    this.handlers.changed();
  }

  private linked(): void {
    // While the constructor of the link runs there is no link yet.
    if (!this.link) return;
    if (this.status === "waiting" && !this.state) this.problem = UNREACHABLE;
    this.keeping ??= setTimeout(this.keepUnsent, KEEPS);
    this.handlers.changed();
  }

  private holdShared(wait = 0): void {
    const doc = this.sharedNow;
    const read = () => {
      this.shared = readShared(doc);
      this.handlers.changed();
    };
    for (const name of ["board", "pages", "layers"]) doc.getMap(name).observe(read);
    this.hold("shared", doc, wait);
  }

  private begin(name: string, wait = 0): void {
    const doc = new Y.Doc();
    const [items, edits] = [doc.getMap("items"), doc.getMap("edits")];
    const undo = new Y.UndoManager([items, edits], {
      trackedOrigins: new Set([OWN]),
      captureTimeout: 0,
    });
    this.authors.set(name, { doc, undo });
    const ids = new Set<string>();
    for (const map of [items, edits]) {
      map.observe(({ keysChanged }) => {
        for (const id of keysChanged) if (id !== null) ids.add(id);
      });
    }
    doc.on("afterTransaction", () => {
      if (ids.size === 0) return;
      const now = new Set(ids);
      ids.clear();
      this.changed(name, doc, now);
    });
    this.hold(name, doc, wait);
  }

  /** Keep it in step, after a while where the hub has just refused the one before. */
  private hold(name: string, doc: Y.Doc, wait: number): void {
    if (wait === 0) this.link.hold(name, doc);
    else {
      const timer = setTimeout(() => {
        this.waits.delete(timer);
        this.link.hold(name, doc);
      }, wait);
      this.waits.add(timer);
    }
  }

  private readonly waits = new Set<ReturnType<typeof setTimeout>>();

  private beginAnew(name: string): void {
    const times = (this.refusals.get(name) ?? 0) + 1;
    this.refusals.set(name, times);
    const wait = Math.min(REFUSED_MOST, REFUSED * times);
    if (name === "shared") {
      this.sharedNow.destroy();
      this.sharedNow = new Y.Doc();
      this.holdShared(wait);
      return;
    }
    this.clear(name);
    this.begin(name, wait);
    this.handlers.changed();
  }

  /** Forget a document and what of it is on the pages. */
  private clear(name: string): void {
    const author = this.authors.get(name);
    author?.undo.destroy();
    author?.doc.destroy();
    this.history.forget(name);
    for (const [page, places] of this.pages) {
      const gone = places.all().filter((item) => item.author === name);
      for (const item of gone) {
        places.remove(item.key);
        this.pageOf.delete(item.key);
      }
      if (gone.length > 0) {
        this.handlers.items({ page, boxes: gone.map(({ box }) => box), added: [], more: true });
      }
    }
  }

  /** How often each document has been refused. */
  private readonly refusals = new Map<string, number>();

  /** These items of a document came, went or were changed. */
  private changed(name: string, doc: Y.Doc, ids: Set<string>): void {
    const [items, edits] = [doc.getMap("items"), doc.getMap("edits")];
    const changes = new Map<string, Change>();
    const change = (page: string) => {
      let found = changes.get(page);
      if (!found) {
        found = { page, boxes: [], added: [], more: false };
        changes.set(page, found);
      }
      return found;
    };
    for (const id of ids) {
      const item = readItem(name, id, items.get(id), edits.get(id));
      const key = keyOf(name, id);
      const before = this.find(key);
      if (before && before.page !== item?.page) this.items(before.page).remove(key);
      if (before) {
        const of = change(before.page);
        of.more = true;
        of.boxes.push(before.box);
      }
      if (!item) {
        this.pageOf.delete(key);
        continue;
      }
      // The points have been read already.
      if (before?.kind === "stroke" && item.kind === "stroke") item.read = before.read;
      this.items(item.page).put(item);
      this.pageOf.set(key, item.page);
      const of = change(item.page);
      of.boxes.push(item.box);
      if (!before) of.added.push(item);
    }
    for (const one of changes.values()) this.handlers.items(one);
  }

  private find(key: string): Item | undefined {
    const page = this.pageOf.get(key);
    return page === undefined ? undefined : this.pages.get(page)?.get(key);
  }
}

function grouped(items: Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.author);
    if (group) group.push(item);
    else groups.set(item.author, [item]);
  }
  return groups;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A new id: also where a page is no secure context. */
export function newId(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => LETTERS[byte & 63]).join("");
}
