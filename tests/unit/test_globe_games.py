"""The quiz: levels by classes, questions with one right answer, and who is first."""

import random

import pytest

from plugins.globe.atlas.atlas import atlas
from plugins.globe.games.buzzer import answered, holder, is_over, pressed, tries_at
from plugins.globe.games.errors import NotAsked, NotPressed, OtherAnswers
from plugins.globe.games.levels import (
    Level,
    QuestionKind,
    constellations_at,
    countries_at,
    rules,
)
from plugins.globe.games.questions import questions

ATLAS = atlas()
OURS = [one for one in QuestionKind if one is not QuestionKind.OWN]


@pytest.mark.parametrize("level", list(Level))
def test_questions_have_one_right_answer_among_as_many_as_the_level_gives(level):
    made = questions(ATLAS, OURS, level, 490, random.Random(7))
    assert len(made) == 490
    for one in made:
        if one.kind is QuestionKind.FIND:
            assert not one.choices
            continue
        assert len(set(one.choices)) == rules()[level].choices
        assert sum(1 for choice in one.choices if choice in one.right) == 1, one
        facts = [ATLAS.places[it].facts for it in one.choices]
        subject = ATLAS.places[one.subject].facts
        if one.kind is QuestionKind.CAPITAL:
            assert len({it["capital"].value for it in facts}) == len(facts)
        if one.kind is QuestionKind.CONTINENT:
            there = [it["continent"].value == subject["continent"].value for it in facts]
            assert there.count(True) == 1
        if one.kind is QuestionKind.CURRENCY:
            money = set(subject["currencies"].value)
            assert [bool(money & set(it["currencies"].value)) for it in facts].count(True) == 1


def test_the_younger_are_asked_less_and_of_what_they_know():
    countries = {level: {one.id for one in countries_at(ATLAS, level)} for level in Level}
    assert {"KZ", "KG", "UZ", "TM", "CN", "RU", "US", "DE"} <= countries[Level.FIRST]
    assert countries[Level.FIRST] < countries[Level.MIDDLE] < countries[Level.UPPER]
    sizes = [len(countries[level]) for level in Level]
    assert sizes[0] < 45 < 90 < sizes[1] < 130
    assert sizes[2] > 220
    stars = {level: {one.id for one in constellations_at(ATLAS, level)} for level in Level}
    assert {"UMa", "UMi", "Ori"} <= stars[Level.FIRST] < stars[Level.MIDDLE] < stars[Level.UPPER]
    assert all(ATLAS.places[one].facts["seen"].value for one in stars[Level.MIDDLE])
    assert len(stars[Level.UPPER]) == 88
    assert [rules()[level].choices for level in Level] == [3, 4, 6]


@pytest.mark.parametrize("level", list(Level))
def test_a_level_names_places_and_asks_its_own_kinds_where_nobody_chooses(level):
    said = rules()[level]
    assert said.countries | said.constellations <= set(ATLAS.places)
    made = questions(ATLAS, [], level, 3 * len(said.kinds), random.Random(1))
    assert {one.kind for one in made} == set(said.kinds)
    assert QuestionKind.CURRENCY not in rules()[Level.FIRST].kinds


def test_wrong_answers_of_the_upper_classes_lie_nearby():
    kinds = [QuestionKind.CAPITAL]
    parts = {}
    for level in (Level.MIDDLE, Level.UPPER):
        made = questions(ATLAS, kinds, level, 60, random.Random(3))
        parts[level] = [
            len({ATLAS.places[one].facts["continent"].value for one in it.choices}) for it in made
        ]
    assert set(parts[Level.UPPER]) == {1}
    assert max(parts[Level.MIDDLE]) > 1


def test_the_first_who_presses_answers_and_a_wrong_answer_passes_to_the_others():
    tries = pressed([], 0, 2)
    assert holder(tries, 0) == 2
    assert pressed(tries, 0, 1) == tries, "too late"
    with pytest.raises(OtherAnswers):
        answered(tries, 0, "KZ", 1)
    tries = answered(tries, 0, "RU", 2)
    assert holder(tries, 0) is None
    assert answered(tries, 0, "RU", 2) == tries, "told again"
    with pytest.raises(NotAsked):
        answered(tries, 0, "KZ", 2)
    assert pressed(tries, 0, 2) == tries, "nobody tries twice"
    with pytest.raises(NotPressed):
        answered(tries, 0, "KZ", 1)
    assert not is_over(tries, 0, ["KZ"], 3)
    tries = answered(pressed(tries, 0, 1), 0, "KZ", None)
    assert is_over(tries, 0, ["KZ"], 3)
    assert [(one["player"], one["place"]) for one in tries_at(tries, 0)] == [(2, "RU"), (1, "KZ")]
    assert pressed(tries, 1, 2)[-1] == {"question": 1, "player": 2, "place": None}, "the next one"


def test_a_question_is_over_once_all_have_tried():
    tries = []
    for player in (1, 0):
        tries = answered(pressed(tries, 0, player), 0, "", player)
        assert is_over(tries, 0, ["KZ"], 2) is (player == 0)
