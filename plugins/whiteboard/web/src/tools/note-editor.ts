/** Writing a sticky note: a field where the note lies. */
import { t } from "@classhub/ui";
import { html, nothing, type TemplateResult } from "lit";
import { type Board, newId } from "../model/board.js";
import type { Note } from "../model/items.js";
import type { Stage } from "../view/stage.js";
import { toScreen } from "../view/view.js";

const SIDE = 240;
const LONGEST = 2000;

interface Editing {
  board: Board;
  page: string;
  x: number;
  y: number;
  width: number;
  height: number;
  colour: string;
  text: string;
  /** The note that is there already. */
  note: Note | null;
}

export class NoteEditor {
  private editing: Editing | null = null;
  private fresh = false;

  constructor(private readonly changed: () => void) {}

  /** A new one, with its middle at a place of the page. */
  write(board: Board, page: string, x: number, y: number, colour: string): void {
    this.finish();
    const place = { x: x - SIDE / 2, y: y - SIDE / 2, width: SIDE, height: SIDE };
    this.editing = { board, page, ...place, colour, text: "", note: null };
    this.fresh = true;
    this.changed();
  }

  edit(board: Board, note: Note): void {
    this.finish();
    const { move } = note;
    this.editing = {
      board,
      page: note.page,
      x: note.x * move.scale + move.x,
      y: note.y * move.scale + move.y,
      width: note.width * move.scale,
      height: note.height * move.scale,
      colour: note.colour,
      text: note.text,
      note,
    };
    this.fresh = true;
    this.changed();
  }

  /** Keep what was written; an empty new note is none. */
  finish(): void {
    const { editing } = this;
    if (!editing) return;
    this.editing = null;
    const { board, page, colour, x, y, width, height, note } = editing;
    const text = editing.text.trim().slice(0, LONGEST);
    if (note && text !== note.text) board.rewrite(note, text);
    else if (!note && text) {
      const time = board.now();
      board.put(newId(), { kind: "note", page, time, colour, x, y, width, height, text });
    }
    this.changed();
  }

  /** Lay the field over the note. */
  place(root: DocumentFragment | HTMLElement, stage: Stage | null): void {
    const field = root.querySelector<HTMLTextAreaElement>(".note");
    if (!field || !stage || !this.editing) return;
    const { x, y, width, height } = this.editing;
    const [left, top] = toScreen(stage.view, x, y);
    const [wide, high] = [width * stage.view.zoom, height * stage.view.zoom];
    field.style.transform = `translate3d(${left}px, ${top}px, 0)`;
    field.style.width = `${Math.max(wide, 150)}px`;
    field.style.height = `${Math.max(high, 110)}px`;
    if (!this.fresh) return;
    this.fresh = false;
    field.value = this.editing.text;
    field.focus({ preventScroll: true });
  }

  render(): TemplateResult | typeof nothing {
    const { editing } = this;
    if (!editing) return nothing;
    return html`<textarea class="note" maxlength=${LONGEST} aria-label=${t("Sticky note")} placeholder=${t("Write here")}
      .style=${`background: ${editing.colour}`} @input=${(event: Event) => {
        editing.text = (event.target as HTMLTextAreaElement).value;
      }} @blur=${() => this.finish()} @keydown=${(event: KeyboardEvent) => {
        if (event.key === "Escape") this.finish();
      }}></textarea>`;
  }
}
