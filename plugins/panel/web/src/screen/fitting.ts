/** How large a text's letters may be, in hundredths of the shorter side, so that all of it fits. */
export function sizeFor(text: string): number {
  const lines = text.split("\n");
  // A bold letter is about 0.68 of its height wide, a line 1.2 high; the screen is at least 100 by 100.
  for (let size = 22; size > 2; size -= 0.5) {
    const across = Math.floor(92 / (size * 0.68));
    const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / across)), 0);
    const longest = Math.max(...text.split(/\s+/).map((word) => word.length));
    if (rows * size * 1.2 <= 88 && longest <= across) return size;
  }
  return 2;
}

/** Whole seconds that a timer has left: begun `at` (RFC 3339), `now` in milliseconds. */
export function secondsLeft(seconds: number, at: string, now: number): number {
  const begun = Date.parse(at);
  if (!Number.isFinite(begun) || !Number.isFinite(seconds)) return 0;
  return Math.max(0, Math.ceil((begun + seconds * 1000 - now) / 1000));
}

/** `4:05`, or `1:04:05`. */
export function inDigits(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

/** Whether an address may be framed: https or http, of a server that is listed. */
export function mayShow(address: string, origins: string[]): boolean {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  if (url.username || url.password) return false;
  return origins.some((origin) => {
    if (!origin.includes("//*.")) return url.origin === origin;
    const [scheme, host] = origin.split("//*.") as [string, string];
    return url.protocol === scheme && url.host.endsWith(`.${host}`);
  });
}
