import { type Asset, hub, N_, type Problem, problemOf } from "@classhub/client";
import type { LiveView } from "@classhub/live-view";
import { base, define, HubElement, icon, Running, t, tn } from "@classhub/ui";
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { albumOf } from "../album.js";
import { made } from "../process/wish.js";
import { ghostAt, type Room, type Side } from "./ghost.js";

export type GuideKind = "stack" | "mosaic";

const FEWEST = 2;
const MOST = 100;
const OTHER_SIZE: Problem = {
  code: "other-size",
  title: N_("This picture has another size than the ones before, so it is left out."),
  hint: N_("Leave the resolution as it is until all pictures are taken."),
  severity: "warning",
};

/** Dispatched when the person is done, or gives up. */
export class GuideOverEvent extends Event {
  constructor() {
    super("over");
  }
}

/**
 * Leads a person with a microscope that is moved by hand through a stack or a mosaic: says what to
 * turn or move, shows where the last picture was, and joins what was taken.
 */
export class Guide extends HubElement {
  static override properties = {
    kind: {},
    view: { attribute: false },
    taken: { state: true },
    side: { state: true },
    product: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { position: absolute; inset: 0; pointer-events: none; overflow: hidden; }
      .ghost { position: absolute; overflow: hidden; }
      .ghost img { position: absolute; opacity: 0.55; display: block; max-width: none; }
      .edge { position: absolute; border: 0 dashed #f4b82e; }
      .edge.right { border-right-width: 3px; } .edge.left { border-left-width: 3px; }
      .edge.down { border-bottom-width: 3px; } .edge.up { border-top-width: 3px; }
      .card {
        position: absolute; right: var(--space-4); bottom: var(--space-4); width: min(26rem, calc(100% - 2rem)); pointer-events: auto;
        display: grid; gap: var(--space-3); padding: var(--space-4); max-height: calc(100% - 6rem); overflow: auto;
      }
      .head { display: flex; align-items: center; gap: var(--space-3); }
      .head h2 { flex: 1; }
      .sides { display: flex; flex-wrap: wrap; gap: var(--space-2); }
      .sides button { flex: 1 1 auto; }
      .sides button[aria-pressed="true"] { background: var(--accent); color: var(--on-accent); }
      .row { display: flex; flex-wrap: wrap; gap: var(--space-2); }
      progress { width: 100%; height: 0.8rem; accent-color: var(--accent); }
      .made { width: 100%; max-height: 30vh; object-fit: contain; background: #0a0f0e; border-radius: var(--radius-m); }
    `,
  ];
  declare kind: GuideKind;
  declare view: LiveView | null;
  declare taken: Asset[];
  /** On which side of the last picture the next one lies. */
  declare side: Side;
  declare product: Asset | null;
  declare problem: Problem | null;
  private readonly running = new Running(this);

  constructor() {
    super();
    this.kind = "stack";
    this.view = null;
    this.taken = [];
    this.side = "right";
    this.product = null;
    this.problem = null;
  }

  protected override arrive(): void {
    this.on(window, "resize", () => this.requestUpdate());
  }

  /** Take in a picture that was kept just now. */
  add(asset: Asset): void {
    if (this.running.busy || this.product || this.taken.length >= MOST) return;
    const first = this.taken[0];
    if (first && (first.width !== asset.width || first.height !== asset.height)) {
      this.problem = OTHER_SIZE;
      return;
    }
    this.problem = null;
    if (!this.taken.some((one) => one.id === asset.id)) this.taken = [...this.taken, asset];
  }

  private async join(): Promise<void> {
    this.problem = null;
    const sources = this.taken.map((asset) => asset.id);
    const result = await made<{ asset: string }>(this.running, { process: this.kind, sources });
    if (!result) return;
    try {
      this.product = await hub.api.get<Asset>(`/assets/${result.asset}`);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private over(): void {
    void this.running.stop();
    this.dispatchEvent(new GuideOverEvent());
  }

  protected override updated(_: PropertyValues): void {
    const ghost = this.renderRoot.querySelector<HTMLElement>(".ghost");
    const place = this.view?.placement;
    if (!ghost || !place) return;
    const at = ghostAt(this.side, place);
    const put = (element: HTMLElement | null, box: Room) => {
      for (const [name, value] of Object.entries(box)) {
        element?.style.setProperty(name, `${value}px`);
      }
    };
    put(ghost, at.window);
    put(ghost.querySelector("img"), at.picture);
    put(this.renderRoot.querySelector(".edge"), at.window);
  }

  override render(): TemplateResult {
    const last = this.taken.at(-1);
    const ghosted = this.kind === "mosaic" && last && !this.product && !this.running.busy;
    const title = this.kind === "stack" ? t("Sharp all over") : t("One large picture");
    return html`${
      ghosted
        ? html`<div class="ghost"><img src=${last.links.content} alt=""></div><div class="edge ${this.side}"></div>`
        : nothing
    }
    <section class="card" aria-label=${title}>
      <div class="head"><h2>${title}</h2><button class="quiet icon" aria-label=${t("Close")} @click=${this.over}>${icon("close")}</button></div>
      <hub-notice .problem=${this.problem ?? this.running.problem}></hub-notice>
      ${this.product ? this.made(this.product) : this.running.busy ? this.progress() : this.step()}
    </section>`;
  }

  private step(): TemplateResult {
    const count = this.taken.length;
    return html`<p role="status">${this.words(count)}</p>
      ${this.kind === "mosaic" && count > 0 ? this.sides() : nothing}
      ${count > 0 ? html`<p class="muted small">${tn("{count} picture so far", "{count} pictures so far", count, { count })}</p>` : nothing}
      <div class="row">
        ${count >= FEWEST ? html`<button class="primary" @click=${() => void this.join()}>${icon("images")}${t("Join them")}</button>` : nothing}
        ${
          count > 0
            ? html`<button @click=${() => {
                this.taken = this.taken.slice(0, -1);
              }}>${icon("undo")}${t("Leave the last one out")}</button>`
            : nothing
        }
      </div>`;
  }

  private words(count: number): string {
    if (this.kind === "stack") {
      return count === 0
        ? t("Focus on the highest place that shall be sharp. Then press Take a picture.")
        : t(
            "Turn the fine focus a little, always in the same direction, and take the next picture. Do not move the slide.",
          );
    }
    return count === 0
      ? t("Begin at a corner of what you want to show. Press Take a picture.")
      : t(
          "Choose where the next picture lies. Move the slide until the live picture fits the pale one behind the dashed line, and take the next picture.",
        );
  }

  private sides(): TemplateResult {
    const names: [Side, string][] = [
      ["left", t("To the left")],
      ["right", t("To the right")],
      ["up", t("Above")],
      ["down", t("Below")],
    ];
    return html`<div class="sides" role="group" aria-label=${t("Where the next picture lies")}>${names.map(
      ([side, words]) =>
        html`<button aria-pressed=${side === this.side ? "true" : "false"} @click=${() => {
          this.side = side;
        }}>${icon(side)}${words}</button>`,
    )}</div>`;
  }

  private progress(): TemplateResult {
    const operation = this.running.operation;
    return html`<progress max="1" .value=${operation?.fraction ?? 0} aria-label=${t("Progress")}></progress>
      <p class="muted" role="status">${operation?.message ? t(operation.message) : t("Waiting for its turn")}</p>
      <div><button @click=${() => this.running.stop()}>${icon("stop")}${t("Stop")}</button></div>`;
  }

  private made(asset: Asset): TemplateResult {
    return html`<img class="made" src=${asset.links.content} alt=${asset.title}>
      <div class="row"><a class="button primary" href=${albumOf(asset)}>${icon("images")}${t("Open in the album")}</a>
        <button @click=${() => {
          this.taken = [];
          this.product = null;
        }}>${icon("add")}${t("Once more")}</button></div>`;
  }
}
define("hub-guide", Guide);
