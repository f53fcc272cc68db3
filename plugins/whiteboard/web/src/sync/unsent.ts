/**
 * What was drawn and is not on the hub's disk yet, over a reload of the page: kept by the browser as
 * long as the tab is there, and sent when the hub takes it again.
 */
const KEY = "classhub.board.unsent.";
/** Browsers give a tab some 5 MB of letters. */
const MOST = 4_000_000;

export class Unsent {
  /** Updates by document that are to be sent once the hub takes them. */
  private readonly waiting: Map<string, Uint8Array>;

  constructor(private readonly board: string) {
    this.waiting = read(KEY + board);
  }

  /** What is to be put into a document; it is the document's from now on. */
  take(name: string): Uint8Array | undefined {
    const update = this.waiting.get(name);
    this.waiting.delete(name);
    return update;
  }

  /** Keep these, beside what still waits. Too much is not kept: the page says that it is unsaved. */
  keep(updates: Map<string, Uint8Array>): void {
    const all: Record<string, string> = {};
    for (const [name, update] of [...this.waiting, ...updates]) all[name] = letters(update);
    try {
      const text = JSON.stringify(all);
      if (text === "{}" || text.length > MOST) sessionStorage.removeItem(KEY + this.board);
      else sessionStorage.setItem(KEY + this.board, text);
    } catch {
      // Storage is switched off or full.
    }
  }
}

function read(key: string): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  try {
    const said = JSON.parse(sessionStorage.getItem(key) ?? "{}") as Record<string, string>;
    for (const [name, text] of Object.entries(said)) {
      found.set(
        name,
        Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)),
      );
    }
  } catch {
    // Not ours, or storage is switched off.
  }
  return found;
}

function letters(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}
