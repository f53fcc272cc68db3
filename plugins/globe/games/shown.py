"""A game for a reader: the question in their language, the right answer only once it is given."""

from collections.abc import Mapping
from typing import Any

from hub.errors import N_
from hub.plugin import Translator, when
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.atlas.place import Names, Place
from plugins.globe.atlas.telling import Telling
from plugins.globe.games.buzzer import Mode, holder, tries_at
from plugins.globe.games.levels import QuestionKind
from plugins.globe.routes import short

ASKED = {
    QuestionKind.FIND: N_("Find {place} on the globe."),
    QuestionKind.CAPITAL: N_("{capital} is the capital of which country?"),
    QuestionKind.FLAG: N_("Whose flag is this?"),
    QuestionKind.NEIGHBOUR: N_("Which of these is a neighbour? {place}"),
    QuestionKind.CONSTELLATION: N_("Which constellation is this?"),
    QuestionKind.CONTINENT: N_("Which of these lies here? {continent}"),
    QuestionKind.CURRENCY: N_("Where does one pay with this money? {currency}"),
    QuestionKind.CENTRE: N_("{centre} is the centre of which region?"),
}

EXPLAINED = {
    QuestionKind.FIND: ("continent", "neighbours"),
    QuestionKind.CAPITAL: ("capital", "continent"),
    QuestionKind.FLAG: ("continent", "capital"),
    QuestionKind.NEIGHBOUR: ("neighbours",),
    QuestionKind.CONSTELLATION: ("best", "seen"),
    QuestionKind.CONTINENT: ("continent", "capital"),
    QuestionKind.CURRENCY: ("currencies",),
    QuestionKind.CENTRE: ("centre", "history"),
    QuestionKind.OWN: ("capital", "centre", "country", "continent", "constellation", "best"),
}
"""Which facts of the subject say why an answer is right."""


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
    buzzer = game["mode"] == Mode.BUZZER
    given = game["answers"][number] if answered else ""
    capital = subject.facts.get("capital")
    centre = subject.facts.get("centre")
    params = {
        "place": telling.name(subject),
        "capital": capital.value.said(language) if capital and capital.value else "",
        "centre": centre.value.said(language) if centre else "",
        "continent": _named(atlas.continents, subject, "continent", language),
        "currency": _named(atlas.currencies, subject, "currencies", language),
    }
    right = [
        one for one in question["right"] if not question["choices"] or one in question["choices"]
    ]
    return {
        "id": game["id"],
        "over": game["ended"] is not None,
        "mode": game["mode"],
        "level": game["level"],
        "seconds": game["seconds"],
        "ended": None if game["ended"] is None else when(game["ended"]),
        "players": [{"name": name, **_score(game, at)} for at, name in enumerate(game["players"])],
        "question": {
            "number": number,
            "of": len(game["questions"]),
            "player": holder(game["tries"], number) if buzzer else number % len(game["players"]),
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
            "explained": telling.explained(subject, EXPLAINED[kind]) if answered else [],
            "tries": [
                {
                    "player": one["player"],
                    "answer": short(telling, atlas.places[one["place"]]) if one["place"] else None,
                    "right": one["place"] in question["right"],
                }
                for one in tries_at(game["tries"], number)
                if one["place"] is not None
            ],
        },
    }


def _named(names: Mapping[str, Names], place: Place, fact: str, language: str) -> str:
    """Return what a fact whose values are codes is called; empty where the place has none."""
    known = place.facts.get(fact)
    codes = () if known is None else known.value
    codes = (codes,) if isinstance(codes, str) else codes
    return ", ".join(names[code].said(language) for code in codes)


def _score(game: dict[str, Any], player: int) -> dict[str, int]:
    """Return a player's right answers, of those that were asked of them or that they gave."""
    if game["mode"] == Mode.BUZZER:
        mine = [one for one in game["tries"] if one["player"] == player]
        given = [(one["question"], one["place"]) for one in mine if one["place"] is not None]
    else:
        players = len(game["players"])
        given = [at for at in enumerate(game["answers"]) if at[0] % players == player]
    right = sum(1 for at, place in given if place in game["questions"][at]["right"])
    return {"right": right, "asked": len(given)}
