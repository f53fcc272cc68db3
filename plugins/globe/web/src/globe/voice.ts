import { hub } from "@classhub/client";

const STORED = "classhub.globe.voice";
const LEVEL = "classhub.globe.level";

/**
 * Tells places aloud, sentence after sentence. The next place interrupts the one before at once.
 *
 * Events: `change` when it begins or ends, or when the browser wants a touch first; `fault` where a
 * sentence cannot be heard.
 */
export class Voice extends EventTarget {
  /** Whether places are told as they are touched. */
  on: boolean;
  /** For pupils of which grades; empty: all that is known is told. */
  level: string;
  speaking = false;
  /** The browser lets pages make no sound before somebody touched them. */
  blocked = false;
  private readonly audio = new Audio();
  private turn = 0;

  constructor() {
    super();
    this.on = remembered(STORED) !== "off";
    this.level = remembered(LEVEL) ?? "";
    this.audio.preload = "auto";
  }

  switch(on: boolean): void {
    this.on = on;
    remember(STORED, on ? "on" : "off");
    if (!on) this.hush();
    this.changed();
  }

  choose(level: string): void {
    this.level = level;
    remember(LEVEL, level);
    this.hush();
  }

  /** Be silent now. */
  hush(): void {
    this.turn++;
    this.audio.pause();
    this.speaking = false;
    this.changed();
  }

  /** Tell of a place: `count` sentences of it, as pupils of these grades are told ("": all). */
  async tell(place: string, count: number, language: string, level: string): Promise<void> {
    this.hush();
    const turn = this.turn;
    this.speaking = true;
    this.blocked = false;
    this.changed();
    for (let number = 0; number < count && turn === this.turn; number++) {
      const address = sentence(place, number, language, level);
      if (number + 1 < count) void warm(sentence(place, number + 1, language, level));
      if (!(await this.play(address, turn))) break;
    }
    if (turn === this.turn) {
      this.speaking = false;
      this.changed();
    }
  }

  private async play(address: string, turn: number): Promise<boolean> {
    const audio = this.audio;
    audio.src = address;
    const over = new Promise<boolean>((resolve) => {
      audio.onended = () => resolve(true);
      audio.onpause = () => !audio.ended && resolve(false);
      audio.onerror = () => resolve(false);
    });
    try {
      await audio.play();
    } catch (error) {
      if (turn !== this.turn) return false;
      if (error instanceof DOMException && error.name === "NotAllowedError") this.blocked = true;
      else this.dispatchEvent(new CustomEvent("fault", { detail: address }));
      return false;
    }
    return over;
  }

  private changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}

function sentence(place: string, number: number, language: string, level: string): string {
  return hub.api.url(`/globe/places/${encodeURIComponent(place)}/voice/${number}`, {
    lang: language,
    ...(level && { level }),
  });
}

/** Have the hub make a sentence while the one before is heard. */
async function warm(address: string): Promise<void> {
  try {
    await fetch(address, { credentials: "same-origin" });
  } catch {
    // What cannot be fetched is told when its turn comes.
  }
}

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is switched off: the choice lasts until the page is left.
  }
}
