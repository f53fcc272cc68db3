/** Pointer events of an element, handed to `Pointers`. */
import type { Handlers, Pointers, Touch } from "./pointers.js";

const WHEEL_ZOOM = 0.0025;
const LINE = 30;

/** Listen until the signal ends it. */
export function listen(
  element: HTMLElement,
  pointers: Pointers,
  handlers: Handlers,
  signal: AbortSignal,
): void {
  const on = (type: string, listener: (event: never) => void, passive = true) =>
    element.addEventListener(type, listener as EventListener, { signal, passive });
  let box = element.getBoundingClientRect();
  const touchOf = (event: PointerEvent): Touch => ({
    id: event.pointerId,
    type:
      event.pointerType === "pen" || event.pointerType === "touch" ? event.pointerType : "mouse",
    x: event.clientX - box.left,
    y: event.clientY - box.top,
    time: event.timeStamp,
    // What cannot tell how hard it is pressed is taken to be pressed as most people write.
    pressure: event.pointerType === "pen" ? event.pressure : 0.5,
    tiltX: event.tiltX ?? 0,
    tiltY: event.tiltY ?? 0,
    twist: event.twist ?? 0,
    buttons: event.buttons,
    size: event.pointerType === "touch" ? Math.max(event.width, event.height) : 0,
  });
  on(
    "pointerdown",
    (event: PointerEvent) => {
      if (event.target !== element && (event.target as Element).closest("button, textarea")) return;
      box = element.getBoundingClientRect();
      element.setPointerCapture(event.pointerId);
      pointers.down(touchOf(event));
    },
    false,
  );
  on("pointermove", (event: PointerEvent) => {
    if (!pointers.busy) box = element.getBoundingClientRect();
    const all = event.getCoalescedEvents?.() ?? [];
    const expected = event.getPredictedEvents?.() ?? [];
    pointers.move((all.length > 0 ? all : [event]).map(touchOf), expected.map(touchOf));
  });
  on("pointerup", (event: PointerEvent) => pointers.up(touchOf(event)));
  on("pointercancel", (event: PointerEvent) => pointers.lost(event.pointerId));
  on("pointerleave", () => handlers.hover(null));
  on("contextmenu", (event: Event) => event.preventDefault(), false);
  // Else Safari scrolls or selects while a pen writes.
  on("touchstart", (event: Event) => event.preventDefault(), false);
  on(
    "wheel",
    (event: WheelEvent) => {
      event.preventDefault();
      const unit = event.deltaMode === 1 ? LINE : 1;
      const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
      const at = element.getBoundingClientRect();
      const [x, y] = [event.clientX - at.left, event.clientY - at.top];
      if (event.ctrlKey || event.metaKey) {
        const by = Math.max(-200, Math.min(200, dy));
        handlers.look(Math.exp(-by * WHEEL_ZOOM * (Math.abs(by) < 40 ? 4 : 1)), x, y, 0, 0);
      } else if (event.shiftKey && dx === 0) handlers.look(1, x, y, -dy, 0);
      else handlers.look(1, x, y, -dx, -dy);
    },
    false,
  );
}
