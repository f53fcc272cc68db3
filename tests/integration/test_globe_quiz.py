"""A quiz about the globe for four: in turn, by choosing and by touching, kept with the lesson."""

import random

import pytest
import pytest_asyncio

from hub.app import Hub
from hub.device import Role
from hub.settings import Settings
from plugins.globe.atlas.atlas import atlas
from plugins.globe.games.questions import CHOICES, Level, QuestionKind, known_at, questions
from tests.integration.test_captures import Callers

pytestmark = pytest.mark.asyncio(loop_scope="module")

GAMES = "/api/v1/globe/games"
OTHERS = ("microscopy", "printing", "tablets", "touch", "whiteboard")
NEW = {
    "players": ["Әли", "Дана", "Бек", "Сара"],
    "kinds": ["find", "capital", "flag", "neighbour", "constellation"],
    "rounds": 2,
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub(tmp_path_factory):
    off = {name: {"enabled": False} for name in OTHERS}
    hub = Hub(Settings(data=tmp_path_factory.mktemp("data"), language="kk", plugins=off))
    await hub.start()
    yield hub
    await hub.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def callers(hub):
    callers = Callers(hub)
    yield callers
    await callers.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def teacher(callers):
    return await callers.token(Role.TEACHER, "Айгүл")


@pytest.mark.parametrize("level", list(Level))
async def test_questions_have_one_right_answer_among_four(level):
    known = atlas()
    ours = [one for one in QuestionKind if one is not QuestionKind.OWN]
    made = questions(known, ours, level, 490, random.Random(7))
    assert len(made) == 490
    for one in made:
        if one.kind is QuestionKind.FIND:
            assert not one.choices
            continue
        assert len(set(one.choices)) == CHOICES
        assert sum(1 for choice in one.choices if choice in one.right) == 1, one
        if one.kind is QuestionKind.CAPITAL:
            capitals = [known.places[it].facts["capital"].value for it in one.choices]
            assert len(set(capitals)) == CHOICES
        facts = [known.places[it].facts for it in one.choices]
        subject = known.places[one.subject].facts
        if one.kind is QuestionKind.CONTINENT:
            there = [it["continent"].value == subject["continent"].value for it in facts]
            assert there.count(True) == 1
        if one.kind is QuestionKind.CURRENCY:
            money = set(subject["currencies"].value)
            assert [bool(money & set(it["currencies"].value)) for it in facts].count(True) == 1
        if one.kind is QuestionKind.CONSTELLATION and level is not Level.HARD:
            assert known.places[one.subject].facts["seen"].value


async def test_easy_questions_are_about_what_pupils_know():
    easy = {place.id for place in known_at(atlas(), Level.EASY)}
    assert {"KZ", "KG", "UZ", "TM", "CN", "RU", "US", "DE"} <= easy
    assert len(easy) < 50 < len(known_at(atlas(), Level.MIDDLE))
    assert len(known_at(atlas(), Level.HARD)) > 220


async def test_a_game_of_four_is_played_to_its_end(hub, callers, teacher):
    assert (await teacher.post(GAMES, json=NEW)).json()["code"] == "no-lesson-to-play-in"
    lesson = (await teacher.post("/api/v1/lessons", json={"title": "География"})).json()
    pupil = await callers.pupil(lesson, "Ерлан")
    begun = await pupil.post(GAMES, json=NEW, headers={"Accept-Language": "kk"})
    assert begun.status_code == 201, begun.text
    game = begun.json()
    own = f"{GAMES}/{game['id']}"
    asked, right = [], [0, 0, 0, 0]
    for number in range(8):
        question = game["question"]
        assert (question["number"], question["player"]) == (number, number % 4)
        assert not question["answered"]
        assert question["right"] is None
        assert question["solution"] == question["explained"] == []
        asked.append(question["kind"])
        stored = (await played(hub, game["id"]))[number]
        given = stored["right"] if number % 2 == 0 else wrong(stored)
        given = next(one for one in given if not stored["choices"] or one in stored["choices"])
        answer = {"question": number, "place": given}
        told = (await pupil.post(f"{own}/answers", json=answer)).json()
        again = (await pupil.post(f"{own}/answers", json=answer)).json()
        assert told == again
        assert told["question"]["right"] is (number % 2 == 0)
        assert told["question"]["solution"]
        assert told["question"]["explained"]
        right[number % 4] += number % 2 == 0
        other = {"question": number, "place": "KZ" if given != "KZ" else "RU"}
        refused = await pupil.post(f"{own}/answers", json=other)
        assert refused.status_code in (409, 422)
        game = (await pupil.post(f"{own}/next", json={"question": number})).json()
        same = (
            await pupil.post(f"{own}/next", json={"question": number - 1 if number else 99})
        ).json()
        assert same["question"]["number"] == game["question"]["number"]
    assert set(asked) == set(NEW["kinds"])
    assert game["over"]
    assert [one["right"] for one in game["players"]] == right
    assert [one["asked"] for one in game["players"]] == [2, 2, 2, 2]
    late = await pupil.post(f"{own}/answers", json={"question": 7, "place": "KZ"})
    assert late.status_code == 409
    results = (await teacher.get(GAMES)).json()["items"]
    assert [one["id"] for one in results] == [game["id"]]
    stranger = await callers.token(Role.PUPIL, "Бөтен")
    assert (await stranger.get(own)).status_code == 403


async def played(hub, game):
    plugin = next(one.plugin for one in hub.plugins.running if one.name == "globe")

    def work(session):
        from plugins.globe.tables import GameRow

        return session.get(GameRow, game).questions

    return await plugin.hub.store.read(work)


def wrong(question):
    others = question["choices"] or ["AQ"]
    return [one for one in others if one not in question["right"]]


async def test_a_teacher_asks_questions_of_their_own(teacher):
    lesson = (await teacher.post("/api/v1/lessons", json={"title": "Біздің сұрақтар"})).json()
    own = [
        {"text": "Байқоңыр қай елде?", "right": "KZ", "wrong": ["RU", "UZ"]},
        {"text": "Фудзияма қай елде?", "right": "JP"},
    ]
    new = {"players": ["Әли"], "kinds": ["find"], "rounds": 3, "own": own}
    game = (await teacher.post(GAMES, json=new)).json()
    asked = []
    for number in range(3):
        question = game["question"]
        asked.append(question["text"])
        right = "KZ" if question["text"].startswith("Бай") else "JP"
        assert {one["id"] for one in question["choices"]} == (
            {"KZ", "RU", "UZ"} if right == "KZ" else set()
        )
        answer = {"question": number, "place": right}
        told = (await teacher.post(f"{GAMES}/{game['id']}/answers", json=answer)).json()
        assert told["question"]["right"] is True
        assert told["question"]["solution"][0]["id"] == right
        game = (await teacher.post(f"{GAMES}/{game['id']}/next", json={"question": number})).json()
    assert game["over"]
    assert set(asked) == {one["text"] for one in own}, "each is asked before one comes again"
    nowhere = {**new, "own": [{"text": "?", "right": "ZZ"}]}
    assert (await teacher.post(GAMES, json=nowhere)).status_code == 422
    await teacher.post(f"/api/v1/lessons/{lesson['id']}/end")
