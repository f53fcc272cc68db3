/** Whose pen writes where: names that follow the pens, moved without rendering the board anew. */
import type { Tip } from "../tools/others.js";
import { toScreen, type View } from "./view.js";

export class Tips {
  private readonly marks = new Map<string, { element: HTMLElement; said: string }>();
  private frame = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly tips: ReadonlyMap<string, Tip>,
    private readonly view: () => View,
    /** What an author is called; empty where nobody says. */
    private readonly name: (author: string) => string,
  ) {}

  /** Place them with the next frame. */
  want(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.place();
    });
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.host.replaceChildren();
    this.marks.clear();
  }

  private place(): void {
    for (const [author, { element }] of this.marks) {
      if (this.tips.has(author)) continue;
      element.remove();
      this.marks.delete(author);
    }
    for (const [author, tip] of this.tips) {
      const name = this.name(author);
      const said = `${tip.colour} ${name}`;
      let mark = this.marks.get(author);
      if (mark?.said !== said) {
        mark?.element.remove();
        mark = { element: made(tip.colour, name), said };
        this.host.append(mark.element);
        this.marks.set(author, mark);
      }
      // On whole pixels: else the browser would write each name anew wherever it goes.
      const [x, y] = toScreen(this.view(), tip.x, tip.y).map(Math.round) as [number, number];
      mark.element.style.transform = `translate3d(${x}px, ${y}px, 0)`;
    }
  }
}

function made(colour: string, name: string): HTMLElement {
  const element = document.createElement("span");
  element.style.setProperty("--c", colour);
  element.append(document.createElement("i"));
  if (name) {
    const label = document.createElement("b");
    label.textContent = name;
    element.append(label);
  }
  return element;
}
