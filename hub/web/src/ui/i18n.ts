/** Words in the reader's language. Message ids are the English texts themselves. */

export type Catalogue = Record<string, string | string[]>;
export type Params = Record<string, unknown>;

const STORED = "classhub.language";

/** Which of a message's forms a number takes: gettext's rules for the languages we speak. */
export function pluralForm(language: string, n: number): number {
  if (language !== "ru") return n === 1 ? 0 : 1;
  const last = n % 10;
  const two = n % 100;
  if (last === 1 && two !== 11) return 0;
  return last >= 2 && last <= 4 && (two < 12 || two > 14) ? 1 : 2;
}

/** Put parameters into a message's `{placeholders}`; unknown ones stay as they are. */
export function fill(message: string, params?: Params): string {
  if (!params) return message;
  return message.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(params, name) ? String(params[name]) : whole,
  );
}

/** Pick the reader's language: what was chosen, what the browser asks for, the hub's first. */
export function chooseLanguage(
  offered: string[],
  chosen: string | null,
  wanted: readonly string[],
): string {
  if (chosen && offered.includes(chosen)) return chosen;
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0] ?? "";
    if (offered.includes(language)) return language;
  }
  return offered[0] ?? "en";
}

/** The languages' own names, for the switch. */
export const LANGUAGE_NAMES: Record<string, string> = {
  kk: "Қазақша",
  ru: "Русский",
  en: "English",
};

class I18n extends EventTarget {
  language = "en";
  offered: string[] = ["en"];
  private sources: Record<string, string[]> = {};
  private readonly loaded = new Map<string, Catalogue>();

  /** Load the catalogues of the language to begin with. */
  async start(offered: string[], sources: Record<string, string[]>): Promise<void> {
    this.offered = offered.length > 0 ? offered : ["en"];
    this.sources = sources;
    await this.use(chooseLanguage(this.offered, remembered(), navigator.languages ?? []));
  }

  /** Change the language; every `HubElement` on the page renders again. */
  async use(language: string, remember = false): Promise<void> {
    if (!this.loaded.has(language)) this.loaded.set(language, await this.load(language));
    this.language = language;
    if (remember) keep(language);
    this.dispatchEvent(new Event("change"));
  }

  /** Add messages that are already at hand. */
  add(language: string, catalogue: Catalogue): void {
    this.loaded.set(language, { ...this.loaded.get(language), ...catalogue });
  }

  lookup(message: string): string | string[] | undefined {
    const catalogue = this.loaded.get(this.language);
    // Names of devices come here too: "constructor" is not a message.
    return catalogue && Object.hasOwn(catalogue, message) ? catalogue[message] : undefined;
  }

  private async load(language: string): Promise<Catalogue> {
    const parts = await Promise.all(
      (this.sources[language] ?? []).map(async (url): Promise<Catalogue> => {
        try {
          const response = await fetch(url);
          return response.ok ? await response.json() : {};
        } catch {
          return {}; // English shows instead; the page works.
        }
      }),
    );
    return Object.assign({}, ...parts);
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // Storage is switched off: the browser's language decides.
  }
}

function keep(language: string): void {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // Storage is switched off: the choice lasts until the page is left.
  }
}

export const i18n = new I18n();

/** The message in the reader's language. Text that no catalogue knows comes back unchanged. */
export function t(message: string, params?: Params): string {
  const found = i18n.lookup(message);
  return fill((Array.isArray(found) ? found[0] : found) || message, params);
}

/** A message that counts: `tn("{n} picture", "{n} pictures", n)`. */
export function tn(one: string, many: string, n: number, params?: Params): string {
  const found = i18n.lookup(one);
  const form = Array.isArray(found) ? found[pluralForm(i18n.language, n)] : undefined;
  return fill(form || (n === 1 ? one : many), { n, ...params });
}

// Chromium knows no Kazakh month names in every build; figures are right everywhere.
const LOCALES: Record<string, string> = { kk: "ru-KZ", ru: "ru-KZ", en: "en-GB" };

const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
const DAY: Intl.DateTimeFormatOptions = { day: "2-digit", month: "2-digit", year: "numeric" };

// Making a formatter takes longer than drawing the tile that it is for.
const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${i18n.language} ${options === CLOCK}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(LOCALES[i18n.language], options);
    formats.set(key, found);
  }
  return found;
}

/** A time of day, such as 09:41. */
export function clock(time: string | number | Date): string {
  return format(CLOCK).format(new Date(time));
}

/** A date in figures, such as 23.11.2026. */
export function day(time: string | number | Date): string {
  return format(DAY).format(new Date(time));
}

/** How long something lasts, such as 0:03 or 1:02:05. */
export function lasting(seconds: number): string {
  // A video of less than a second is one all the same.
  const whole = Math.max(1, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const parts = hours > 0 ? [hours, String(minutes).padStart(2, "0")] : [minutes];
  return [...parts, String(whole % 60).padStart(2, "0")].join(":");
}

/** A number as the language writes it, with at most `digits` decimals. */
export function number(value: number, digits = 2): string {
  return new Intl.NumberFormat(LOCALES[i18n.language], { maximumFractionDigits: digits })
    .format(value)
    .replace("-", "−");
}
