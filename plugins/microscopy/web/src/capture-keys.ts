/** Which keys take a picture: those of a keyboard, and those that presenter remotes send. */

/** By what they mean; a remote's arrows are the page keys. */
const REMOTE = new Set(["PageDown", "PageUp"]);
/** By where they are: a remote's "black screen" is B or a full stop, whatever layout is chosen. */
const REMOTE_CODES = new Set(["KeyB", "Period"]);
const KEYBOARD = new Set([" ", "Enter"]);

const TEXT =
  "textarea, select, [contenteditable], input:not([type=range], [type=checkbox], [type=radio])";
const CONTROLS = "button, a, input, select, textarea, [role=slider], [contenteditable]";

type Pressed = Pick<
  KeyboardEvent,
  "key" | "code" | "repeat" | "ctrlKey" | "altKey" | "metaKey" | "composedPath"
>;

/**
 * Tell whether the key takes a picture. A remote's keys do wherever the focus is, except in a field
 * that is written in and in a dialog; the space bar and Enter also leave buttons and sliders alone.
 */
export function takesPicture(event: Pressed): boolean {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return false;
  const remote = REMOTE.has(event.key) || REMOTE_CODES.has(event.code);
  if (!remote && !KEYBOARD.has(event.key)) return false;
  const path = event.composedPath().filter((node) => node instanceof Element);
  if (path.some((element) => element.matches("dialog[open]"))) return false;
  return !path[0]?.closest(remote ? TEXT : CONTROLS);
}
