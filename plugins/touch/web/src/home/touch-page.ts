import globe from "icon:globe";
import help from "icon:message-circle-question-mark";
import pencil from "icon:pencil";
import puzzle from "icon:puzzle";
import { hub, type Page, type Problem, problemOf } from "@classhub/client";
import {
  base,
  clock,
  day,
  define,
  drawing,
  givenName,
  HubElement,
  icon,
  navigate,
  number,
  type SetEvent,
  sayProblem,
  t,
  tn,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import type { Activity, QuizShort, Result, Table } from "../model.js";

const LAYOUTS = ["whole", "halves", "quarters"] as const;

/** What groups can do at the table; for teachers also quizzes, results, and how it is divided. */
class TouchPage extends HubElement {
  static override properties = {
    quizzes: { state: true },
    results: { state: true },
    tables: { state: true },
    quiz: { state: true },
    teams: { state: true },
    table: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { gap: var(--space-6); padding-top: var(--space-5); }
      .set { display: flex; flex-wrap: wrap; gap: var(--space-4) var(--space-6); align-items: end; }
      .set > * { flex: 0 1 auto; }
      .set select { margin-top: var(--space-2); }
      .cards { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
      .act { padding: var(--space-5); display: grid; gap: var(--space-3); align-content: space-between; }
      .act .about { display: grid; gap: var(--space-2); }
      .act svg { color: var(--accent); width: 2.2rem; height: 2.2rem; }
      .act button svg { color: inherit; width: 1.3em; height: 1.3em; }
      .act button { width: 100%; }
      section { display: grid; gap: var(--space-4); }
      .head { display: flex; flex-wrap: wrap; gap: var(--space-3); align-items: center; justify-content: space-between; }
      .list { display: grid; gap: var(--space-2); }
      .line { padding: var(--space-3) var(--space-4); display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-4); align-items: center; justify-content: space-between; color: inherit; text-decoration: none; min-height: var(--touch); }
      a.line:hover { background: var(--hover); }
      .line .grow { min-width: 10rem; }
      .teams { display: flex; flex-wrap: wrap; gap: var(--space-2); }
      .tables { display: grid; gap: var(--space-4); grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
      .tables li { padding: var(--space-4); display: grid; gap: var(--space-3); }
    `,
  ];
  declare quizzes: QuizShort[] | null;
  declare results: Result[];
  declare tables: Table[];
  /** The quiz that will be played. */
  declare quiz: string;
  declare teams: number;
  /** The table whose fingers count; empty for this screen's own. */
  declare table: string;
  declare problem: Problem | null;

  constructor() {
    super();
    this.quizzes = null;
    this.results = [];
    this.tables = [];
    this.quiz = "";
    this.teams = 2;
    this.table = "";
    this.problem = null;
  }

  protected override arrive(): void {
    const topics = ["x/touch/results/+", "x/touch/games/+", "x/touch/+/zones"];
    this.keepLoaded(() => this.load(), { topics, sources: [hub.session] });
  }

  private async load(): Promise<void> {
    try {
      const lesson = hub.session.lesson?.id;
      const [quizzes, tables, results] = await Promise.all([
        hub.api.get<Page<QuizShort>>("/touch/quizzes"),
        hub.api.get<{ items: Table[] }>("/touch-tables"),
        lesson ? hub.api.get<Page<Result>>("/touch/results", { lesson }) : { items: [] },
      ]);
      this.quizzes = quizzes.items;
      this.tables = tables.items;
      this.results = results.items;
      if (!this.quizzes.some((quiz) => quiz.id === this.quiz)) {
        this.quiz = this.quizzes[0]?.id ?? "";
      }
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private open(activity: Activity): void {
    const query = new URLSearchParams({ activity, teams: String(this.teams) });
    if (activity === "quiz") query.set("quiz", this.quiz);
    if (this.table) query.set("table", this.table);
    navigate(`/touch/play?${query}`);
  }

  private async divide(table: Table, layout: Table["layout"]): Promise<void> {
    if (layout === table.layout) return;
    try {
      await hub.api.put(`/touch-tables/${encodeURIComponent(table.id)}/zones`, {
        layout,
        revision: table.revision,
      });
    } catch (error) {
      sayProblem(problemOf(error));
    }
    await this.load();
  }

  override render(): TemplateResult {
    const teacher = hub.session.may("teacher");
    return html`<div class="page"><h1>${t("Touch table")}</h1>
      <hub-notice .problem=${this.problem}></hub-notice>
      <section aria-label=${t("Activities for groups")}>${this.settings()}<div class="cards">${this.quizCard()}
        ${this.card("match", drawing(puzzle), t("Names and pictures"), t("Every team drags the names onto the pictures of the lesson."))}
        ${this.card("map", drawing(globe), t("Map of the world"), t("Many fingers move, spread and turn the map. A picture from the album can lie there, too."))}
        ${this.card("draw", drawing(pencil), t("Draw together"), t("An empty sheet for all fingers at once."))}</div></section>
      ${teacher ? this.quizList() : nothing}${this.resultList()}${teacher ? this.tableList() : nothing}</div>`;
  }

  private settings(): TemplateResult {
    const known = this.tables.filter((table) => table.reachable);
    return html`<div class="set"><hub-choice .label=${t("Teams")} .options=${[2, 3, 4]} .value=${this.teams} @set=${(event: SetEvent<number>) => (this.teams = event.value)}></hub-choice>
      ${
        known.length
          ? html`<div><label for="fingers">${t("Fingers touch")}</label><select id="fingers" @change=${(event: Event) => (this.table = (event.target as HTMLSelectElement).value)}>
            <option value="">${t("This screen")}</option>${known.map((table) => html`<option value=${table.id} ?selected=${table.id === this.table}>${givenName(table.name)}</option>`)}</select></div>`
          : nothing
      }</div>`;
  }

  private card(
    activity: Activity,
    picture: TemplateResult,
    title: string,
    about: string,
  ): TemplateResult {
    return html`<article class="card act" data-activity=${activity}><div class="about">${picture}<h2>${title}</h2><p class="muted">${about}</p></div>
      <button class="primary" @click=${() => this.open(activity)}>${icon("play")}${t("Begin")}<span class="visually-hidden">: ${title}</span></button></article>`;
  }

  private quizCard(): TemplateResult {
    const quizzes = this.quizzes ?? [];
    const lesson = hub.session.lesson !== null;
    const why = !lesson
      ? t("A quiz belongs to a lesson: start one first.")
      : quizzes.length === 0
        ? t("No quiz has been prepared yet.")
        : t("Two to four teams, each at its side of the table.");
    return html`<article class="card act" data-activity="quiz"><div class="about">${drawing(help)}<h2>${t("Quiz")}</h2><p class="muted">${why}</p>
      ${quizzes.length ? html`<label for="quiz" class="visually-hidden">${t("Which quiz")}</label><select id="quiz" @change=${(event: Event) => (this.quiz = (event.target as HTMLSelectElement).value)}>${quizzes.map((quiz) => html`<option value=${quiz.id} ?selected=${quiz.id === this.quiz}>${quiz.title}</option>`)}</select>` : nothing}</div>
      <button class="primary" ?disabled=${!lesson || !this.quiz} @click=${() => this.open("quiz")}>${icon("play")}${t("Begin")}<span class="visually-hidden">: ${t("Quiz")}</span></button></article>`;
  }

  private quizList(): TemplateResult {
    return html`<section aria-labelledby="quizzes"><div class="head"><h2 id="quizzes">${t("Quizzes")}</h2><a class="button" href="/touch/quizzes/new">${icon("plus")}${t("New quiz")}</a></div>
      ${this.quizzes?.length === 0 ? html`<p class="card line muted">${t("Paste questions from a table or type them: then teams can play.")}</p>` : nothing}
      <ul class="list">${(this.quizzes ?? []).map(
        (quiz) =>
          html`<li><a class="card line" href="/touch/quizzes/${encodeURIComponent(quiz.id)}"><strong class="grow">${quiz.title}</strong><span class="muted">${tn("{n} question", "{n} questions", quiz.count)}</span>${icon("right")}</a></li>`,
      )}</ul></section>`;
  }

  private resultList(): TemplateResult | typeof nothing {
    if (!hub.session.lesson) return nothing;
    return html`<section aria-labelledby="results"><h2 id="results">${t("Results of this lesson")}</h2>
      ${this.results.length === 0 ? html`<p class="card line muted">${t("Nothing has been played yet. What teams reach is kept with the lesson.")}</p>` : nothing}
      <ul class="list results">${this.results.map(
        (result) =>
          html`<li class="card line"><div class="grow"><strong>${result.activity === "match" ? t("Names and pictures") : result.title}</strong><p class="muted small">${day(result.ended)}, ${clock(result.ended)}</p></div>
          <ul class="teams">${result.teams.map((team) => html`<li class="chip">${team.name}: ${number(team.points)}<span class="muted"> · ${number(team.right)}/${number(team.of)}</span></li>`)}</ul></li>`,
      )}</ul></section>`;
  }

  private tableList(): TemplateResult | typeof nothing {
    if (this.tables.length === 0) return nothing;
    const words = {
      whole: t("Whole"),
      halves: t("Two halves"),
      quarters: t("Four quarters"),
      own: t("Own zones"),
    };
    return html`<section aria-labelledby="tables"><h2 id="tables">${t("How the table is divided")}</h2><ul class="tables">${this.tables.map(
      (table) =>
        html`<li class="card"><h3>${givenName(table.name)}</h3><hub-choice .options=${LAYOUTS.map((one) => words[one])} .value=${words[table.layout]}
          @set=${(event: SetEvent<string>) => void this.divide(table, LAYOUTS.find((one) => words[one] === event.value) ?? "whole")}></hub-choice>
          <p class="muted small">${table.layout === "own" ? t("It is divided into zones of its own now.") : t("Fingers of different zones do not disturb each other.")}</p></li>`,
    )}</ul></section>`;
  }
}
define("hub-touch-page", TouchPage);
