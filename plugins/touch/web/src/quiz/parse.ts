/** Reads questions that a teacher pastes from a table or a CSV file. */
import type { Question } from "../model.js";

export const MOST_QUESTIONS = 60;
const MOST_TEXT = 300;
const MOST_ANSWER = 120;

export interface Line {
  number: number;
  question: Question | null;
  /** Why the line is no question, as a message id of the page; null where it is one. */
  wrong: "few" | "many" | "long" | "same" | "stars" | null;
}

/** The character between the cells: a tab where there is any, else ; or , whichever is more. */
export function separator(text: string): string {
  if (text.includes("\t")) return "\t";
  const count = (mark: string) => text.split(mark).length;
  return count(";") >= count(",") && text.includes(";") ? ";" : ",";
}

/** The cells of a table; cells in double quotes may hold anything (RFC 4180). */
export function cells(text: string, mark: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endCell = () => {
    row.push(cell.trim());
    cell = "";
  };
  const endRow = () => {
    endCell();
    rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (letter === '"' && cell.trim() === "") {
      cell = "";
      quoted = true;
    } else if (letter === mark) endCell();
    else if (letter === "\n") endRow();
    else if (letter !== "\r") cell += letter;
  }
  endRow();
  return rows;
}

/**
 * Each line that is not empty: the question, then two to four answers. The right answer has a star
 * in front; where none has, it is the first.
 */
export function parse(text: string): Line[] {
  const body = text.replace(/^\uFEFF/, "");
  const lines: Line[] = [];
  cells(body, separator(body)).forEach((row, at) => {
    const [question = "", ...rest] = row;
    const answers = rest.filter((cell) => cell !== "");
    if (question === "" && answers.length === 0) return;
    lines.push({ number: at + 1, ...judged(question, answers) });
  });
  return lines;
}

function judged(text: string, given: string[]): Pick<Line, "question" | "wrong"> {
  const wrong = (why: Line["wrong"]) => ({ question: null, wrong: why });
  const starred = given.filter((answer) => answer.startsWith("*")).length;
  const answers = given.map((answer) => answer.replace(/^\*\s*/, ""));
  if (text === "" || answers.length < 2 || answers.includes("")) return wrong("few");
  if (answers.length > 4) return wrong("many");
  if (starred > 1) return wrong("stars");
  if (new Set(answers).size < answers.length) return wrong("same");
  if (text.length > MOST_TEXT || answers.some((answer) => answer.length > MOST_ANSWER)) {
    return wrong("long");
  }
  const right = starred ? given.findIndex((answer) => answer.startsWith("*")) : 0;
  return { question: { text, answers, right }, wrong: null };
}

/** The same questions as text again: what is pasted, in short. */
export function written(questions: readonly Question[]): string {
  const cell = (text: string) => (/[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return questions
    .map((one) =>
      [
        cell(one.text),
        ...one.answers.map((answer, at) => (at === one.right ? "*" : "") + cell(answer)),
      ].join("\t"),
    )
    .join("\n");
}
