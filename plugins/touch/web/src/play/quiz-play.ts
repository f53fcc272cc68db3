import { ApiProblem, hub, type Problem, problemOf } from "@classhub/client";
import { define, icon, number, sayProblem, t, tn } from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import { type Game, ranks, type Team } from "../model.js";
import { Activity } from "./activity.js";
import { playStyles } from "./play.styles.js";

/** A quiz of two to four teams: each at its side, the next question when all have answered. */
class QuizPlay extends Activity {
  static override properties = {
    quiz: {},
    teams: { type: Number },
    game: { state: true },
    problem: { state: true },
    sent: { state: true },
  };
  static override styles = [
    ...playStyles,
    css`
      .body { grid-template-rows: auto minmax(0, 1fr); }
      .question { font-size: clamp(1.1rem, 6.4cqmin, 3.4rem); font-weight: 700; text-wrap: balance; line-height: 1.2; overflow-wrap: anywhere; }
      .long .question { font-size: clamp(1rem, 4.6cqmin, 2.4rem); }
      .answers { display: grid; grid-template-columns: 1fr 1fr; grid-auto-rows: minmax(0, 1fr); gap: 2.5cqmin; min-height: 0; }
      .answers button { width: 100%; height: 100%; font-size: clamp(1rem, 5cqmin, 2.4rem); line-height: 1.15; border-width: 2px; padding: 0.25em 0.5em; overflow-wrap: anywhere; overflow: hidden; }
      .long .answers button { font-size: clamp(0.9rem, 3.9cqmin, 1.8rem); }
      .answers button.mine { border-color: var(--team); border-width: 5px; background: var(--sunken); opacity: 1; }
      .answers button.right { background: var(--good); border-color: var(--good); color: var(--surface); opacity: 1; }
      .answers button { position: relative; }
      .answers button svg { position: absolute; top: 0.3em; right: 0.3em; }
      .answers button.wrong { text-decoration: line-through; }
      .next { position: absolute; left: 50%; top: 50%; translate: -50% -50%; min-width: 4.5rem; min-height: 4.5rem; width: max(7vmin, 4.5rem); height: max(7vmin, 4.5rem); border-radius: 50%; padding: 0; box-shadow: var(--shadow); border: 4px solid var(--surface); }
      .next svg { width: 55%; height: 55%; }
      .end { align-content: center; justify-items: center; text-align: center; grid-template-rows: none; }
      .rank { font-size: clamp(2rem, 18cqmin, 8rem); font-weight: 800; color: var(--team); line-height: 1; }
      .list { display: grid; gap: 0.3em; font-size: clamp(1rem, 4.6cqmin, 2rem); min-width: min(100%, 16em); }
      .list li { display: flex; justify-content: space-between; gap: 1.5em; }
      .list .own { font-weight: 800; }
      .alone { position: absolute; inset: 0; display: grid; place-content: center; padding: var(--space-5); }
    `,
  ];
  declare quiz: string;
  declare teams: number;
  declare game: Game | null;
  declare problem: Problem | null;
  /** What was tapped and is on its way, by team. */
  declare sent: ReadonlyMap<number, number>;

  constructor() {
    super();
    this.quiz = "";
    this.teams = 2;
    this.game = null;
    this.problem = null;
    this.sent = new Map();
  }

  protected override arrive(): void {
    super.arrive();
    void this.begin();
    // Another page may play the same game: the panel, say, or this one after it was reloaded.
    this.until(
      hub.stream.subscribe("x/touch/games/+", (_, payload) => {
        const game = payload as Game | null;
        if (game && game.id === this.game?.id) this.take(game);
      }),
    );
    this.on(hub.stream, "back", () => void this.again());
  }

  /** Begin a game, or go on with the one that the address names. */
  private async begin(): Promise<void> {
    try {
      const running = new URLSearchParams(location.search).get("game");
      if (running) {
        this.take(await hub.api.get<Game>(`/touch/games/${encodeURIComponent(running)}`));
        return;
      }
      const teams = Array.from({ length: this.teams }, (_, at) =>
        t("Team {number}", { number: at + 1 }),
      );
      const game = await hub.api.post<Game>("/touch/games", { quiz: this.quiz, teams });
      const address = new URL(location.href);
      address.searchParams.set("game", game.id);
      history.replaceState(history.state, "", address);
      this.take(game);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  /** What was played elsewhere while the hub was not heard. */
  private async again(): Promise<void> {
    if (!this.game) return;
    try {
      this.take(await hub.api.get<Game>(`/touch/games/${encodeURIComponent(this.game.id)}`));
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private take(game: Game): void {
    const before = this.game;
    if (before && (before.over || before.question.number > game.question.number)) return;
    const moved = before?.question.number !== game.question.number || game.over;
    const fewer = (one: Game) => one.teams.filter((team) => team.answered).length;
    if (before && !moved && fewer(before) > fewer(game)) return;
    if (moved) this.sent = new Map();
    this.game = game;
    this.teams = game.teams.length;
  }

  protected override tapped(element: HTMLElement): void {
    const game = this.game;
    if (!game) return;
    if (element.dataset.tap === "next") void this.step("next", { question: game.question.number });
    else this.answer(Number(element.dataset.team), Number(element.dataset.answer));
  }

  private answer(team: number, answer: number): void {
    const game = this.game;
    if (!game || game.teams[team]?.answered || this.sent.has(team)) return;
    this.sent = new Map([...this.sent, [team, answer]]);
    void this.step("answers", { question: game.question.number, team, answer });
  }

  private async step(what: "answers" | "next", body: object): Promise<void> {
    const game = this.game;
    if (!game) return;
    const path = `/touch/games/${encodeURIComponent(game.id)}`;
    try {
      this.take(await hub.api.post<Game>(`${path}/${what}`, body));
    } catch (error) {
      const known = error instanceof ApiProblem && error.status === 409;
      if (!known) sayProblem(problemOf(error));
      const { team } = body as { team?: number };
      this.sent = new Map([...this.sent].filter(([other]) => other !== team));
      if (known) this.take(await hub.api.get<Game>(path).catch(() => game));
    }
  }

  override render(): TemplateResult {
    if (this.problem) {
      return html`<div class="alone"><hub-notice .problem=${this.problem}></hub-notice></div>`;
    }
    const game = this.game;
    if (!game) return html``;
    const complete = game.question.right !== null;
    return html`${game.teams.map(
      (team, at) =>
        html`<section class="place of${game.teams.length} at${at}" aria-label=${team.name}>
          <div class="team">${this.head(team)}${game.over ? this.end(game, at) : this.asked(game, team, at)}</div></section>`,
    )}${
      complete && !game.over
        ? html`<button class="next primary" data-tap="next" aria-label=${t("Next question")}>${icon("right")}</button>`
        : nothing
    }`;
  }

  private head(team: Team): TemplateResult {
    return html`<div class="name"><span>${team.name}</span><span>${tn("{n} point", "{n} points", team.points)}</span></div>`;
  }

  private asked(game: Game, team: Team, at: number): TemplateResult {
    const { question } = game;
    const long = question.text.length > 110 || question.answers.some((one) => one.length > 45);
    const mine = team.answer ?? this.sent.get(at) ?? null;
    const over = question.right !== null;
    const look = (answer: number) => {
      if (over && answer === question.right) return "right";
      if (answer !== mine) return "";
      return over ? "mine wrong" : "mine";
    };
    return html`<div class="body ${long ? "long" : ""}">
      <p class="question"><span class="visually-hidden">${t("Question {number} of {of}", { number: question.number + 1, of: question.of })}: </span>${question.text}</p>
      <div class="answers">${question.answers.map(
        (answer, one) =>
          html`<button class=${look(one)} data-tap="answer" data-team=${at} data-answer=${one} ?disabled=${over || team.answered || this.sent.has(at)}>${over && one === question.right ? icon("check") : nothing}${answer}</button>`,
      )}</div></div>`;
  }

  private end(game: Game, at: number): TemplateResult {
    const rank = ranks(game.teams);
    const sorted = game.teams
      .map((team, index) => ({ ...team, index }))
      .sort((a, b) => b.points - a.points);
    return html`<div class="body end"><p class="rank" aria-label=${t("Place {number}", { number: rank[at] ?? 0 })}>${number(rank[at] ?? 0)}</p>
      <ul class="list">${sorted.map(
        (team) =>
          html`<li class=${team.index === at ? "own" : ""}><span>${team.name}</span><span>${number(team.points)} · ${number(team.right)}/${number(game.question.of)}</span></li>`,
      )}</ul></div>`;
  }
}
define("hub-quiz-play", QuizPlay);
