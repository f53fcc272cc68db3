/** Light or dark: what the person chose on this device, else what the device prefers. */

export type Theme = "light" | "dark";

const STORED = "classhub.theme";
const preference = matchMedia("(prefers-color-scheme: dark)");

function chosen(): Theme | null {
  try {
    const stored = localStorage.getItem(STORED);
    return stored === "light" || stored === "dark" ? stored : null;
  } catch {
    return null; // Storage is switched off: the device's preference holds.
  }
}

export function theme(): Theme {
  return (document.documentElement.dataset.theme as Theme | undefined) ?? "light";
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = chosen() ?? (preference.matches ? "dark" : "light");
}

export function switchTheme(): void {
  const next: Theme = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // Storage is switched off: the choice lasts until the page is left.
  }
}

preference.addEventListener("change", applyTheme);
