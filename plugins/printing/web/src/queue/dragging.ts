import type { HubElement } from "@classhub/ui";
import type { ReactiveController } from "lit";

/**
 * Moves an item of a list by pointer, mouse or finger: the items are `li[data-job]` in the host.
 * `dropped` hears which was moved and before which it landed, null for the end.
 */
export class Dragging implements ReactiveController {
  private held: { id: string; list: Element; before: string | null; moved: boolean } | null = null;

  constructor(
    private readonly host: HubElement,
    private readonly dropped: (id: string, before: string | null) => void,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.held = null;
  }

  classOf(id: string): string {
    if (!this.held) return "";
    if (this.held.id === id) return "held";
    return this.held.moved && this.held.before === id ? "before" : "";
  }

  begin(event: PointerEvent, id: string): void {
    const grip = event.currentTarget as HTMLElement;
    const list = grip.closest("ol");
    if (!list || event.button !== 0) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    this.held = { id, list, before: id, moved: false };
    const follow = (moved: PointerEvent) => this.follow(moved.clientY);
    const end = (ended: Event) => {
      grip.removeEventListener("pointermove", follow);
      grip.removeEventListener("pointerup", end);
      grip.removeEventListener("pointercancel", end);
      const held = this.held;
      this.held = null;
      this.host.requestUpdate();
      if (held?.moved && ended.type === "pointerup") this.dropped(held.id, held.before);
    };
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("pointerup", end);
    grip.addEventListener("pointercancel", end);
    this.host.requestUpdate();
  }

  private follow(y: number): void {
    const held = this.held;
    if (!held) return;
    const items = [...held.list.querySelectorAll<HTMLElement>("li[data-job]")];
    const under = items.find((item) => {
      const box = item.getBoundingClientRect();
      return item.dataset.job !== held.id && y < box.top + box.height / 2;
    });
    held.before = under?.dataset.job ?? null;
    held.moved = true;
    held.list.classList.toggle("last", held.before === null);
    this.host.requestUpdate();
  }
}
