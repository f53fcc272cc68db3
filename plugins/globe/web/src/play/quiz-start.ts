import { base, define, HubElement, icon, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import type { PlaceShort } from "../model.js";
import { KINDS, type Kind, type Level, type Mode, type NewGame, type Own } from "./game.js";
import { decoded, table } from "./table.js";

/** A game is to begin. */
export class BeginEvent extends Event {
  constructor(readonly game: NewGame) {
    super("begin", { bubbles: true, composed: true });
  }
}

const SECONDS = [0, 15, 30, 60] as const;
const MOST_OWN = 200;

/** What a quiz is to be like: for which classes, who plays, what is asked. */
class QuizStart extends HubElement {
  static override properties = {
    places: { attribute: false },
    levels: { attribute: false },
    level: { state: true },
    count: { state: true },
    mode: { state: true },
    kinds: { state: true },
    rounds: { state: true },
    seconds: { state: true },
    own: { state: true },
    wrong: { state: true },
  };
  static override styles = [
    base,
    css`
      :host { display: block; }
      .part { padding: var(--space-5); display: grid; gap: var(--space-4); }
      .names { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fit, minmax(min(100%, 12rem), 1fr)); }
      .names input { margin-top: var(--space-1); }
      .own { border: 1px solid var(--line); border-radius: var(--radius-m); padding-inline: var(--space-4); }
      .own summary { min-height: var(--touch); display: flex; align-items: center; cursor: pointer; font: var(--type-strong); }
      .own label { display: block; padding-bottom: var(--space-3); }
      .own textarea { width: 100%; }
      .kinds { display: flex; flex-wrap: wrap; gap: var(--space-2); }
    `,
  ];
  declare places: PlaceShort[];
  declare levels: Level[];
  declare level: string;
  declare count: number;
  declare mode: Mode;
  declare kinds: Kind[];
  /** Questions for each player. */
  declare rounds: number;
  /** How long a question may take; 0: as long as it takes. */
  declare seconds: number;
  /** A teacher's own questions, and the lines of their table that could not be read. */
  declare own: Own[];
  declare wrong: number[];

  constructor() {
    super();
    this.places = [];
    this.levels = [];
    this.level = "";
    this.count = 4;
    this.mode = "turns";
    this.kinds = [];
    this.rounds = 5;
    this.seconds = 0;
    this.own = [];
    this.wrong = [];
  }

  protected override willUpdate(): void {
    const first = this.levels[0];
    if (!this.level && first) this.choose(first);
  }

  /** Ask as is usual at a level; each of it can be chosen otherwise after. */
  private choose(level: Level): void {
    this.level = level.id;
    this.kinds = level.kinds;
    this.seconds = level.seconds;
  }

  private usual(at: number): string {
    return t("Player {n}", { n: at + 1 });
  }

  /** None before it is known what is usual, which would take back what was chosen until then. */
  private get offered(): readonly Kind[] {
    return this.level ? KINDS : [];
  }

  private flip(kind: Kind): void {
    this.kinds = this.kinds.includes(kind)
      ? this.kinds.filter((one) => one !== kind)
      : [...this.kinds, kind];
  }

  private async read(event: Event): Promise<void> {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (!file) return;
    const text = decoded(new Uint8Array(await file.arrayBuffer()));
    const area = this.renderRoot.querySelector<HTMLTextAreaElement>("#pasted");
    if (area) area.value = text;
    this.take(text);
  }

  /** What was pasted or read: the questions in it, and what cannot be understood. */
  private take(text: string): void {
    const read = table(text, this.places);
    this.own = read.own.slice(0, MOST_OWN);
    this.wrong = read.wrong;
  }

  private begin(event: Event): void {
    event.preventDefault();
    const inputs = [...this.renderRoot.querySelectorAll<HTMLInputElement>(".names input")];
    const players = inputs.map((input, at) => input.value.trim() || this.usual(at));
    const { kinds, level, mode, seconds, rounds, own } = this;
    this.dispatchEvent(new BeginEvent({ players, kinds, level, mode, seconds, rounds, own }));
  }

  override render(): TemplateResult {
    const kinds: Record<Kind, string> = {
      find: t("Find on the globe"),
      capital: t("Capitals"),
      flag: t("Flags"),
      neighbour: t("Neighbours"),
      continent: t("Parts of the world"),
      currency: t("Money"),
      centre: t("Centres of regions"),
      constellation: t("Constellations"),
    };
    const modes: Record<Mode, string> = { turns: t("In turn"), buzzer: t("Who is first") };
    const named = this.levels.map((one) => one.id.replace("-", "–"));
    return html`<form class="card part" @submit=${this.begin}>
      <hub-choice class="level" .label=${t("Grades")} .options=${named} .value=${this.level.replace("-", "–")} @set=${this.chosen}></hub-choice>
      <hub-choice .label=${t("Players")} .options=${[1, 2, 3, 4]} .value=${this.count} @set=${(event: Event & { value: number }) => (this.count = event.value)}></hub-choice>
      <div class="names">${Array.from({ length: this.count }, (_, at) => html`<label>${this.usual(at)}<input maxlength="40" autocomplete="off"></label>`)}</div>
      <hub-choice class="mode" .label=${t("Who answers")} .options=${Object.values(modes)} .value=${modes[this.mode]} @set=${(event: Event & { value: string }) => (this.mode = event.value === modes.buzzer ? "buzzer" : "turns")}></hub-choice>
      <div class="kinds" role="group" aria-label=${t("What is asked")}>${this.offered.map(
        (one) =>
          html`<button type="button" aria-pressed=${this.kinds.includes(one)} class=${this.kinds.includes(one) ? "primary" : ""} @click=${() => this.flip(one)}>${kinds[one]}</button>`,
      )}</div>
      <hub-choice .label=${t("Questions for each player")} .options=${[1, 3, 5, 10]} .value=${this.rounds} @set=${(event: Event & { value: number }) => (this.rounds = event.value)}></hub-choice>
      <hub-choice .label=${t("Seconds for a question")} .options=${SECONDS.map((one) => one || "–")} .value=${this.seconds || "–"} @set=${(event: Event & { value: number | string }) => (this.seconds = Number(event.value) || 0)}></hub-choice>
      <details class="own"><summary>${t("Own questions")}</summary>
        <label>${t("One a line: question; right place; other places. Written here, or pasted from a spreadsheet.")}<textarea id="pasted" rows="5" spellcheck="false" placeholder=${this.example()} @input=${(event: Event) => this.take((event.target as HTMLTextAreaElement).value)}></textarea></label>
        <label>${t("or from a file (CSV)")}<input type="file" id="own" accept=".csv,.txt,.tsv" @change=${this.read}></label></details>
      ${this.own.length ? html`<p id="read">${t("{n} questions were read.", { n: this.own.length })}</p>` : nothing}
      ${this.wrong.length ? html`<p class="muted" role="status">${t("These lines were not understood: {lines}.", { lines: this.wrong.join(", ") })}</p>` : nothing}
      <button class="primary big" ?disabled=${this.kinds.length === 0 && this.own.length === 0}>${icon("play")}${t("Begin")}</button></form>`;
  }

  /** A line as it is meant, with names as the page's language has them. */
  private example(): string {
    const named = (id: string) => this.places.find((one) => one.id === id)?.name ?? id;
    return t("Where is Mount Fuji?; {right}; {wrong}", { right: named("JP"), wrong: named("CN") });
  }

  private chosen(event: Event & { value: string }): void {
    const level = this.levels.find((one) => one.id === event.value.replace("–", "-"));
    if (level) this.choose(level);
  }
}
define("hub-globe-quiz-start", QuizStart);
