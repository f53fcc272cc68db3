import { hub, problemOf } from "@classhub/client";
import { base, define, HubElement, icon, number, say, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { MARKS, Marks } from "./marks.js";
import { samplesOf } from "./pen.js";

interface Made {
  kind: string;
  error: number;
  worst: number;
}

/** Five marks on the whole screen, touched one after the other; dispatches `close` at its end. */
class CalibrateTablet extends HubElement {
  static override properties = { device: {}, count: { state: true }, busy: { state: true } };
  static override styles = [
    base,
    css`
      :host { position: fixed; inset: 0; z-index: 100; background: var(--paper); touch-action: none; }
      .mark { position: absolute; inset: 0; width: 100%; height: 100%; color: var(--accent); }
      .words { position: absolute; left: 50%; top: 28%; translate: -50% -50%; text-align: center; display: grid; gap: var(--space-3); width: min(36rem, 80vw); justify-items: center; }
      .words.low { top: 72%; }
    `,
  ];
  declare device: string;
  declare count: number;
  declare busy: boolean;
  private marks = new Marks();

  constructor() {
    super();
    this.device = "";
    this.count = 0;
    this.busy = false;
  }

  protected override arrive(): void {
    // Marks are fractions of the screen: the page must fill it. Where it may not, it is near enough.
    void document.documentElement.requestFullscreen?.().catch(() => undefined);
    this.on(document, "keydown", (event) => {
      if ((event as KeyboardEvent).key === "Escape") this.end();
    });
    this.until(
      hub.stream.subscribe(`${this.device}/s/pen`, (_, payload) => {
        if (this.busy || !this.marks.take(samplesOf(payload))) return;
        this.count = this.marks.seen.length;
        if (this.marks.done) void this.send();
      }),
    );
  }

  protected override leave(): void {
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
  }

  private end(): void {
    this.dispatchEvent(new Event("close"));
  }

  private async send(): Promise<void> {
    this.busy = true;
    const points = MARKS.map((target, at) => ({ target, seen: this.marks.seen[at] }));
    try {
      const path = `/tablets/${encodeURIComponent(this.device)}/calibration`;
      const made = await hub.api.put<Made>(path, { points });
      say(t("Calibrated. The marks are {off} % off.", { off: number(made.error * 100, 1) }));
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.end();
  }

  override render(): TemplateResult {
    const [x, y] = MARKS[this.count] ?? [0.5, 0.5];
    return html`${
      this.busy
        ? nothing
        : html`<svg class="mark" aria-hidden="true"><svg x="${x * 100}%" y="${y * 100}%" overflow="visible" fill="none" stroke="currentColor" stroke-width="3"><circle r="16"></circle><path d="M0 -34V34M-34 0H34"></path></svg></svg>`
    }
      <div class="words ${y < 0.5 ? "low" : ""}"><p role="status"><strong>${t("Touch the middle of the mark with the pen.")}</strong></p>
      <p class="muted">${t("{n} of {all}", { n: Math.min(this.count + 1, MARKS.length), all: MARKS.length })}</p>
      <button @click=${() => this.end()}>${icon("stop")}${t("Stop")}</button></div>`;
  }
}
define("hub-calibrate-tablet", CalibrateTablet);
