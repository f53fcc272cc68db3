/** Filled in by the build: the plugins' public elements, and the words that all of them say. */
export const WORDS: Record<string, Record<string, string>> = {};
