import { HubElement } from "@classhub/ui";

/** A finger (or the mouse) that is down on the activity. */
export interface Finger {
  id: number;
  x: number;
  y: number;
  target: Element;
}

/**
 * The base of what lies on the table: many fingers at once, each with its own element. Browsers
 * make clicks of one finger only, so what is tapped is told from pointers: `tapped` gets the
 * element with `data-tap` on which a finger came down and was lifted; keys still click.
 */
export class Activity extends HubElement {
  protected readonly fingers = new Map<number, Finger>();

  protected override arrive(): void {
    const root = this.renderRoot ?? this;
    const listen = (type: string, work: (event: PointerEvent) => void) => {
      const listener = (event: Event) => work(event as PointerEvent);
      root.addEventListener(type, listener);
      this.until(() => root.removeEventListener(type, listener));
    };
    listen("pointerdown", (event) => this.down(event));
    // A mouse may leave the element while it is held; a finger's events come here anyway.
    for (const [type, work] of [
      ["pointermove", (event: PointerEvent) => this.move(event)],
      ["pointerup", (event: PointerEvent) => this.up(event, true)],
      ["pointercancel", (event: PointerEvent) => this.up(event, false)],
    ] as const) {
      this.on(window, type, (event) => work(event as PointerEvent));
    }
    const click = (event: Event) => {
      // Of keys and of assistive technology; those of fingers were taken as pointers.
      if ((event as MouseEvent).detail === 0) this.tap(tapOf(event.target));
    };
    root.addEventListener("click", click);
    this.until(() => root.removeEventListener("click", click));
  }

  protected override leave(): void {
    this.fingers.clear();
  }

  /** Something with `data-tap` was tapped. */
  protected tapped(_element: HTMLElement): void {}
  protected fingerDown(_finger: Finger): void {}
  protected fingerMoved(_finger: Finger, _from: { x: number; y: number }): void {}
  protected fingerUp(_finger: Finger): void {}

  private down(event: PointerEvent): void {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    const target = event.target as Element;
    if (target.closest("select, input, label, a")) return;
    const finger = { id: event.pointerId, x: event.clientX, y: event.clientY, target };
    this.fingers.set(event.pointerId, finger);
    this.fingerDown(finger);
  }

  private move(event: PointerEvent): void {
    const finger = this.fingers.get(event.pointerId);
    if (!finger) return;
    const from = { x: finger.x, y: finger.y };
    finger.x = event.clientX;
    finger.y = event.clientY;
    this.fingerMoved(finger, from);
  }

  private up(event: PointerEvent, counts: boolean): void {
    const finger = this.fingers.get(event.pointerId);
    if (!finger) return;
    this.move(event);
    this.fingers.delete(event.pointerId);
    this.fingerUp(finger);
    const element = tapOf(finger.target);
    if (counts && element && covers(element, finger)) this.tap(element);
  }

  private tap(element: HTMLElement | null): void {
    if (element && !(element as HTMLButtonElement).disabled) this.tapped(element);
  }
}

function tapOf(target: EventTarget | null): HTMLElement | null {
  return (target as Element | null)?.closest?.<HTMLElement>("[data-tap]") ?? null;
}

function covers(element: Element, at: { x: number; y: number }): boolean {
  const box = element.getBoundingClientRect();
  return at.x >= box.left && at.x <= box.right && at.y >= box.top && at.y <= box.bottom;
}
