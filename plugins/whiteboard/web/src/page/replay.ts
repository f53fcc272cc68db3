/** How a page came to be: its items in the order in which they were made, played or pulled. */
import { clock, icon, t } from "@classhub/ui";
import { html, type TemplateResult } from "lit";
import type { Board } from "../model/board.js";
import type { Stage } from "../view/stage.js";

/** A page is played in so many milliseconds, however long it took. */
const LASTS = 20_000;
const SHORTEST = 3_000;
const EACH = 120;
const FRAME = 80;

export class Replay {
  at: number;
  playing = false;
  private timer: ReturnType<typeof setInterval> | undefined;

  private constructor(
    private readonly stage: Stage,
    /** When each item was begun, the first first. */
    readonly times: number[],
    private readonly changed: () => void,
  ) {
    this.at = 0;
  }

  /** Of the page that is shown; null where nothing is on it. */
  static of(board: Board, stage: Stage, changed: () => void): Replay | null {
    const times = board
      .items(stage.page)
      .all()
      .map(({ time }) => time)
      .sort((one, other) => one - other);
    if (times.length === 0) return null;
    const replay = new Replay(stage, times, changed);
    replay.play();
    return replay;
  }

  /** Show the first so many items. */
  go(at: number): void {
    const before = this.at;
    this.at = Math.max(0, Math.min(this.times.length, at));
    const shown = Math.floor(this.at);
    this.stage.until = shown === 0 ? Number.NEGATIVE_INFINITY : (this.times[shown - 1] ?? 0);
    if (Math.floor(before) !== shown || before === this.at) this.stage.repaint();
    this.changed();
  }

  play(): void {
    clearInterval(this.timer);
    if (this.at >= this.times.length) this.at = 0;
    this.playing = true;
    this.go(this.at);
    const whole = Math.min(LASTS, Math.max(SHORTEST, this.times.length * EACH));
    const step = (this.times.length / whole) * FRAME;
    this.timer = setInterval(() => {
      this.go(this.at + step);
      if (this.at >= this.times.length) this.pause();
    }, FRAME);
  }

  pause(): void {
    clearInterval(this.timer);
    this.playing = false;
    this.changed();
  }

  close(): void {
    clearInterval(this.timer);
    this.stage.until = null;
    this.stage.repaint();
  }
}

export function replayBar(replay: Replay, end: () => void): TemplateResult {
  const { times, at, playing } = replay;
  const shown = times[Math.max(0, Math.floor(at) - 1)];
  return html`<div class="replay card" role="group" aria-label=${t("How it came to be")}>
    <button class="primary icon" aria-label=${playing ? t("Pause") : t("Play")} title=${playing ? t("Pause") : t("Play")}
      @click=${() => (playing ? replay.pause() : replay.play())}>${icon(playing ? "pause" : "play")}</button>
    <input type="range" min="0" max=${times.length} step="1" .value=${String(Math.floor(at))} aria-label=${t("How far")}
      @input=${(event: Event) => {
        replay.pause();
        replay.go(Number((event.target as HTMLInputElement).value));
      }}>
    <time>${shown === undefined ? "" : clock(shown)}</time>
    <button @click=${end}>${t("End")}</button>
  </div>`;
}
