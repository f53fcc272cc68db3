import { hub, type Operation } from "@classhub/client";
import type { Running } from "@classhub/ui";

export interface ProcessWish {
  process: "stack" | "mosaic" | "flat-field" | "count";
  sources: string[];
  options?: Record<string, unknown>;
}

/** Have something made of pictures; resolves with the result, or null where there is none. */
export function made<T>(running: Running, wish: ProcessWish): Promise<T | null> {
  return running.follow<T>(() => hub.api.post<Operation>("/processes", wish));
}
