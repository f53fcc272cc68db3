/** What is in one's hand: a tool, a colour, a width; kept for the next time. */
import { N_ } from "@classhub/client";
import { FORMS, type Form } from "../model/items.js";

export type Tool = "select" | "hand" | "pen" | "marker" | "eraser" | "note" | Form;

export interface Kit {
  tool: Tool;
  /** Empty: the colour that the hub gave. */
  colour: string;
  /** The width of each tool that has one: its place in `WIDTHS`. */
  widths: Record<string, number>;
  note: string;
}

/** Ink that is told apart on paper, also by most who see colours otherwise. */
export const COLOURS: { colour: string; name: string }[] = [
  { colour: "#14221f", name: N_("Black") },
  { colour: "#1f5fd0", name: N_("Blue") },
  { colour: "#d0342c", name: N_("Red") },
  { colour: "#1d8a52", name: N_("Green") },
  { colour: "#e07800", name: N_("Orange") },
  { colour: "#7b3fc4", name: N_("Violet") },
  { colour: "#0a868c", name: N_("Turquoise") },
  { colour: "#8a5a2b", name: N_("Brown") },
];

export const NOTE_COLOURS: { colour: string; name: string }[] = [
  { colour: "#ffe27a", name: N_("Yellow") },
  { colour: "#bfe8c4", name: N_("Green") },
  { colour: "#bcdcf7", name: N_("Blue") },
  { colour: "#f8c9d4", name: N_("Pink") },
];

/** Page units; a pen's, a marker's and a shape's. */
export const WIDTHS: Record<string, readonly number[]> = {
  pen: [3, 5, 9, 16],
  marker: [18, 28, 44],
  shape: [3, 6, 12],
};

export const WIDTH_NAMES = [N_("Thin"), N_("Middle"), N_("Thick"), N_("Very thick")];

export function isForm(tool: Tool): tool is Form {
  return (FORMS as readonly string[]).includes(tool);
}

/** Which of `WIDTHS` a tool uses; null where it has no width. */
export function widthsOf(tool: Tool): string | null {
  if (tool === "pen" || tool === "marker") return tool;
  return isForm(tool) ? "shape" : null;
}

export function widthOf(kit: Kit, tool: Tool): number {
  const which = widthsOf(tool) ?? "pen";
  const widths = WIDTHS[which] ?? [4];
  return widths[kit.widths[which] ?? 1] ?? widths[0] ?? 4;
}

const STORED = "classhub.board.kit";
const FIRST: Kit = { tool: "pen", colour: "", widths: {}, note: NOTE_COLOURS[0]?.colour ?? "" };

export function rememberedKit(): Kit {
  try {
    const said = JSON.parse(localStorage.getItem(STORED) ?? "{}") as Partial<Kit>;
    // One begins with a pen: whoever rubbed out last would wonder.
    return { ...FIRST, colour: said.colour ?? "", widths: said.widths ?? {} };
  } catch {
    return { ...FIRST };
  }
}

export function keepKit(kit: Kit): void {
  try {
    localStorage.setItem(STORED, JSON.stringify({ colour: kit.colour, widths: kit.widths }));
  } catch {
    // Storage is switched off: the choice lasts until the page is left.
  }
}
