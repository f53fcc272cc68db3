"""Quizzes through the API: prepared, played by teams, kept with the lesson; and who may what."""

import random

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from hub.app import Hub
from hub.device import Role
from hub.settings import Settings
from plugins.touch.quiz.rules import FIRST, RIGHT, Answer, answered, mixed, scores
from tests.integration.test_captures import Callers

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUESTIONS = [
    {
        "text": "Жасушаның қуат орталығы?",
        "answers": ["Митохондрия", "Ядро", "Рибосома"],
        "right": 0,
    },
    {"text": "2 + 2", "answers": ["3", "4"], "right": 1},
]
URL = "/api/v1/touch"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hub(tmp_path_factory):
    tuio = {"touch": {"tuio": {"udp": []}}}
    hub = Hub(Settings(data=tmp_path_factory.mktemp("data"), language="en", plugins=tuio))
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
    return await callers.token(Role.TEACHER, "Айгүл Серікқызы")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def lesson(teacher):
    return (await teacher.post("/api/v1/lessons", json={"title": "Cells"})).json()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pupil(callers, lesson):
    return await callers.pupil(lesson, "Айжан")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stranger(callers, teacher):
    other = await callers.token(Role.TEACHER, "Данияр")
    elsewhere = (await other.post("/api/v1/lessons", json={"title": "Elsewhere"})).json()
    return await callers.pupil(elsewhere, "Ерлан")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def quiz(teacher):
    answer = await teacher.post(f"{URL}/quizzes", json={"title": "Cells", "questions": QUESTIONS})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def play(client, quiz, teams=2):
    body = {"quiz": quiz["id"], "teams": [f"Team {one}" for one in range(1, teams + 1)]}
    answer = await client.post(f"{URL}/games", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def say(client, game, team, answer, question=None):
    number = game["question"]["number"] if question is None else question
    body = {"question": number, "team": team, "answer": answer}
    return await client.post(f"{URL}/games/{game['id']}/answers", json=body)


def right(game):
    """Which answer is the right one, as who prepared the quiz knows."""
    known = next(one for one in QUESTIONS if one["text"] == game["question"]["text"])
    return game["question"]["answers"].index(known["answers"][known["right"]])


async def test_a_game_is_played_to_the_end_and_kept_with_the_lesson(
    hub, teacher, pupil, quiz, lesson
):
    told = []
    leave = hub.bus.subscribe("x/touch/games/+", lambda message: told.append(message.payload))
    game = await play(pupil, quiz, teams=3)
    for number in range(2):
        good = right(game)
        bad = (good + 1) % len(game["question"]["answers"])
        assert (await say(pupil, game, 1, good)).json()["teams"][1]["answered"]
        now = (await say(pupil, game, 0, bad)).json()
        # Nothing tells the third team what is right.
        assert now["question"]["right"] is None
        assert [team["answer"] for team in now["teams"]] == [None] * 3
        assert now["teams"][1]["points"] == (RIGHT + FIRST) * number
        now = (await say(pupil, game, 2, good)).json()
        assert now["question"]["right"] == good
        assert [team["answer"] for team in now["teams"]] == [bad, good, good]
        body = {"question": number}
        game = (await pupil.post(f"{URL}/games/{game['id']}/next", json=body)).json()
    leave()
    assert game["over"]
    assert told[-1] == game
    points = [(team["points"], team["right"]) for team in game["teams"]]
    assert points == [(0, 0), (30, 2), (20, 2)]
    (result,) = (await teacher.get(f"{URL}/results?lesson={lesson['id']}")).json()["items"]
    assert (result["activity"], result["title"]) == ("quiz", "Cells")
    assert [(team["name"], team["points"]) for team in result["teams"]] == [
        ("Team 2", 30),
        ("Team 3", 20),
        ("Team 1", 0),
    ]
    assert (await say(pupil, game, 0, 0)).json()["code"] == "not-now"


async def test_a_team_answers_once(pupil, quiz):
    game = await play(pupil, quiz)
    assert (await say(pupil, game, 0, 1)).status_code == 200
    assert (await say(pupil, game, 0, 1)).status_code == 200  # said again after a lost answer
    assert (await say(pupil, game, 0, 0)).json()["code"] == "not-now"
    assert (await say(pupil, game, 1, 0, question=1)).json()["code"] == "not-now"
    assert (await say(pupil, game, 2, 0)).status_code == 422
    assert (await say(pupil, game, 1, 3)).status_code == 422


async def test_who_goes_on_twice_skips_nothing(pupil, quiz):
    game = await play(pupil, quiz)
    for _ in range(2):
        moved = await pupil.post(f"{URL}/games/{game['id']}/next", json={"question": 0})
        assert moved.json()["question"]["number"] == 1


async def test_a_quiz_is_changed_by_one_teacher_at_a_time(teacher, quiz):
    path = f"{URL}/quizzes/{quiz['id']}"
    body = {"title": "Cells 2", "questions": QUESTIONS, "revision": quiz["revision"]}
    assert (await teacher.put(path, json=body)).json()["revision"] == quiz["revision"] + 1
    assert (await teacher.put(path, json=body)).json()["code"] == "quiz-changed"
    body |= {"title": "Cells", "revision": quiz["revision"] + 1}
    assert (await teacher.put(path, json=body)).status_code == 200


async def test_a_deleted_quiz_leaves_its_game_and_is_gone(teacher, pupil):
    made = (
        await teacher.post(f"{URL}/quizzes", json={"title": "x", "questions": QUESTIONS})
    ).json()
    game = await play(pupil, made)
    assert (await teacher.delete(f"{URL}/quizzes/{made['id']}")).status_code == 204
    assert (await teacher.get(f"{URL}/quizzes/{made['id']}")).status_code == 404
    assert (await pupil.get(f"{URL}/games/{game['id']}")).json() == game


async def test_pupils_see_no_right_answers_and_others_see_no_games(pupil, stranger, quiz):
    assert (await pupil.get(f"{URL}/quizzes/{quiz['id']}")).status_code == 403
    body = {"title": "x", "questions": QUESTIONS}
    assert (await pupil.post(f"{URL}/quizzes", json=body)).status_code == 403
    (listed,) = (await pupil.get(f"{URL}/quizzes")).json()["items"]
    assert "questions" not in listed
    game = await play(pupil, quiz)
    assert (await stranger.get(f"{URL}/games/{game['id']}")).status_code == 403
    assert (await say(stranger, game, 0, 0)).status_code == 403
    assert (await stranger.get(f"{URL}/results?lesson={game['lesson']}")).status_code == 403


@pytest.mark.parametrize(
    "questions",
    [
        [],
        [{"text": "x", "answers": ["a"], "right": 0}],
        [{"text": "x", "answers": ["a", "b"], "right": 2}],
        [{"text": "x", "answers": ["a", "b"], "right": True}],
        [{"text": "", "answers": ["a", "b"], "right": 0}],
        [{"text": "x\0", "answers": ["a", "b"], "right": 0}],
        [{"text": "x", "answers": ["a", "b"], "right": 0}] * 61,
    ],
)
async def test_what_is_no_quiz_is_refused(teacher, questions):
    answer = await teacher.post(f"{URL}/quizzes", json={"title": "x", "questions": questions})
    assert answer.status_code == 422


async def test_what_a_page_judges_itself_is_kept_too(pupil, teacher, lesson):
    teams = [
        {"name": "Team 1", "points": 2, "right": 2, "of": 4},
        {"name": "Team 2", "points": 4, "right": 4, "of": 4},
    ]
    body = {"activity": "match", "title": "Pictures", "teams": teams}
    assert (await pupil.post(f"{URL}/results", json=body)).status_code == 201
    newest = (await teacher.get(f"{URL}/results?lesson={lesson['id']}")).json()["items"][0]
    assert newest["teams"] == teams[::-1]
    body["teams"] = [{**teams[0], "points": -1}]
    assert (await pupil.post(f"{URL}/results", json=body)).status_code == 422


sets = st.lists(st.integers(2, 4).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1))))


@given(sets.filter(bool), st.randoms(use_true_random=False))
async def test_mixed_answers_keep_the_right_one(shape, seed):
    questions = [{"text": "x", "answers": list(map(str, range(n))), "right": r} for n, r in shape]
    for before, after in zip(questions, mixed(questions, seed), strict=True):
        assert sorted(before["answers"]) == sorted(after["answers"])
        assert after["answers"][after["right"]] == str(before["right"])


async def test_only_the_first_right_answer_is_worth_more():
    questions = mixed(QUESTIONS, random.Random(1))
    good = [question["right"] for question in questions]
    answers = [Answer(0, 1, good[0]), Answer(0, 0, good[0]), Answer(1, 0, (good[1] + 1) % 2)]
    assert [one.points for one in scores(questions, answers, 3)] == [RIGHT, RIGHT + FIRST, 0]
    assert answered(answers, 0) == {1: good[0], 0: good[0]}
