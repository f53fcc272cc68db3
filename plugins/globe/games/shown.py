"""A game for a reader: the question in their language, the right answer only once it is given."""

from collections.abc import Mapping
from typing import Any

from hub.errors import N_
from hub.plugin import Translator, when
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.atlas.place import Names, Place
from plugins.globe.atlas.telling import Telling
from plugins.globe.games.questions import QuestionKind
from plugins.globe.routes import short

ASKED = {
    QuestionKind.FIND: N_("Find {place} on the globe."),
    QuestionKind.CAPITAL: N_("{capital} is the capital of which country?"),
    QuestionKind.FLAG: N_("Whose flag is this?"),
    QuestionKind.NEIGHBOUR: N_("Which of these is a neighbour? {place}"),
    QuestionKind.CONSTELLATION: N_("Which constellation is this?"),
    QuestionKind.CONTINENT: N_("Which of these lies here? {continent}"),
    QuestionKind.CURRENCY: N_("Where does one pay with this money? {currency}"),
}


def game_model(
    game: dict[str, Any], atlas: Atlas, say: Translator, language: str
) -> dict[str, Any]:
    """Return a game as its route answers with it."""
    telling = Telling(atlas, say, language)
    number = game["at"]
    question = game["questions"][number]
    kind = QuestionKind(question["kind"])
    subject = atlas.places[question["subject"]]
    answered = len(game["answers"]) > number
    given = game["answers"][number] if answered else ""
    capital = subject.facts.get("capital")
    params = {
        "place": telling.name(subject),
        "capital": capital.value.said(language) if capital and capital.value else "",
        "continent": _named(atlas.continents, subject, "continent", language),
        "currency": _named(atlas.currencies, subject, "currencies", language),
    }
    right = [
        one for one in question["right"] if not question["choices"] or one in question["choices"]
    ]
    return {
        "id": game["id"],
        "over": game["ended"] is not None,
        "ended": None if game["ended"] is None else when(game["ended"]),
        "players": [{"name": name, **_score(game, at)} for at, name in enumerate(game["players"])],
        "question": {
            "number": number,
            "of": len(game["questions"]),
            "player": number % len(game["players"]),
            "kind": kind,
            "text": question.get("text") or say.say(ASKED[kind], language, params),
            "picture": subject.id
            if kind in (QuestionKind.FLAG, QuestionKind.CONSTELLATION)
            else None,
            "choices": [short(telling, atlas.places[one]) for one in question["choices"]],
            "answer": short(telling, atlas.places[given]) if given else None,
            "answered": answered,
            "right": given in question["right"] if answered else None,
            "solution": [short(telling, atlas.places[one]) for one in right] if answered else [],
            "explained": telling.sentences(subject)[:2] if answered else [],
        },
    }


def _named(names: Mapping[str, Names], place: Place, fact: str, language: str) -> str:
    """Return what a fact whose values are codes is called; empty where the place has none."""
    known = place.facts.get(fact)
    codes = () if known is None else known.value
    codes = (codes,) if isinstance(codes, str) else codes
    return ", ".join(names[code].said(language) for code in codes)


def _score(game: dict[str, Any], player: int) -> dict[str, int]:
    """Return a player's right answers, of those that were asked of them."""
    players = len(game["players"])
    mine = [at for at in range(len(game["answers"])) if at % players == player]
    right = sum(1 for at in mine if game["answers"][at] in game["questions"][at]["right"])
    return {"right": right, "asked": len(mine)}
