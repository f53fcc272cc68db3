/**
 * Who draws and who moves the page: pens, fingers, palms, mice and wheels on the board.
 *
 * A pen draws. While no pen has been used, a finger draws as well, and two that come down together
 * move and zoom the page; one that comes later draws beside the first, since several pupils stand
 * at a panel. Once a pen is used, single fingers only move the page, and what touches the glass
 * while the pen writes is the writer's hand.
 */

export interface Touch {
  id: number;
  type: "pen" | "touch" | "mouse";
  /** CSS pixels from the upper left corner of the board. */
  x: number;
  y: number;
  /** Milliseconds; only differences are used. */
  time: number;
  pressure: number;
  tiltX: number;
  tiltY: number;
  twist: number;
  /** What is pressed, as a pointer event's `buttons` says it. */
  buttons: number;
  /** How large the contact is, in CSS pixels. */
  size: number;
}

export interface Press {
  id: number;
  type: Touch["type"];
  /** The other end of the pen, or its button, which rubs out. */
  eraser: boolean;
  first: Touch;
  /** It has not left the place where it was pressed. */
  tapped: boolean;
}

export interface Handlers {
  start(press: Press, at: Touch): void;
  /** What came since, and what the browser expects next: only to be shown, never to be kept. */
  go(press: Press, samples: Touch[], expected: Touch[]): void;
  end(press: Press, at: Touch): void;
  /** It was no drawing after all. */
  cancel(press: Press): void;
  /** The page grows by `factor` around a place, then moves by so many CSS pixels. */
  look(factor: number, x: number, y: number, byX: number, byY: number): void;
  hover(at: Touch | null): void;
}

/** Two fingers that come down within so many milliseconds move the page. */
const TOGETHER = 180;
/** Nothing that has drawn farther than this is taken for the first of two fingers. */
const BARELY = 14;
const SLIP = { touch: 10, mouse: 4, pen: 5 };
/** A contact as large as this is a hand. */
const PALM = 90;
/** After a pen has written, fingers stay its hand for so long. */
const PEN_RESTS = 700;
const SECOND_BUTTON = 2;
const MIDDLE_BUTTON = 4;
const ERASER_BUTTON = 32;

type Role = "draw" | "look" | "ignored";

interface Down {
  role: Role;
  press: Press;
  last: Touch;
}

export class Pointers {
  /** One finger or the mouse moves the page: the hand tool, or the space bar. */
  hand = false;
  private readonly downs = new Map<number, Down>();
  /** When a pen last touched; before that, fingers draw. */
  private penSeen = Number.NEGATIVE_INFINITY;

  constructor(private readonly handlers: Handlers) {}

  down(touch: Touch): void {
    if (touch.type === "pen") this.penComes(touch);
    const press: Press = {
      id: touch.id,
      type: touch.type,
      eraser: touch.type === "pen" && (touch.buttons & (ERASER_BUTTON | SECOND_BUTTON)) !== 0,
      first: touch,
      tapped: true,
    };
    const role = this.roleOf(touch);
    this.downs.set(touch.id, { role, press, last: touch });
    if (role === "draw") this.handlers.start(press, touch);
  }

  move(samples: Touch[], expected: Touch[]): void {
    const touch = samples.at(-1);
    if (!touch) return;
    const down = this.downs.get(touch.id);
    if (!down) {
      this.handlers.hover(touch.type === "touch" ? null : touch);
      return;
    }
    const { press } = down;
    if (far(press.first, touch) > SLIP[touch.type]) press.tapped = false;
    if (down.role === "draw") this.handlers.go(press, samples, expected);
    else if (down.role === "look") this.look(down, touch);
    down.last = touch;
  }

  up(touch: Touch): void {
    const down = this.downs.get(touch.id);
    if (!down) return;
    this.downs.delete(touch.id);
    if (touch.type === "pen") this.penSeen = touch.time;
    if (down.role === "draw") this.handlers.end(down.press, touch);
    // Of two fingers one leaves first; the other moves the page on and draws nothing.
  }

  lost(id: number): void {
    const down = this.downs.get(id);
    this.downs.delete(id);
    if (down?.role === "draw") this.handlers.cancel(down.press);
  }

  /** Whether anything is pressed. */
  get busy(): boolean {
    return this.downs.size > 0;
  }

  private roleOf(touch: Touch): Role {
    if (touch.type === "pen") return this.hand ? "look" : "draw";
    if (touch.type === "mouse") {
      const other = (touch.buttons & (MIDDLE_BUTTON | SECOND_BUTTON)) !== 0;
      return this.hand || other ? "look" : "draw";
    }
    const pen = [...this.downs.values()].some(({ press }) => press.type === "pen");
    if (pen || touch.time - this.penSeen < PEN_RESTS || touch.size > PALM) return "ignored";
    if (this.penSeen > Number.NEGATIVE_INFINITY || this.hand || this.pinches(touch)) return "look";
    return "draw";
  }

  /** A second finger beside one that has only just come: both move the page from now on. */
  private pinches(touch: Touch): boolean {
    const fingers = [...this.downs.values()].filter(({ press }) => press.type === "touch");
    if (fingers.some(({ role }) => role === "look")) return true;
    const partner = fingers.find(
      ({ press, last, role }) =>
        role === "draw" &&
        touch.time - press.first.time < TOGETHER &&
        far(press.first, last) < BARELY,
    );
    if (!partner) return false;
    this.handlers.cancel(partner.press);
    partner.role = "look";
    return true;
  }

  /** Fingers that lie on the glass when the pen comes are its hand. */
  private penComes(touch: Touch): void {
    this.penSeen = touch.time;
    for (const down of this.downs.values()) {
      if (down.press.type !== "touch") continue;
      if (down.role === "draw") this.handlers.cancel(down.press);
      down.role = "ignored";
    }
  }

  private look(down: Down, touch: Touch): void {
    const { last } = down;
    const other = [...this.downs.values()].find((one) => one.role === "look" && one !== down);
    if (!other) {
      this.handlers.look(1, touch.x, touch.y, touch.x - last.x, touch.y - last.y);
      return;
    }
    const still = other.last;
    const factor = Math.max(20, far(touch, still)) / Math.max(20, far(last, still));
    this.handlers.look(
      factor,
      (last.x + still.x) / 2,
      (last.y + still.y) / 2,
      (touch.x - last.x) / 2,
      (touch.y - last.y) / 2,
    );
  }
}

function far(one: Touch, other: Touch): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}
