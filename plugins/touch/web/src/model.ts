/** What the hub tells of tables, quizzes, games and results. */

export interface Zone {
  number: number;
  x: number;
  y: number;
  width: number;
  height: number;
  side: "bottom" | "top" | "left" | "right";
  seat: string | null;
}

export interface Table {
  id: string;
  name: string;
  reachable: boolean;
  layout: "whole" | "halves" | "quarters" | "own";
  revision: number;
  zones: Zone[];
}

export interface Question {
  text: string;
  answers: string[];
  right: number;
}

export interface QuizShort {
  id: string;
  title: string;
  count: number;
  revision: number;
}

export interface Quiz extends QuizShort {
  questions: Question[];
}

export interface Team {
  name: string;
  points: number;
  right: number;
  answered: boolean;
  answer: number | null;
}

export interface Game {
  id: string;
  lesson: string;
  title: string;
  over: boolean;
  teams: Team[];
  question: { number: number; of: number; text: string; answers: string[]; right: number | null };
}

export interface Result {
  id: string;
  lesson: string;
  activity: "quiz" | "match";
  title: string;
  teams: { name: string; points: number; right: number; of: number }[];
  ended: string;
}

export const ACTIVITIES = ["quiz", "match", "map", "draw"] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** Where a team's place is on the table, in shares of it, and how it is turned (degrees). */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
  turn: 0 | 180;
}

const LOWER = 0.5;

/**
 * The places of two to four teams, as the table's own halves and quarters go round: the first ones
 * at the lower edge, from left to right, the others across from them.
 */
export function places(teams: number): Place[] {
  const near = teams <= 2 ? 1 : 2;
  const far = Math.max(teams - near, 0);
  const row = (count: number, y: number, turn: 0 | 180): Place[] =>
    Array.from({ length: count }, (_, at) => ({
      x: at / count,
      y,
      width: 1 / count,
      height: LOWER,
      turn,
    }));
  return [...row(near, LOWER, 0), ...row(far, 0, 180).reverse()];
}

/** How the ranks of teams go, the best first; equal points share a rank. */
export function ranks(teams: readonly { points: number }[]): number[] {
  return teams.map((team) => 1 + teams.filter((other) => other.points > team.points).length);
}

/** Mix a list: `random` gives numbers from 0 up to 1. */
export function mixed<T>(items: readonly T[], random: () => number = Math.random): T[] {
  const out = [...items];
  for (let at = out.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [out[at], out[other]] = [out[other] as T, out[at] as T];
  }
  return out;
}
