"""Who was first: all players may press for a question, and a wrong answer passes to the others.

A try is `{"question", "player", "place"}`; its place is None while the player owes the answer, and
empty where they did not know. The database's one writer decides who was first.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from plugins.globe.games.errors import NotAsked, NotPressed, OtherAnswers

Try = dict[str, Any]


class Mode(StrEnum):
    """Who is asked."""

    TURNS = "turns"
    BUZZER = "buzzer"


def tries_at(tries: Sequence[Try], question: int) -> list[Try]:
    """Return the tries at a question, the first one first."""
    return [one for one in tries if one["question"] == question]


def holder(tries: Sequence[Try], question: int) -> int | None:
    """Return the player who has pressed and owes the answer; None where nobody has."""
    for one in tries_at(tries, question):
        if one["place"] is None:
            return int(one["player"])
    return None


def pressed(tries: Sequence[Try], question: int, player: int) -> list[Try]:
    """Return the tries after a press: too late, or a second time, it changes nothing."""
    before = tries_at(tries, question)
    tried = player in [one["player"] for one in before]
    if tried or holder(before, question) is not None:
        return list(tries)
    return [*tries, {"question": question, "player": player, "place": None}]


def answered(tries: Sequence[Try], question: int, place: str, player: int | None) -> list[Try]:
    """Return the tries after the answer of whoever has pressed; told again it changes nothing.

    Args:
        tries: of the game.
        question: the one that is asked.
        place: what was answered; empty: they do not know.
        player: whose answer it is, None where the game's one screen tells it.

    Raises:
        NotPressed: nobody has.
        OtherAnswers: another player has.
        NotAsked: that player has answered otherwise.
    """
    before = tries_at(tries, question)
    held = holder(before, question)
    if held is not None and player in (None, held):
        return [one if one["place"] is not None else {**one, "place": place} for one in tries]
    mine = [one["place"] for one in before if player in (None, one["player"])]
    if mine and mine[-1] == place:
        return list(tries)
    if mine and player is not None:
        raise NotAsked(f"player {player} has answered")
    if held is None:
        raise NotPressed
    raise OtherAnswers(f"player {held} answers")


def is_over(tries: Sequence[Try], question: int, right: Sequence[str], players: int) -> bool:
    """Tell whether a question is over: somebody was right, or all have tried."""
    done = [one["place"] for one in tries_at(tries, question) if one["place"] is not None]
    return len(done) == players or any(place in right for place in done)
