import { hub, type Page, type Problem, problemOf } from "@classhub/client";
import { base, clock, define, HubElement, i18n, icon, number, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import type { TouchEvent } from "../globe/globe-view.js";
import "../globe/globe-view.js";
import "../globe/sky-view.js";
import { flagOf, type PlaceShort, type Tap } from "../model.js";
import { type Game, KINDS, type Kind, type Own, table, winners } from "./game.js";

/** A quiz about the globe for one to four players, with the pen, a finger, or by choosing. */
class QuizPage extends HubElement {
  static override properties = {
    game: { state: true },
    results: { state: true },
    count: { state: true },
    kinds: { state: true },
    level: { state: true },
    rounds: { state: true },
    own: { state: true },
    wrong: { state: true },
    seconds: { state: true },
    left: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { padding-top: var(--space-5); gap: var(--space-5); }
      .part { padding: var(--space-5); display: grid; gap: var(--space-4); }
      .names { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fit, minmax(min(100%, 12rem), 1fr)); }
      .names input { margin-top: var(--space-1); }
      .kinds { display: flex; flex-wrap: wrap; gap: var(--space-2); }
      .players { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); }
      .player { padding: var(--space-3) var(--space-4); border: 2px solid transparent; }
      .player.turn { border-color: var(--accent); background: var(--accent-soft); }
      .player strong { display: block; font: var(--type-heading); }
      .ask { font: var(--type-title); }
      .choices { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
      .choices button.good { background: var(--good); border-color: var(--good); color: #fff; opacity: 1; }
      .choices button.bad { border-color: var(--bad-mark); border-width: 3px; opacity: 1; }
      hub-globe-view, hub-sky-view { height: min(52dvh, 44rem); }
      .flag { width: min(100%, 20rem); aspect-ratio: 4 / 3; border-radius: var(--radius-s); box-shadow: var(--shadow); }
      .told { display: grid; gap: var(--space-2); justify-items: start; }
      .lines { display: grid; gap: var(--space-2); }
      .line { padding: var(--space-3) var(--space-4); display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-4); }
    `,
  ];
  declare game: Game | null;
  declare results: Game[];
  declare count: number;
  declare kinds: Kind[];
  declare level: "easy" | "middle" | "hard";
  /** Questions for each player. */
  declare rounds: number;
  /** A teacher's own questions, and the lines of their table that could not be read. */
  declare own: Own[];
  declare wrong: number[];
  /** How long a question may take; 0: as long as it takes. */
  declare seconds: number;
  /** How much of it is left. */
  declare left: number;
  declare problem: Problem | null;
  private places: PlaceShort[] = [];

  constructor() {
    super();
    this.game = null;
    this.results = [];
    this.count = 4;
    this.kinds = ["find", "capital", "flag", "neighbour"];
    this.level = "easy";
    this.rounds = 5;
    this.own = [];
    this.wrong = [];
    this.seconds = 0;
    this.left = 0;
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
    const ticking = setInterval(() => this.tick(), 1000);
    this.until(() => clearInterval(ticking));
    this.on(i18n, "change", () => void this.load());
    this.on(hub.session, "change", () => void this.load());
    this.until(hub.stream.subscribe("x/globe/taps", (_, tap) => this.tapped(tap as Tap)));
    this.until(
      hub.stream.subscribe("x/globe/games/+", (_, news) => void this.heard(news as { id: string })),
    );
  }

  private async load(): Promise<void> {
    try {
      this.places = (await hub.api.get<{ items: PlaceShort[] }>("/globe/places")).items;
      if (this.game) this.game = await hub.api.get<Game>(`/globe/games/${this.game.id}`);
      this.results = (await hub.api.get<Page<Game>>("/globe/games")).items;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private async heard(news: { id: string }): Promise<void> {
    if (news.id !== this.game?.id) return;
    try {
      this.game = await hub.api.get<Game>(`/globe/games/${news.id}`);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private async begin(event: Event): Promise<void> {
    event.preventDefault();
    const inputs = [...this.renderRoot.querySelectorAll<HTMLInputElement>(".names input")];
    const players = inputs.map((input, at) => input.value.trim() || this.usual(at));
    try {
      this.game = await hub.api.post<Game>("/globe/games", {
        players,
        kinds: this.kinds,
        level: this.level,
        rounds: this.rounds,
        own: this.own,
      });
      this.left = this.seconds;
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  /** A second is over: where the time is, nobody knew. */
  private tick(): void {
    if (!this.seconds || !this.game || this.game.over || this.game.question.answered) return;
    if (this.left > 0) this.left--;
    if (this.left === 0) void this.next();
  }

  private async read(event: Event): Promise<void> {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (!file) return;
    const read = table(await file.text(), this.places);
    this.own = read.own.slice(0, 200);
    this.wrong = read.wrong;
  }

  private usual(at: number): string {
    return t("Player {n}", { n: at + 1 });
  }

  private tapped(tap: Tap): void {
    const question = this.game?.question;
    if (
      !question ||
      question.choices.length ||
      question.kind === "constellation" ||
      tap.kind !== "tap" ||
      !tap.place
    )
      return;
    void this.answer(tap.place);
  }

  private touched(event: TouchEvent): void {
    const place = this.places.find((one) => one.numeric && one.numeric === event.numeric);
    if (place && this.game && this.game.question.choices.length === 0) void this.answer(place.id);
  }

  private async answer(place: string): Promise<void> {
    const game = this.game;
    if (!game || game.over || game.question.answered) return;
    await this.say("answers", { question: game.question.number, place });
  }

  private async next(): Promise<void> {
    if (!this.game) return;
    await this.say("next", { question: this.game.question.number });
    this.left = this.seconds;
    if (this.game.over) await this.load();
  }

  private async say(what: string, body: object): Promise<void> {
    if (!this.game) return;
    try {
      this.game = await hub.api.post<Game>(`/globe/games/${this.game.id}/${what}`, body);
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  override render(): TemplateResult {
    const game = this.game;
    return html`<div class="page"><h1>${t("Globe quiz")}</h1><hub-notice .problem=${this.problem}></hub-notice>
      ${game ? (game.over ? this.over(game) : this.playing(game)) : this.start()}${game && !game.over ? nothing : this.past()}</div>`;
  }

  private start(): TemplateResult {
    const kinds: Record<Kind, string> = {
      find: t("Find on the globe"),
      capital: t("Capitals"),
      flag: t("Flags"),
      neighbour: t("Neighbours"),
      continent: t("Parts of the world"),
      currency: t("Money"),
      constellation: t("Constellations"),
    };
    const levels = { easy: t("Easy"), middle: t("Middle"), hard: t("Hard") };
    if (!hub.session.lesson)
      return html`<p class="card part muted">${t("A quiz belongs to a lesson: start one first.")}</p>`;
    return html`<form class="card part" @submit=${this.begin}>
      <hub-choice .label=${t("Players")} .options=${[1, 2, 3, 4]} .value=${this.count} @set=${(event: Event & { value: number }) => (this.count = event.value)}></hub-choice>
      <div class="names">${Array.from({ length: this.count }, (_, at) => html`<label>${this.usual(at)}<input maxlength="40" autocomplete="off"></label>`)}</div>
      <div class="kinds" role="group" aria-label=${t("What is asked")}>${KINDS.map(
        (one) =>
          html`<button type="button" aria-pressed=${this.kinds.includes(one)} class=${this.kinds.includes(one) ? "primary" : ""} @click=${() => this.flip(one)}>${kinds[one]}</button>`,
      )}</div>
      <hub-choice .label=${t("Level")} .options=${Object.values(levels)} .value=${levels[this.level]} @set=${(event: Event & { value: string }) => (this.level = event.value === levels.hard ? "hard" : event.value === levels.middle ? "middle" : "easy")}></hub-choice>
      <hub-choice .label=${t("Questions for each player")} .options=${[1, 3, 5, 10]} .value=${this.rounds} @set=${(event: Event & { value: number }) => (this.rounds = event.value)}></hub-choice>
      <hub-choice .label=${t("Seconds for a question")} .options=${["–", 15, 30, 60]} .value=${this.seconds || "–"} @set=${(event: Event & { value: number | string }) => (this.seconds = Number(event.value) || 0)}></hub-choice>
      <label>${t("Own questions from a table (CSV): question; right place; other places")}<input type="file" id="own" accept=".csv,.txt,.tsv" @change=${this.read}></label>
      ${this.own.length ? html`<p id="read">${t("{n} questions were read.", { n: this.own.length })}</p>` : nothing}
      ${this.wrong.length ? html`<p class="muted" role="status">${t("These lines were not understood: {lines}.", { lines: this.wrong.join(", ") })}</p>` : nothing}
      <button class="primary big" ?disabled=${this.kinds.length === 0}>${icon("play")}${t("Begin")}</button></form>`;
  }

  private flip(kind: Kind): void {
    this.kinds = this.kinds.includes(kind)
      ? this.kinds.filter((one) => one !== kind)
      : [...this.kinds, kind];
  }

  private playing(game: Game): TemplateResult {
    const question = game.question;
    const solution = question.solution[0] ?? null;
    const picture = this.places.find((one) => one.id === question.picture);
    return html`<ol class="players">${game.players.map((one, at) => html`<li class="card player ${at === question.player ? "turn" : ""}" aria-current=${at === question.player ? "true" : "false"}><span>${one.name}</span><strong>${number(one.right)} / ${number(one.asked)}</strong></li>`)}</ol>
      <section class="card part"><p class="muted">${t("Question {n} of {of}", { n: question.number + 1, of: question.of })} · ${game.players[question.player]?.name ?? ""}${this.seconds && !question.answered ? html` · <strong role="timer">${this.left}</strong>` : nothing}</p>
        <p class="ask" aria-live="polite">${question.text}</p>
        ${question.kind === "flag" && picture ? html`<img class="flag" src=${flagOf(picture)} alt=${t("Flag")}>` : nothing}
        ${question.kind === "constellation" && picture ? html`<hub-sky-view .place=${picture} .places=${question.answered ? this.places : []} .label=${t("Starry sky")}></hub-sky-view>` : nothing}
        ${question.choices.length === 0 ? html`<hub-globe-view .place=${solution} .label=${t("Globe")} @globe-touch=${this.touched}></hub-globe-view>` : nothing}
        ${
          question.choices.length
            ? html`<div class="choices">${question.choices.map((one) => {
                const good = question.answered && question.solution.some((it) => it.id === one.id);
                const bad = question.answered && !good && one.id === question.answer?.id;
                return html`<button class="big ${good ? "good" : bad ? "bad" : ""}" ?disabled=${question.answered} @click=${() => void this.answer(one.id)}>${good ? icon("check") : bad ? icon("close") : nothing}${one.name}</button>`;
              })}</div>`
            : nothing
        }
        ${question.answered ? this.told(question) : html`<button class="quiet" @click=${this.next}>${t("Nobody knows")}</button>`}</section>`;
  }

  private told(question: Game["question"]): TemplateResult {
    const names = question.solution.map((one) => one.name).join(", ");
    return html`<div class="told" role="status"><h2>${question.right ? t("Right!") : t("No: {answer}.", { answer: names })}</h2>
      <p>${question.explained.join(" ")}</p><button class="primary" @click=${this.next}>${icon("right")}${question.number + 1 < question.of ? t("Next question") : t("See who won")}</button></div>`;
  }

  private over(game: Game): TemplateResult {
    return html`<section class="card part"><h2>${icon("star")}${winners(game.players).join(", ")}</h2>
      <ol class="lines">${game.players.map((one) => html`<li class="line"><strong class="grow">${one.name}</strong><span>${number(one.right)} / ${number(one.asked)}</span></li>`)}</ol>
      <button class="primary" @click=${() => (this.game = null)}>${t("Play again")}</button></section>`;
  }

  private past(): TemplateResult | typeof nothing {
    if (this.results.length === 0) return nothing;
    return html`<section><h2>${t("Results of this lesson")}</h2><ul class="lines">${this.results.map(
      (game) =>
        html`<li class="card line"><span class="muted">${game.ended ? clock(game.ended) : ""}</span>${game.players.map((one) => html`<span class="chip">${one.name}: ${number(one.right)}</span>`)}</li>`,
    )}</ul></section>`;
  }
}
define("hub-globe-quiz-page", QuizPage);
