"""What is hidden on a board does not reach pupils, and where a page is locked theirs is refused: by the hub."""

import contextlib

import pytest

from tests.board_client import LIVE, array, number, points, text
from tests.integration.test_boards import agreed, room  # noqa: F401 - a fixture


def names(page):
    return {one["name"] for one in page.state["documents"]}


async def test_a_hidden_layer_is_told_to_teachers_and_its_author_alone(room):  # noqa: F811
    aizhan, dana, teacher = await room.everybody("Aizhan", "Dana")
    dana.draw(page="p")
    await agreed([aizhan, dana, teacher])
    layer = f"{room.path}/layers/{dana.own}"
    room.http.patch(layer, json={"hidden": True}).raise_for_status()
    await aizhan.until(lambda: dana.own not in names(aizhan))
    assert dana.own in names(dana)
    assert dana.own in names(teacher)
    # Neither what is drawn from now on, nor a stroke in progress, nor the document to who asks.
    entry = text(dana.own) + text("stroke-1") + number(1) + number(0) + text("{}")
    dana.draw(page="p")
    await dana.ws.send(bytes((LIVE,)) + entry + array(points()))
    await teacher.until(lambda: len(teacher.map(dana.own)) == 2 and teacher.live)
    await aizhan.follow(dana.own)
    await aizhan.until(lambda: any(one.get("document") == dana.own for one in aizhan.problems))
    assert aizhan.problems[-1]["code"] == "forbidden"
    assert len(aizhan.map(dana.own)) == 1
    assert aizhan.live == []
    late = room.pupil("Late")
    await late.come()
    assert dana.own not in names(late)
    told = room.http.get(room.path).json()["authors"]
    assert dana.own in {one["document"] for one in told}
    room.http.patch(layer, json={"hidden": False}).raise_for_status()
    await late.until(lambda: dana.own in names(late))
    await late.follow(dana.own)
    await late.until(lambda: dana.own in late.caught_up)
    assert len(late.map(dana.own)) == 2


async def test_what_is_prepared_on_a_hidden_page_comes_when_it_is_shown(room):  # noqa: F811
    aizhan, teacher = await room.everybody("Aizhan")
    made = room.http.post(f"{room.path}/pages", json={"title": "Answers"}).json()
    page = made["pages"][1]["id"]
    path, name = f"{room.path}/pages/{page}", f"page:{page}"
    room.http.patch(path, json={"hidden": True}).raise_for_status()
    await teacher.follow(name)
    await teacher.until(lambda: name in teacher.caught_up)
    teacher.draw(name=name, page=page)
    await teacher.settled()
    for wanted in (name, "page:no-such-page"):
        await aizhan.follow(wanted)
        await aizhan.until(lambda n=wanted: any(p.get("document") == n for p in aizhan.problems))
        assert aizhan.problems[-1]["code"] == "forbidden"
    assert name not in names(aizhan)
    room.http.patch(path, json={"hidden": False}).raise_for_status()
    await aizhan.until(lambda: name in names(aizhan))
    assert next(one for one in aizhan.state["documents"] if one["name"] == name)["write"] is False
    await aizhan.follow(name)
    await aizhan.until(lambda: name in aizhan.caught_up)
    assert len(aizhan.map(name)) == 1
    aizhan.draw(name=name, page=page)
    await aizhan.until(lambda: aizhan.problems[-1].get("document") == name)
    assert aizhan.problems[-1]["code"] == "forbidden"


@pytest.mark.parametrize("how", ["locked", "hidden"])
async def test_a_closed_page_takes_nothing_of_pupils(room, how):  # noqa: F811
    aizhan, teacher = await room.everybody("Aizhan")
    first = room.board["pages"][0]["id"]
    made = room.http.post(f"{room.path}/pages", json={"title": "Two"}).json()
    two = made["pages"][1]["id"]
    kept = [aizhan.draw(page=first), aizhan.draw(page=two)]
    await agreed([aizhan, teacher])
    room.http.patch(f"{room.path}/pages/{two}", json={how: True}).raise_for_status()

    # On the other page all is as it was, also what the teacher does in the pupil's document meanwhile.
    more = aizhan.draw(page=first)
    await aizhan.settled()
    with contextlib.suppress(KeyError):
        del teacher.map(aizhan.own)[kept[0]]
    await teacher.settled()
    aizhan.map(aizhan.own, "edits")[more] = {"x": 1.0, "y": 2.0, "scale": 1.0}
    await agreed([aizhan, teacher])
    assert not aizhan.problems

    def erase():
        del aizhan.map(aizhan.own)[kept[1]]

    def move():
        aizhan.map(aizhan.own, "edits")[kept[1]] = {"x": 9.0, "y": 9.0, "scale": 1.0}

    for number_, change in enumerate((lambda: aizhan.draw(page=two), erase, move), 1):
        change()
        await aizhan.until(lambda n=number_: len(aizhan.problems) == n)
        assert aizhan.problems[-1]["code"] == "board-locked"
        del aizhan.docs[aizhan.own]
        aizhan.caught_up.discard(aizhan.own)
        await aizhan.follow(aizhan.own)
        await aizhan.until(lambda: aizhan.own in aizhan.caught_up)
        assert set(aizhan.map(aizhan.own)) == {more, kept[1]}
    # Drawn while it was away: refused as a whole.
    await aizhan.leave(abruptly=True)
    aizhan.draw(page=two)
    await aizhan.come(*aizhan.docs)
    await aizhan.until(lambda: len(aizhan.problems) == 4)
    assert set(teacher.map(aizhan.own)) == {more, kept[1]}
    teacher.draw(page=two)
    room.http.patch(f"{room.path}/pages/{two}", json={how: False}).raise_for_status()
    await teacher.settled()
    del aizhan.docs[aizhan.own]
    await aizhan.follow(aizhan.own)
    aizhan.draw(page=two)
    await agreed([aizhan, teacher])
    assert len(aizhan.problems) == 4
