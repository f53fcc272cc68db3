import { hub } from "@classhub/client";

interface Contact {
  id: number;
  phase: "down" | "move" | "up";
  x: number;
  y: number;
}

const FIRST = 1_000_000;
const TYPES = { down: "pointerdown", move: "pointermove", up: "pointerup" } as const;

/**
 * The touches of a table of the hub as pointer events of this page: for a table that is no screen
 * of this computer, or the virtual one. As with fingers on a screen, all events of a contact go to
 * the element on which it came down.
 *
 * Returns what ends it.
 */
export function touchesOf(table: string): () => void {
  const down = new Map<number, Element>();
  const send = (contact: Contact) => {
    const [clientX, clientY] = [contact.x * innerWidth, contact.y * innerHeight];
    const target = contact.phase === "down" ? deepest(clientX, clientY) : down.get(contact.id);
    if (!target) return;
    if (contact.phase === "down") down.set(contact.id, target);
    if (contact.phase === "up") down.delete(contact.id);
    target.dispatchEvent(
      new PointerEvent(TYPES[contact.phase], {
        pointerId: FIRST + contact.id,
        pointerType: "touch",
        clientX,
        clientY,
        bubbles: true,
        composed: true,
        cancelable: true,
      }),
    );
  };
  const end = hub.stream.subscribe(
    `x/touch/${encodeURIComponent(table)}/contacts`,
    (_, payload) => {
      for (const contact of (payload as { contacts?: Contact[] } | null)?.contacts ?? []) {
        send(contact);
      }
    },
  );
  return () => {
    end();
    for (const [id, target] of down) {
      target.dispatchEvent(
        new PointerEvent("pointercancel", { pointerId: FIRST + id, bubbles: true, composed: true }),
      );
    }
    down.clear();
  };
}

/** The innermost element at a place, through the shadow roots. */
export function deepest(x: number, y: number): Element | null {
  let found = document.elementFromPoint(x, y);
  while (found?.shadowRoot) {
    const inner = found.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === found) break;
    found = inner;
  }
  return found;
}
