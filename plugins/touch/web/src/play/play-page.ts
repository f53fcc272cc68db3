import { hub } from "@classhub/client";
import { base, define, HubElement, icon, navigate, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { ACTIVITIES, type Activity } from "../model.js";
import { touchesOf } from "./table-touches.js";
import "./draw-play.js";
import "./map-play.js";
import "./match-play.js";
import "./quiz-play.js";

/** The whole screen for one activity: on the panel, on the table as this computer's screen. */
class PlayPage extends HubElement {
  static override properties = { activity: { state: true }, leaving: { state: true } };
  static override styles = [
    base,
    css`
      :host { position: fixed; inset: 0; z-index: 100; background: var(--paper); overscroll-behavior: none; touch-action: none; }
      .stage { position: absolute; inset: 0; }
      .leave { position: absolute; top: 50%; translate: 0 -50%; left: var(--space-2); z-index: 6; border-radius: 50%; padding: 0; width: var(--touch); opacity: 0.85; }
      .leave.right { left: auto; right: var(--space-2); }
    `,
  ];
  declare activity: Activity;
  /** A finger brushes a button easily: the second tap within a moment leaves. */
  declare leaving: boolean;
  private query = new URLSearchParams();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.activity = "draw";
    this.leaving = false;
  }

  protected override arrive(): void {
    this.query = new URLSearchParams(location.search);
    const wanted = this.query.get("activity");
    // Opened from an album: its picture lies on the table.
    const usual = this.query.has("assets") ? "map" : "draw";
    this.activity = ACTIVITIES.find((one) => one === wanted) ?? usual;
    const table = this.query.get("table");
    if (table) this.until(touchesOf(table));
    void hub.session.refresh().catch(() => {});
    this.until(() => clearTimeout(this.timer));
  }

  private leaveNow(): void {
    if (this.leaving) {
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => {});
      navigate("/touch");
      return;
    }
    this.leaving = true;
    this.timer = setTimeout(() => (this.leaving = false), 3_000);
  }

  private fill(): void {
    void document.documentElement.requestFullscreen?.().catch(() => {});
  }

  override render(): TemplateResult {
    return html`<main class="stage" aria-label=${t("At the touch table")}>${this.lies()}</main>
      <button class="leave ${this.leaving ? "primary" : ""}" @pointerup=${this.leaveNow} @click=${(event: MouseEvent) => event.detail === 0 && this.leaveNow()} aria-label=${this.leaving ? t("Tap once more to leave") : t("Leave the activity")}>${icon("close")}</button>
      ${document.fullscreenEnabled ? html`<button class="leave right" @click=${this.fill} aria-label=${t("Fill the screen")}>${icon("grow")}</button>` : nothing}`;
  }

  private lies(): TemplateResult {
    const teams = Math.min(Math.max(Number(this.query.get("teams")) || 2, 2), 4);
    switch (this.activity) {
      case "quiz":
        return html`<hub-quiz-play .quiz=${this.query.get("quiz") ?? ""} .teams=${teams}></hub-quiz-play>`;
      case "match":
        return html`<hub-match-play .teams=${teams}></hub-match-play>`;
      case "map":
        return html`<hub-map-play .asset=${this.query.get("assets") ?? ""}></hub-map-play>`;
      default:
        return html`<hub-draw-play></hub-draw-play>`;
    }
  }
}
define("hub-touch-play", PlayPage);
