import { base, define, HubElement, icon, number, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult, unsafeCSS } from "lit";
import { type Game, mayPress, type Player } from "./game.js";

/** A player has pressed their field. */
export class PressEvent extends Event {
  constructor(readonly player: number) {
    super("buzz", { bubbles: true, composed: true });
  }
}

/** The colours of players: told apart on light and dark ground, with white words on them. */
const COLOURS = ["#1f5fae", "#a3370f", "#1d6b3c", "#6d3a9c"] as const;

/** Large fields to press, one for each player; on a pupil's own tablet theirs alone. Keys 1 to 4 do as well. */
class BuzzerFields extends HubElement {
  static override properties = { game: { attribute: false }, me: { attribute: false } };
  static override styles = [
    base,
    css`
      :host { display: block; }
      .fields { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fit, minmax(min(100%, 9rem), 1fr)); }
      button {
        min-height: clamp(5rem, 17dvh, 24rem); padding: var(--space-2); border: 6px solid var(--player); background: var(--player); color: #fff; border-radius: var(--radius-l);
        display: grid; gap: var(--space-1); align-content: center; justify-items: center; touch-action: none; user-select: none; -webkit-user-select: none;
      }
      button:disabled { opacity: 1; }
      button:hover { background: var(--player); }
      .name { font: var(--type-heading); overflow-wrap: anywhere; display: flex; flex-wrap: wrap; justify-content: center; gap: 0 0.5em; }
      .state { display: inline-flex; gap: var(--space-1); align-items: center; min-height: 1.5em; }
      button.answers { border-color: var(--ink); }
      button.waits, button.tried { background: var(--surface); color: var(--ink); }
      button.tried { border-style: dashed; }
    `,
    unsafeCSS(COLOURS.map((one, at) => `.at${at} { --player: ${one}; }`).join("\n")),
  ];
  declare game: Game | null;
  /** The player whose tablet this is; null on the screen that all share. */
  declare me: number | null;

  constructor() {
    super();
    this.game = null;
    this.me = null;
  }

  protected override arrive(): void {
    this.on(document, "keydown", (event) => this.key(event as KeyboardEvent));
  }

  private key(event: KeyboardEvent): void {
    if (this.me !== null || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    const [under] = event.composedPath();
    if (under instanceof HTMLInputElement || under instanceof HTMLSelectElement) return;
    const player = ["1", "2", "3", "4"].indexOf(event.key);
    if (player >= 0 && player < (this.game?.players.length ?? 0)) this.press(player);
  }

  private press(player: number): void {
    if (this.game && mayPress(this.game, player)) this.dispatchEvent(new PressEvent(player));
  }

  /** By the keyboard or a reader: a finger or mouse has pressed already when it came down. */
  private clicked(event: MouseEvent, player: number): void {
    if (event.detail === 0) this.press(player);
  }

  override render(): TemplateResult | typeof nothing {
    const { game, me } = this;
    if (!game) return nothing;
    return html`<div class="fields" role="group" aria-label=${t("Press first")}>${game.players.map((one, at) => (me === null || me === at ? this.field(game, one, at) : nothing))}</div>`;
  }

  private field(game: Game, player: Player, at: number): TemplateResult {
    const { question } = game;
    const answers = question.player === at && !question.answered;
    const tried = question.tries.find((one) => one.player === at);
    const free = mayPress(game, at);
    const state = answers
      ? t("answers")
      : tried
        ? tried.right
          ? html`${icon("check")}${t("Right!")}`
          : html`${icon("close")}${t("tried")}`
        : free
          ? this.me === null
            ? t("Press, or key {n}", { n: at + 1 })
            : t("Press")
          : "";
    return html`<button type="button" class="at${at} ${answers ? "answers" : tried ? "tried" : free ? "" : "waits"}" data-player=${at} ?disabled=${!free}
      @pointerdown=${() => this.press(at)} @click=${(event: MouseEvent) => this.clicked(event, at)}><span class="name"><span>${player.name}</span><span>${number(player.right)}</span></span><span class="state">${state}</span></button>`;
  }
}
define("hub-globe-buzzer", BuzzerFields);
