/** A game as the hub tells it. */
import type { PlaceShort } from "../model.js";

export const KINDS = ["find", "capital", "flag", "neighbour", "constellation"] as const;
export type Kind = (typeof KINDS)[number];

export interface Game {
  id: string;
  over: boolean;
  ended: string | null;
  players: { name: string; right: number; asked: number }[];
  question: {
    number: number;
    of: number;
    player: number;
    kind: Kind;
    text: string;
    picture: string | null;
    choices: PlaceShort[];
    answered: boolean;
    answer: PlaceShort | null;
    right: boolean | null;
    solution: PlaceShort[];
    explained: string[];
  };
}

/** Who is ahead: the names of the best, several where they are equal. */
export function winners(players: Game["players"]): string[] {
  const most = Math.max(0, ...players.map((one) => one.right));
  return players.filter((one) => one.right === most).map((one) => one.name);
}
