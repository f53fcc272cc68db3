"""A quiz about the globe for four: in turn or by who is first, kept with the lesson."""

import asyncio

import pytest
import pytest_asyncio

from hub.app import Hub
from hub.device import Role
from hub.settings import Settings
from tests.integration.test_captures import Callers

pytestmark = pytest.mark.asyncio(loop_scope="module")

GAMES = "/api/v1/globe/games"
OTHERS = ("microscopy", "printing", "tablets", "touch", "whiteboard")
NEW = {
    "players": ["Әли", "Дана", "Бек", "Сара"],
    "kinds": ["find", "capital", "flag", "neighbour", "constellation"],
    "rounds": 2,
    "level": "5-7",
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
        pressing = await pupil.post(f"{own}/presses", json={"question": number, "player": 0})
        assert pressing.json()["code"] == "globe-asked-in-turn"
        told = (await pupil.post(f"{own}/answers", json=answer)).json()
        again = (await pupil.post(f"{own}/answers", json=answer)).json()
        assert told == again
        assert told["question"]["right"] is (number % 2 == 0)
        assert told["question"]["solution"]
        assert explains(told["question"]), told["question"]
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


WHY = {
    "find": "Дүние бөлігі — ",
    "capital": "Астанасы ",
    "flag": "Дүние бөлігі — ",
    "neighbour": ("Көршілері: ", "Құрлықтағы жалғыз көршісі: "),
    "constellation": "Кешке ең жақсы көрінетін кезі: ",
}


def explains(question):
    """Tell whether the answer is explained by the facts that the question is about."""
    name, *why = question["explained"]
    return name.endswith(".") and any(one.startswith(WHY[question["kind"]]) for one in why)


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
    # A place that a teacher names twice is one choice, and the right one is none of the wrong ones.
    twice = {"text": "?", "right": "KZ", "wrong": ["RU", "RU", "KZ", "UZ"]}
    double = (await teacher.post(GAMES, json={**new, "own": [twice]})).json()
    choices = [one["id"] for one in double["question"]["choices"]]
    assert sorted(choices) == ["KZ", "RU", "UZ"]
    nowhere = {**new, "own": [{"text": "?", "right": "ZZ"}]}
    assert (await teacher.post(GAMES, json=nowhere)).status_code == 422
    await teacher.post(f"/api/v1/lessons/{lesson['id']}/end")


async def test_centres_of_the_regions_of_kazakhstan_are_asked_for(teacher):
    lesson = (await teacher.post("/api/v1/lessons", json={"title": "Облыстар"})).json()
    new = {"players": ["Әли"], "kinds": ["centre"], "level": "8-11", "rounds": 1}
    game = (await teacher.post(GAMES, json=new, headers={"Accept-Language": "kk"})).json()
    question = game["question"]
    assert question["text"].endswith(" — қай облыстың орталығы?")
    assert {one["kind"] for one in question["choices"]} == {"region"}
    answer = {"question": 0, "place": question["choices"][0]["id"]}
    told = (await teacher.post(f"{GAMES}/{game['id']}/answers", json=answer)).json()
    centre = question["text"].split(" — ")[0]
    solved = told["question"]["solution"][0]["id"]
    place = await teacher.get(f"/api/v1/globe/places/{solved}", headers={"Accept-Language": "kk"})
    facts = {one["name"]: one["text"] for one in place.json()["facts"]}
    assert facts["centre"] == centre
    assert len(told["question"]["explained"]) == 3, "the name, the centre, the history"
    await teacher.post(f"/api/v1/lessons/{lesson['id']}/end")


BUZZER = {
    "players": ["Әли", "Дана", "Бек"],
    "mode": "buzzer",
    "level": "8-11",
    "kinds": ["capital"],
    "rounds": 1,
}


async def test_the_first_answers_and_a_wrong_answer_passes_to_the_others(hub, callers, teacher):
    lesson = (await teacher.post("/api/v1/lessons", json={"title": "Кім бірінші"})).json()
    tablets = [await callers.pupil(lesson, name) for name in BUZZER["players"]]
    game = (await teacher.post(GAMES, json=BUZZER)).json()
    own = f"{GAMES}/{game['id']}"
    assert (game["mode"], game["level"], game["seconds"]) == ("buzzer", "8-11", 30)
    assert game["question"]["player"] is None
    running = (await tablets[0].get(GAMES, params={"state": "running"})).json()["items"]
    assert [one["id"] for one in running] == [game["id"]]

    async def say(by, what, number, **more):
        return await by.post(f"{own}/{what}", json={"question": number, **more})

    questions = await played(hub, game["id"])
    right, others = questions[0]["right"][0], wrong(questions[0])
    early = await say(tablets[0], "answers", 0, place=right, player=0)
    assert (early.status_code, early.json()["code"]) == (409, "globe-press-first")
    # All press at once: one is first, and all are told the same.
    pressed = await asyncio.gather(
        *(say(by, "presses", 0, player=at) for at, by in enumerate(tablets))
    )
    [first] = {one.json()["question"]["player"] for one in pressed}
    second, third = [at for at in range(3) if at != first]
    refused = await say(tablets[second], "answers", 0, place=right, player=second)
    assert (refused.status_code, refused.json()["code"]) == (409, "globe-other-answers")
    for _ in range(2):  # a page that has not heard the answer says it again
        told = (await say(tablets[first], "answers", 0, place=others[0], player=first)).json()
        assert told["question"]["answered"] is False
        assert told["question"]["solution"] == []
        assert [(one["player"], one["right"]) for one in told["question"]["tries"]] == [
            (first, False)
        ]
    again = (await say(tablets[first], "presses", 0, player=first)).json()
    assert again["question"]["player"] is None, "nobody tries twice"
    held = (await say(tablets[third], "presses", 0, player=third)).json()
    assert held["question"]["player"] == third
    told = (await say(tablets[third], "answers", 0, place=right, player=third)).json()
    assert told["question"]["answered"]
    assert told["question"]["right"] is True
    assert any(one.startswith("Астанасы ") for one in told["question"]["explained"])
    late = (await say(tablets[second], "presses", 0, player=second)).json()
    assert late["question"]["tries"] == told["question"]["tries"]

    # The second question: one does not know, then nobody presses.
    await say(teacher, "next", 0)
    await say(teacher, "presses", 1, player=second)
    nobody = await say(teacher, "answers", 1, place=None)  # its time is over, and somebody pressed
    assert (nobody.status_code, nobody.json()["code"]) == (409, "globe-other-answers")
    told = (await say(teacher, "answers", 1, place=None, player=second)).json()
    assert told["question"]["tries"] == [{"player": second, "answer": None, "right": False}]
    told = (await say(teacher, "answers", 1, place=None)).json()
    assert told["question"]["answered"]
    assert told["question"]["right"] is False
    assert told["question"]["solution"][0]["id"] == questions[1]["right"][0]

    # The third: all are wrong.
    await say(teacher, "next", 1)
    for at in range(3):
        await say(teacher, "presses", 2, player=at)
        told = (await say(teacher, "answers", 2, place=wrong(questions[2])[0], player=at)).json()
        assert told["question"]["answered"] is (at == 2)
    over = (await say(teacher, "next", 2)).json()
    assert over["over"]
    scores = {at: (one["right"], one["asked"]) for at, one in enumerate(over["players"])}
    assert scores == {first: (0, 2), second: (0, 2), third: (1, 2)}
    assert (await say(teacher, "presses", 2, player=0)).status_code == 409
    assert (await say(teacher, "presses", 2, player=3)).status_code == 422
    kept = (await teacher.get(GAMES)).json()["items"]
    assert [one["id"] for one in kept] == [game["id"]]
    assert (await teacher.get(GAMES, params={"state": "running"})).json()["items"] == []
    await teacher.post(f"/api/v1/lessons/{lesson['id']}/end")


async def test_levels_say_what_their_classes_are_asked(teacher):
    levels = (await teacher.get("/api/v1/globe/levels")).json()["items"]
    assert [(one["id"], one["choices"]) for one in levels] == [("1-4", 3), ("5-7", 4), ("8-11", 6)]
    lesson = (await teacher.post("/api/v1/lessons", json={"title": "Кішілер"})).json()
    game = (await teacher.post(GAMES, json={"players": ["Әли"], "level": "1-4"})).json()
    assert game["question"]["kind"] == levels[0]["kinds"][0]
    assert (game["question"]["of"], game["seconds"]) == (5, 0)
    wrong_level = {"players": ["Әли"], "level": "hard"}
    assert (await teacher.post(GAMES, json=wrong_level)).status_code == 422
    await teacher.post(f"/api/v1/lessons/{lesson['id']}/end")
