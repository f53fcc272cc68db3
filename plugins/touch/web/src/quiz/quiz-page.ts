import { hub, type Problem, problemOf } from "@classhub/client";
import {
  base,
  define,
  HubElement,
  icon,
  navigate,
  number,
  say,
  sayProblem,
  t,
  tn,
} from "@classhub/ui";
import { css, html, nothing, type TemplateResult } from "lit";
import type { Question, Quiz } from "../model.js";
import { type Line, MOST_QUESTIONS, parse, written } from "./parse.js";

/** For teachers: the questions of a quiz as a table that is pasted or typed, and how it is read. */
class QuizPage extends HubElement {
  static override properties = {
    params: { attribute: false },
    heading: { state: true },
    text: { state: true },
    quiz: { state: true },
    busy: { state: true },
    problem: { state: true },
  };
  static override styles = [
    base,
    css`
      .page { gap: var(--space-5); padding-top: var(--space-5); }
      .head { display: flex; gap: var(--space-3); align-items: center; }
      .two { display: grid; gap: var(--space-5); grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); align-items: start; }
      .two > section { display: grid; gap: var(--space-4); min-width: 0; }
      textarea { min-height: 20rem; tab-size: 4; white-space: pre; overflow: auto; margin-top: var(--space-2); }
      .questions { display: grid; gap: var(--space-3); counter-reset: question; }
      .questions > li { padding: var(--space-3) var(--space-4); display: grid; gap: var(--space-2); }
      .answers { display: flex; flex-wrap: wrap; gap: var(--space-2); }
      .chip.right { background: var(--good); color: var(--surface); }
      .wrong { color: var(--bad); display: flex; gap: 0.5em; align-items: start; }
    `,
  ];
  declare params: { id?: string };
  declare heading: string;
  declare text: string;
  declare quiz: Quiz | null;
  declare busy: boolean;
  declare problem: Problem | null;

  constructor() {
    super();
    this.params = {};
    this.heading = "";
    this.text = "";
    this.quiz = null;
    this.busy = false;
    this.problem = null;
  }

  protected override arrive(): void {
    void this.load();
  }

  private get quizId(): string | null {
    const id = this.params.id ?? "new";
    return id === "new" ? null : id;
  }

  private async load(): Promise<void> {
    if (!this.quizId) return;
    try {
      this.take(await hub.api.get<Quiz>(`/touch/quizzes/${encodeURIComponent(this.quizId)}`));
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  private take(quiz: Quiz): void {
    this.quiz = quiz;
    this.heading = quiz.title;
    this.text = written(quiz.questions);
  }

  private async file(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    input.value = "";
    if (!file || file.size > 1_000_000) return;
    const bytes = await file.arrayBuffer();
    try {
      this.text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      // What spreadsheets in this country write where they do not write UTF-8.
      this.text = new TextDecoder("windows-1251").decode(bytes);
    }
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    const questions = this.questions(parse(this.text));
    if (this.busy || questions.length === 0) return;
    this.busy = true;
    try {
      const body = { title: this.heading.trim(), questions, revision: this.quiz?.revision ?? 0 };
      const path = "/touch/quizzes";
      if (this.quizId) await hub.api.put(`${path}/${encodeURIComponent(this.quizId)}`, body);
      else await hub.api.post(path, body);
      say(t("The quiz is kept."));
      navigate("/touch");
    } catch (error) {
      sayProblem(problemOf(error));
    }
    this.busy = false;
  }

  private async discard(): Promise<void> {
    if (!this.quizId) return;
    try {
      await hub.api.delete(`/touch/quizzes/${encodeURIComponent(this.quizId)}`);
      navigate("/touch");
    } catch (error) {
      sayProblem(problemOf(error));
    }
  }

  private questions(lines: readonly Line[]): Question[] {
    return lines.flatMap((line) => (line.question ? [line.question] : [])).slice(0, MOST_QUESTIONS);
  }

  override render(): TemplateResult {
    const lines = parse(this.text);
    const questions = this.questions(lines);
    const wrong = lines.filter((line) => line.wrong);
    return html`<div class="page"><div class="head"><a class="button quiet icon" href="/touch" aria-label=${t("Back to the touch table")}>${icon("arrow-left")}</a><h1>${this.quizId ? t("Quiz") : t("New quiz")}</h1></div>
      <hub-notice .problem=${this.problem}></hub-notice>
      <form class="two" @submit=${this.save}><section>
        <div><label for="title">${t("Name of the quiz")}</label><input id="title" required maxlength="120" .value=${this.heading} @input=${(event: Event) => (this.heading = (event.target as HTMLInputElement).value)}></div>
        <div><label for="text">${t("Questions")}</label>
          <p class="muted small">${t("One line for each question: the question, the right answer, then one to three wrong ones. Paste the lines from a table, or separate by semicolons. A star in front marks another answer as the right one.")}</p>
          <textarea id="text" spellcheck="false" maxlength="100000" placeholder=${t("Capital of Kazakhstan?; Astana; Almaty; Shymkent")} .value=${this.text} @input=${(event: Event) => (this.text = (event.target as HTMLTextAreaElement).value)}></textarea></div>
        <div><label for="file">${t("Or choose a CSV file")}</label><input id="file" type="file" accept=".csv,.tsv,.txt,text/csv" @change=${this.file}></div>
        <div class="row"><button class="primary" ?disabled=${this.busy || questions.length === 0}>${icon("check")}${t("Save")}</button>
          ${this.quizId ? html`<button type="button" class="danger" @click=${this.discard}>${icon("erase")}${t("Delete")}</button>` : nothing}</div></section>
      <section aria-live="polite"><h2>${tn("{n} question", "{n} questions", questions.length)}</h2>
        ${wrong.map((line) => html`<p class="wrong">${icon("warning")}<span>${t("Line {line}", { line: number(line.number) })}: ${WRONG[line.wrong ?? "few"]()}</span></p>`)}
        ${lines.length - wrong.length > MOST_QUESTIONS ? html`<p class="wrong">${icon("warning")}<span>${t("Only the first {most} questions are kept.", { most: number(MOST_QUESTIONS) })}</span></p>` : nothing}
        <ol class="questions">${questions.map(
          (question) =>
            html`<li class="card"><strong>${question.text}</strong><ul class="answers">${question.answers.map(
              (answer, at) =>
                html`<li class="chip ${at === question.right ? "right" : ""}">${at === question.right ? html`${icon("check")}<span class="visually-hidden">${t("Right")}: </span>` : nothing}${answer}</li>`,
            )}</ul></li>`,
        )}</ol></section></form></div>`;
  }
}
define("hub-quiz-page", QuizPage);

const WRONG: Record<NonNullable<Line["wrong"]>, () => string> = {
  few: () => t("a question and at least two answers are needed."),
  many: () => t("at most four answers fit on the table."),
  long: () => t("this is too long for the table."),
  same: () => t("two answers are the same."),
  stars: () => t("only one answer can be the right one."),
};
