/** A game as the hub tells it. */
import type { PlaceShort, Tap } from "../model.js";

export const KINDS = [
  "find",
  "capital",
  "flag",
  "neighbour",
  "continent",
  "currency",
  "centre",
  "constellation",
] as const;
export type Kind = (typeof KINDS)[number];

/** In turn, or whoever is first. */
export type Mode = "turns" | "buzzer";

/** How pupils of some classes are asked. */
export interface Level {
  id: string;
  kinds: Kind[];
  choices: number;
  seconds: number;
}

/** An answer of a player who was first. */
export interface Try {
  player: number;
  answer: PlaceShort | null;
  right: boolean;
}

export interface Player {
  name: string;
  right: number;
  asked: number;
}

export interface Question {
  number: number;
  of: number;
  /** Who is to answer; null while nobody has pressed. */
  player: number | null;
  kind: Kind | "own";
  text: string;
  picture: string | null;
  choices: PlaceShort[];
  answered: boolean;
  answer: PlaceShort | null;
  right: boolean | null;
  solution: PlaceShort[];
  explained: string[];
  tries: Try[];
}

export interface Game {
  id: string;
  over: boolean;
  ended: string | null;
  mode: Mode;
  level: string;
  seconds: number;
  players: Player[];
  question: Question;
}

/** A game to begin. */
export interface NewGame {
  players: string[];
  kinds: Kind[];
  level: string;
  mode: Mode;
  seconds: number;
  rounds: number;
  own: Own[];
}

/** A question of a teacher's own table. */
export interface Own {
  text: string;
  right: string;
  wrong: string[];
}

/** Who is ahead: the names of the best, several where they are equal. */
export function winners(players: readonly Player[]): string[] {
  const most = Math.max(0, ...players.map((one) => one.right));
  return players.filter((one) => one.right === most).map((one) => one.name);
}

/** Whether a player may press now: nobody has, and they have not tried. */
export function mayPress(game: Game, player: number): boolean {
  const { question } = game;
  return (
    game.mode === "buzzer" &&
    !game.over &&
    !question.answered &&
    question.player === null &&
    !question.tries.some((one) => one.player === player)
  );
}

/** What a pen means: a player presses, or somebody answers with a place. */
export interface PenMeans {
  press: number | null;
  answer: string | null;
}

/**
 * What a touch or a key of a pen means to a game. Pen 2 is the second player's, key 2 their buzzer; a pen that
 * bears no number, or is the only one, answers for whoever is to answer. Of a question with choices a touch of one
 * of them is the answer. `pens`: those that were heard.
 */
export function penMeans(tap: Tap, game: Game, pens: ReadonlySet<string>): PenMeans {
  const { question, players } = game;
  const nothing: PenMeans = { press: null, answer: null };
  if (game.over || question.answered) return nothing;
  const numbered = (text: string) =>
    /^[1-4]$/.test(text) && Number(text) <= players.length ? Number(text) - 1 : null;
  if (tap.kind === "mode") return { ...nothing, press: numbered(tap.code ?? "") };
  if (tap.kind !== "tap") return nothing;
  const asked = question.choices.length
    ? question.choices.some((one) => one.id === tap.place)
    : tap.place !== null;
  const answer = asked ? tap.place : null;
  if (game.mode === "turns") return { ...nothing, answer };
  const own = numbered(tap.pen);
  if (question.player === null) return own === null ? nothing : { press: own, answer };
  return own === null || own === question.player || pens.size < 2
    ? { ...nothing, answer }
    : nothing;
}
