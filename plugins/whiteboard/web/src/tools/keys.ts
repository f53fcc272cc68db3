/** The keyboard: tools by digits, undo and redo, moving and zooming the page. */
import type { HubBoard } from "../board.js";
import type { Tool } from "./kit.js";

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** In the order of their digit keys. */
export const BY_DIGIT: Tool[] = ["select", "hand", "pen", "marker", "eraser", "line", "note"];

export function keys(board: HubBoard, signal: AbortSignal): void {
  const typing = (event: Event) => {
    const at = event.composedPath()[0];
    return (
      at instanceof HTMLInputElement ||
      at instanceof HTMLTextAreaElement ||
      at instanceof HTMLSelectElement
    );
  };
  document.addEventListener(
    "keydown",
    (event) => {
      if (typing(event) || board.plain || event.altKey) return;
      if (handled(board, event)) event.preventDefault();
    },
    { signal },
  );
  document.addEventListener("keyup", (event) => event.key === " " && board.hold(false), { signal });
  window.addEventListener("blur", () => board.hold(false), { signal });
}

function handled(board: HubBoard, event: KeyboardEvent): boolean {
  const { session, stage, selection } = board;
  if (!session || !stage) return false;
  if (event.ctrlKey || event.metaKey) {
    // By the key's place: with Cyrillic letters it says no "z".
    if (event.code === "KeyZ" && event.shiftKey) session.redo();
    else if (event.code === "KeyZ") session.undo();
    else if (event.code === "KeyY") session.redo();
    else return false;
    return true;
  }
  const target = event.composedPath()[0];
  const pressed = target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement;
  const arrow = ARROWS[event.key];
  const tool = BY_DIGIT[Number(event.key) - 1];
  const picked = (selection?.items.length ?? 0) > 0;
  if (arrow && picked) {
    const step = (event.shiftKey ? 20 : 4) / stage.view.zoom;
    selection?.nudge(arrow[0] * step, arrow[1] * step);
  } else if (arrow && !pressed) stage.pan(-60 * arrow[0], -60 * arrow[1]);
  else if (tool) board.take(tool);
  else if ((event.key === "Delete" || event.key === "Backspace") && picked) selection?.erase();
  else if (event.key === "Escape") selection?.clear();
  else if (event.key === " " && !pressed) board.hold(true);
  else if (event.key === "+" || event.key === "=") stage.zoom(1.25);
  else if (event.key === "-") stage.zoom(0.8);
  else if (event.key === "0") stage.whole();
  else return false;
  return true;
}
