import { hub, type Page, type Problem, problemOf } from "@classhub/client";
import { base, clock, define, HubElement, icon, number, sayProblem, t } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import type { TouchEvent } from "../globe/globe-view.js";
import "../globe/globe-view.js";
import "../globe/sky-view.js";
import { flagOf, type PlaceShort, type Tap } from "../model.js";
import type { PressEvent } from "./buzzer-fields.js";
import "./buzzer-fields.js";
import { type Game, type Level, type NewGame, penMeans, type Question, winners } from "./game.js";
import type { BeginEvent } from "./quiz-start.js";
import "./quiz-start.js";

/** What is refused where somebody else was quicker: the page looks again and says nothing. */
const TOO_LATE = ["globe-question-over", "globe-other-answers", "globe-press-first"];
/** Seconds, at least, to answer once pressed and to press once it passes on, where questions have a limit. */
const TO_ANSWER = 10;

/**
 * A quiz about the globe for one to four players, with the pen, a finger, or by choosing; in turn, or whoever is first.
 * Whoever opens it while a game is played looks on, or plays on a screen of their own.
 */
class QuizPage extends HubElement {
  static override properties = {
    game: { state: true },
    running: { state: true },
    results: { state: true },
    levels: { state: true },
    me: { state: true },
    left: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { padding-top: var(--space-5); gap: var(--space-5); }
      .part { padding: var(--space-5); display: grid; gap: var(--space-4); }
      .players { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); }
      .player { padding: var(--space-3) var(--space-4); border: 2px solid transparent; }
      .player.turn { border-color: var(--accent); background: var(--accent-soft); }
      .player strong { display: block; font: var(--type-heading); }
      .ask { font: var(--type-title); }
      .choices { display: grid; gap: var(--space-3); grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
      .choices button.good { background: var(--good); border-color: var(--good); color: #fff; opacity: 1; }
      .choices button.bad { border-color: var(--bad-mark); border-width: 3px; opacity: 1; }
      hub-globe-view, hub-sky-view { height: min(52dvh, 44rem); }
      .fast hub-globe-view, .fast hub-sky-view { height: min(38dvh, 44rem); }
      hub-globe-buzzer { position: sticky; bottom: var(--space-2); padding-block: var(--space-2); background: var(--surface); }
      @media (max-width: 60rem) { hub-globe-buzzer { bottom: 4.5rem; } }
      .flag { width: min(100%, 20rem); aspect-ratio: 4 / 3; border-radius: var(--radius-s); box-shadow: var(--shadow); }
      .told { display: grid; gap: var(--space-2); justify-items: start; }
      .row { display: flex; flex-wrap: wrap; gap: var(--space-2); }
      .lines { display: grid; gap: var(--space-2); }
      .line { padding: var(--space-3) var(--space-4); display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-4); }
    `,
  ];
  declare game: Game | null;
  /** Games that are played in the lesson now. */
  declare running: Game[];
  declare results: Game[];
  declare levels: Level[];
  /** The player whose own screen this is; null on the one that all share. */
  declare me: number | null;
  /** How much is left of the time for the question. */
  declare left: number;
  declare problem: Problem | null;
  private places: PlaceShort[] = [];
  private pressing = false;
  private readonly pens = new Set<string>();
  private addressed = new URLSearchParams(location.search).get("game");

  constructor() {
    super();
    this.game = null;
    this.running = [];
    this.results = [];
    this.levels = [];
    this.me = null;
    this.left = 0;
    this.problem = null;
  }

  protected override arrive(): void {
    this.keepLoaded(() => this.load(), { sources: [hub.session] });
    this.every(1000, () => this.tick());
    this.until(hub.stream.subscribe("x/globe/taps", (_, tap) => void this.tapped(tap as Tap)));
    this.until(
      hub.stream.subscribe("x/globe/games/+", (_, news) => void this.heard(news as { id: string })),
    );
  }

  /** `?game=…` of the address: that game is shown, on a screen that all share. */
  private async load(): Promise<void> {
    try {
      this.places = (await hub.api.get<{ items: PlaceShort[] }>("/globe/places")).items;
      this.levels = (await hub.api.get<{ items: Level[] }>("/globe/levels")).items;
      const id = this.game?.id ?? this.addressed;
      this.addressed = null;
      if (id) await this.reopen(id);
      this.running = (await hub.api.get<Page<Game>>("/globe/games?state=running")).items;
      this.results = (await hub.api.get<Page<Game>>("/globe/games")).items;
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  /** Show a game that the address names, also after a reload in the middle of it. */
  private async reopen(id: string): Promise<void> {
    try {
      const game = await hub.api.get<Game>(`/globe/games/${encodeURIComponent(id)}`);
      const me = new URLSearchParams(location.search).get("me");
      if (!this.game && me !== null && game.players[Number(me)]) this.me = Number(me);
      this.see(game);
    } catch (error) {
      const { code } = problemOf(error);
      if (this.game || !["not-found", "forbidden"].includes(code)) throw error;
      this.remember(null); // it is of another lesson: a new one may be begun
    }
  }

  /** Have the address name the game and whose screen this is, so that a reload leads back. */
  private remember(game: Game | null): void {
    const address = new URL(location.href);
    address.search = "";
    if (game) address.searchParams.set("game", game.id);
    if (game && this.me !== null) address.searchParams.set("me", String(this.me));
    history.replaceState(history.state, "", address);
  }

  private async heard(news: { id: string }): Promise<void> {
    try {
      if (this.game === null)
        this.running = (await hub.api.get<Page<Game>>("/globe/games?state=running")).items;
      if (news.id === this.game?.id)
        this.see(await hub.api.get<Game>(`/globe/games/${this.game.id}`));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  /** Show how a game stands; what comes late from the stream does not turn it back. */
  private see(game: Game): void {
    const before = this.game?.id === game.id ? this.game : null;
    if (before && step(game) < step(before)) return;
    if (before?.question.number !== game.question.number) this.left = game.seconds;
    else if (game.seconds && before.question.player !== game.question.player)
      this.left = Math.max(this.left, TO_ANSWER);
    this.game = game;
    if (!before) this.remember(game);
    if (game.over && !before?.over) void this.load();
  }

  private join(game: Game, me: number | null): void {
    this.me = me;
    this.see(game);
  }

  private async begin(game: NewGame): Promise<void> {
    try {
      this.me = null;
      this.see(await hub.api.post<Game>("/globe/games", game));
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  /** A second is over: where the time is, whoever is asked did not know. The shared screen says so. */
  private tick(): void {
    const game = this.game;
    if (!game?.seconds || game.over || game.question.answered || this.me !== null) return;
    if (this.left > 0) this.left--;
    if (this.left === 0) void this.answer(null);
  }

  private async tapped(tap: Tap): Promise<void> {
    if (tap.device === null || !this.game || this.me !== null) return;
    if (tap.pen) this.pens.add(tap.pen);
    const { press, answer } = penMeans(tap, this.game, this.pens);
    if (press !== null) await this.press(press);
    const first = press === null || this.game.question.player === press;
    if (answer && first) await this.answer(answer);
  }

  private touched(event: TouchEvent): void {
    const place = this.places.find((one) => one.numeric && one.numeric === event.numeric);
    if (place && this.game && this.game.question.choices.length === 0) void this.answer(place.id);
  }

  /** Whether an answer may be given on this screen. */
  private mayAnswer(game: Game): boolean {
    if (game.over || game.question.answered) return false;
    if (game.mode === "turns") return this.me === null || this.me === game.question.player;
    return (
      game.question.player !== null && (this.me ?? game.question.player) === game.question.player
    );
  }

  /** Of those who press on this screen the first is first: what comes while the hub is told is too late. */
  private async press(player: number): Promise<void> {
    if (!this.game || this.pressing) return;
    this.pressing = true;
    try {
      await this.say("presses", { question: this.game.question.number, player });
    } finally {
      this.pressing = false;
    }
  }

  private async answer(place: string | null): Promise<void> {
    const game = this.game;
    if (!game || (place !== null && !this.mayAnswer(game))) return;
    const player = game.mode === "buzzer" ? game.question.player : null;
    await this.say("answers", { question: game.question.number, place, player });
  }

  private async next(): Promise<void> {
    if (this.game) await this.say("next", { question: this.game.question.number });
  }

  private async say(what: string, body: object): Promise<void> {
    if (!this.game) return;
    const address = `/globe/games/${this.game.id}`;
    try {
      this.see(await hub.api.post<Game>(`${address}/${what}`, body));
    } catch (error) {
      const problem = problemOf(error);
      if (TOO_LATE.includes(problem.code)) this.see(await hub.api.get<Game>(address));
      else sayProblem(problem);
    }
  }

  override render(): TemplateResult {
    const game = this.game;
    return html`<div class="page"><h1>${t("Globe quiz")}</h1><hub-notice .problem=${this.problem}></hub-notice>
      ${game ? (game.over ? this.over(game) : this.playing(game)) : this.start()}${game && !game.over ? nothing : this.past()}</div>`;
  }

  private start(): TemplateResult {
    if (!hub.session.lesson)
      return html`<p class="card part muted">${t("A quiz belongs to a lesson: start one first.")}</p>`;
    return html`${this.running.map((one) => this.joining(one))}<hub-globe-quiz-start .places=${this.places} .levels=${this.levels} @begin=${(event: BeginEvent) => void this.begin(event.game)}></hub-globe-quiz-start>`;
  }

  /** A game that is played on another screen: to look on, or to play here. */
  private joining(game: Game): TemplateResult {
    return html`<section class="card part running"><h2>${t("A quiz is being played")}</h2>
      <div class="row">${game.players.map((one, at) => html`<button @click=${() => this.join(game, at)}>${t("I am {name}", { name: one.name })}</button>`)}
      <button class="quiet" @click=${() => this.join(game, null)}>${t("Show it here")}</button></div></section>`;
  }

  private playing(game: Game): TemplateResult {
    const { question } = game;
    const solution = question.solution[0] ?? null;
    const picture = this.places.find((one) => one.id === question.picture);
    const may = this.mayAnswer(game);
    const buzzer = game.mode === "buzzer";
    const name = question.player === null ? "" : (game.players[question.player]?.name ?? "");
    return html`${buzzer && this.me === null && !question.answered ? nothing : this.scores(game)}
      <section class="card part ${buzzer ? "fast" : ""}"><p class="muted">${t("Question {n} of {of}", { n: question.number + 1, of: question.of })}${name && ` · ${name}`}${game.seconds && this.me === null && !question.answered ? html` · <strong role="timer">${this.left}</strong>` : nothing}</p>
        <p class="ask" aria-live="polite">${question.text}</p>
        ${question.kind === "flag" && picture ? html`<img class="flag" src=${flagOf(picture)} alt=${t("Flag")}>` : nothing}
        ${question.kind === "constellation" && picture ? html`<hub-sky-view .place=${picture} .places=${question.answered ? this.places : []} .label=${t("Starry sky")}></hub-sky-view>` : nothing}
        ${question.choices.length === 0 ? html`<hub-globe-view .place=${solution} .label=${t("Globe")} @globe-touch=${this.touched}></hub-globe-view>` : nothing}
        ${question.choices.length ? this.choices(question, may) : nothing}
        ${question.answered ? this.told(question) : this.asked(game, may)}
        ${buzzer && !question.answered ? html`<hub-globe-buzzer .game=${game} .me=${this.me} @buzz=${(event: PressEvent) => void this.press(event.player)}></hub-globe-buzzer>` : nothing}</section>`;
  }

  /** Who plays and how they stand; where the first answers, their fields say it. */
  private scores(game: Game): TemplateResult {
    const { question } = game;
    return html`<ol class="players">${game.players.map((one, at) => html`<li class="card player ${at === question.player ? "turn" : ""}" aria-current=${at === question.player ? "true" : "false"}><span>${one.name}</span><strong>${number(one.right)} / ${number(one.asked)}</strong></li>`)}</ol>`;
  }

  private choices(question: Question, may: boolean): TemplateResult {
    const tried = question.tries.map((one) => one.answer?.id);
    return html`<div class="choices">${question.choices.map((one) => {
      const good = question.answered && question.solution.some((it) => it.id === one.id);
      const wrong = tried.includes(one.id) || (question.answered && one.id === question.answer?.id);
      const bad = !good && wrong;
      return html`<button class="big ${good ? "good" : bad ? "bad" : ""}" ?disabled=${!may || bad} @click=${() => void this.answer(one.id)}>${good ? icon("check") : bad ? icon("close") : nothing}${one.name}</button>`;
    })}</div>`;
  }

  /** What can be done while the question is open. */
  private asked(game: Game, may: boolean): TemplateResult {
    const { question } = game;
    const last = question.tries.at(-1);
    const answers = question.player === null ? "" : (game.players[question.player]?.name ?? "");
    const buzzer = game.mode === "buzzer";
    return html`${
      buzzer
        ? html`<p role="status">${
            answers
              ? t("{name} answers.", { name: answers })
              : last
                ? t("{answer}: no. The others may press.", { answer: last.answer?.name ?? "–" })
                : t("Whoever knows it presses first.")
          }</p>`
        : nothing
    }<div class="row">${may && buzzer ? html`<button class="quiet" @click=${() => void this.answer(null)}>${t("I do not know")}</button>` : nothing}
      ${this.me === null && !(buzzer && answers) ? html`<button class="quiet" @click=${() => void this.answer(null)}>${t("Nobody knows")}</button>` : nothing}</div>`;
  }

  private told(question: Question): TemplateResult {
    const names = question.solution.map((one) => one.name).join(", ");
    return html`<div class="told" role="status"><h2>${question.right ? t("Right!") : t("No: {answer}.", { answer: names })}</h2>
      <p>${question.explained.join(" ")}</p><button class="primary" @click=${this.next}>${icon("right")}${question.number + 1 < question.of ? t("Next question") : t("See who won")}</button></div>`;
  }

  private over(game: Game): TemplateResult {
    return html`<section class="card part"><h2>${icon("star")}${winners(game.players).join(", ")}</h2>
      <ol class="lines">${game.players.map((one) => html`<li class="line"><strong class="grow">${one.name}</strong><span>${number(one.right)} / ${number(one.asked)}</span></li>`)}</ol>
      <button class="primary" @click=${this.again}>${t("Play again")}</button></section>`;
  }

  private again(): void {
    this.game = null;
    this.me = null;
    this.remember(null);
    void this.load();
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

/** How far a game has come: what is later is greater. */
function step(game: Game): number {
  const { question } = game;
  const tries =
    2 * question.tries.length + (question.player !== null && !question.answered ? 1 : 0);
  return (
    (game.over ? 1e6 : 0) +
    question.number * 100 +
    (question.answered ? 50 : 0) +
    (game.mode === "buzzer" ? tries : 0)
  );
}
