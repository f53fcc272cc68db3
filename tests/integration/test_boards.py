"""Boards over the real wire: many pages that drop off and come back, a hub that is killed, rights."""

import asyncio
import contextlib
import os
import random
import signal

import httpx
import pycrdt
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests import board_client
from tests.board_client import LIVE, SYNC, VIEW, Page, Reading, array, number, points, text


class Class:
    """A hub with a lesson, a board, and pages at it."""

    def __init__(self, hub):
        self.hub = hub
        self.http = hub.client("teacher")
        self.lesson = self.http.post("/api/v1/lessons", json={"title": "Cells"}).json()
        made = self.http.post("/api/v1/boards", json={"lesson": self.lesson["id"]})
        assert made.status_code == 201, made.text
        self.board = made.json()
        self.path = f"/api/v1/boards/{self.board['id']}"
        self.pages = []

    def teacher(self):
        return self._page({"Authorization": f"Bearer {self.hub.token('teacher')}"})

    def pupil(self, name, lesson=None):
        code = (lesson or self.lesson)["code"]
        with httpx.Client(base_url=self.hub.url, headers={"Origin": self.hub.url}) as browser:
            body = {"digits": code, "name": name}
            browser.post("/api/v1/session", json=body).raise_for_status()
            cookie = browser.cookies["classhub"]
        return self._page({"Cookie": f"classhub={cookie}"})

    def _page(self, headers):
        page = Page(self.hub, self.board["id"], headers)
        self.pages.append(page)
        return page

    async def everybody(self, *names):
        """Pupils and the teacher, each following each document."""
        pages = [*(self.pupil(name) for name in names), self.teacher()]
        for page in pages:
            await page.come()
        await self.follow_all(pages)
        return pages

    async def follow_all(self, pages):
        owns = {"shared", *(page.own for page in pages)}
        for page in pages:
            await page.until(lambda p=page: owns <= {d["name"] for d in p.state["documents"]})
            for name in owns - set(page.sent):
                await page.follow(name)

    def patch(self, **changes):
        self.http.patch(self.path, json=changes).raise_for_status()


@pytest.fixture
async def room(live_hub):
    made = Class(live_hub)
    yield made
    for page in made.pages:
        await page.leave()
    made.http.delete(made.path)
    made.http.post(f"/api/v1/lessons/{made.lesson['id']}/end")
    made.http.close()


def drawn(page):
    return {name: (page.map(name).to_py(), page.map(name, "edits").to_py()) for name in page.docs}


def clocks(doc):
    """How much of each client's a document has; pycrdt gives the pairs in any order."""
    reading = Reading(doc.get_state())
    return {reading.number(): reading.number() for _ in range(reading.number())}


async def agreed(pages, seconds=30):
    """Wait until all have sent what they have, then until all have the same."""
    for page in pages:
        await page.settled(seconds)

    def alike():
        states = [{n: clocks(d) for n, d in page.docs.items()} for page in pages]
        return all(one == states[0] for one in states)

    try:
        async with asyncio.timeout(seconds):
            while not alike():
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"they disagree: {[drawn(page) for page in pages]}")
    first, *others = map(drawn, pages)
    assert all(one == first for one in others)
    return first


async def test_ten_pages_some_dropping_off_agree_at_rest(room):
    pages = await room.everybody(*(f"Pupil {n}" for n in range(9)))
    teacher, chance = pages[-1], random.Random(7)
    keys = {page: [page.draw()] for page in pages}
    for _ in range(12):
        for page in pages:
            if page.ws is None:
                if chance.random() < 0.5:
                    await page.come(*page.docs)
            elif chance.random() < 0.25 and page is not teacher:
                await page.leave(abruptly=chance.random() < 0.5)
            for _ in range(3):  # also while it is away
                keys[page].append(page.draw())
            moved = chance.choice(keys[page])
            page.map(page.own, "edits")[moved] = {"x": chance.random(), "y": 1.0, "scale": 2.0}
            if chance.random() < 0.3:
                del page.map(page.own)[keys[page].pop()]
        # The teacher wipes something that another may be moving right now.
        victim = chance.choice(pages[:-1])
        known = list(teacher.map(victim.own).keys())
        if known:
            gone = chance.choice(known)
            del teacher.map(victim.own)[gone]
        await asyncio.sleep(0.02)
    for page in pages:
        if page.ws is None:
            await page.come(*page.docs)
    everything = await agreed(pages)
    assert sum(len(items) for items, _ in everything.values()) > 200
    assert not [problem for page in pages for problem in page.problems]
    late = room.pupil("Late")
    await late.come(*everything)
    await late.until(lambda: late.caught_up >= set(everything))
    await late.until(
        lambda: all(clocks(late.docs[n]) == clocks(pages[0].docs[n]) for n in everything)
    )
    assert drawn(late) == everything


async def test_a_killed_hub_loses_no_acknowledged_stroke(start, tmp_path):
    hub = start(config='language = "en"\n')
    room = Class(hub)
    acknowledged = set()
    pages = await room.everybody("Aizhan", "Dana")
    try:
        for round_ in range(3):
            stop = asyncio.Event()

            async def write(page, stop=stop):
                while not stop.is_set() and page.ws.state == 1:
                    page.pending.append(page.draw())
                    await asyncio.sleep(0.002)

            for page in pages:
                page.pending = []
            writing = [asyncio.create_task(write(page)) for page in pages]
            await asyncio.sleep(random.uniform(0.3, 0.8))
            hub.process.send_signal(signal.SIGKILL)
            hub.process.wait(10)
            stop.set()
            await asyncio.gather(*writing)
            for page in pages:
                with contextlib.suppress(Exception):
                    await page.closed(5)
                # One of the acknowledged updates may be the step 2 of its coming.
                acknowledged |= set(page.pending[: max(0, page.acked[page.own] - 1)])
                await page.leave(abruptly=True)
            hub = start(config='language = "en"\n')
            # Somebody who knows nothing yet sees what the hub itself has.
            room.hub = hub
            fresh = room.teacher()
            await fresh.come()
            names = [page.own for page in pages]
            await fresh.until(lambda f=fresh, n=set(names): n <= f.caught_up)
            kept = {key for name in names for key in fresh.map(name)}
            assert len(acknowledged) > 10 * (round_ + 1)
            assert acknowledged <= kept
            await fresh.leave()
            for page in pages:
                page.hub = hub
                await page.come(*page.docs)
            await agreed(pages)
    finally:
        for page in room.pages:
            await page.leave(abruptly=True)
        room.http.close()


async def test_nobody_draws_in_anothers_name(room):
    aizhan, dana, teacher = await room.everybody("Aizhan", "Dana")
    aizhan.draw()
    await agreed([aizhan, dana, teacher])
    for name in (aizhan.own, "shared"):
        dana.draw(name=name)
        await dana.until(lambda n=name: any(p.get("document") == n for p in dana.problems))
        assert dana.problems[-1]["code"] == "forbidden"
        assert dana.problems[-1]["hint"]
    # Who was refused begins anew, and then agrees with everybody.
    for name in (aizhan.own, "shared"):
        del dana.docs[name]
        await dana.follow(name)
    dana.draw()
    everything = await agreed([aizhan, dana, teacher])
    assert len(everything[aizhan.own][0]) == 1
    assert len(everything["shared"][0]) == 0
    # The teacher may.
    del teacher.map(aizhan.own)[next(iter(everything[aizhan.own][0]))]
    everything = await agreed([aizhan, dana, teacher])
    assert everything[aizhan.own][0] == {}


async def test_a_locked_board_takes_strokes_of_those_with_the_pen_only(room):
    aizhan, dana, teacher = await room.everybody("Aizhan", "Dana")
    room.patch(locked=True, pen=[dana.own])
    await aizhan.until(lambda: aizhan.state["you"]["write"] is False)
    assert dana.state["you"]["write"] is True
    aizhan.draw()
    await aizhan.until(lambda: aizhan.problems)
    assert aizhan.problems[0]["code"] == "board-locked"
    dana.draw()
    await dana.settled()
    room.patch(locked=False)
    room.http.patch(f"{room.path}/layers/{dana.own}", json={"locked": True}).raise_for_status()
    await dana.until(lambda: dana.state["you"]["write"] is False)
    await aizhan.until(lambda: aizhan.state["you"]["write"] is True)
    del aizhan.docs[aizhan.own]
    await aizhan.follow(aizhan.own)
    aizhan.draw()
    await agreed([aizhan, dana, teacher])


async def test_strokes_in_progress_and_the_teachers_view_reach_the_others(room):
    aizhan, dana, teacher = await room.everybody("Aizhan", "Dana")
    entry = text(aizhan.own) + text("stroke-1") + number(1) + number(0) + text('{"kind":"stroke"}')
    await aizhan.ws.send(bytes((LIVE,)) + entry + array(points()))
    foreign = text(aizhan.own) + text("stroke-2") + number(1) + number(0) + text("{}")
    await dana.ws.send(bytes((LIVE,)) + foreign + array(points()))
    await teacher.until(lambda: teacher.live)
    await dana.until(lambda: dana.live)
    await teacher.ws.send(
        bytes((VIEW,)) + text('{"page": "p", "x": 0, "y": 0, "width": 1920, "height": 1080}')
    )
    await aizhan.until(lambda: aizhan.views)
    assert [one[1] for one in teacher.live] == ["stroke-1"]
    assert teacher.live[0][4] == {"kind": "stroke"}
    assert teacher.live[0][5] == points()
    assert aizhan.live == []
    assert aizhan.views[-1]["width"] == 1920
    await teacher.leave()
    await aizhan.until(lambda: aizhan.views[-1] == {"page": None})


async def test_who_is_not_in_the_lesson_does_not_see_the_board(room):
    other = room.http.post("/api/v1/lessons", json={"title": "Rocks"}).json()
    stranger = room.pupil("Timur", other)
    with pytest.raises(InvalidStatus) as refused:
        await stranger.come()
    assert refused.value.response.status_code == 403
    nobody = Page(room.hub, room.board["id"], {})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await nobody.come()
    assert await nobody.closed() == 4401
    await nobody.leave()
    gone = Page(room.hub, "no-such-board", {"Authorization": f"Bearer {room.hub.token()}"})
    with pytest.raises(InvalidStatus) as refused:
        await gone.come()
    assert refused.value.response.status_code == 404
    room.http.post(f"/api/v1/lessons/{other['id']}/end")


async def test_garbage_ends_its_connection_and_nothing_else(room):
    aizhan, dana, teacher = await room.everybody("Aizhan", "Dana")
    aizhan.draw()
    chance = random.Random(3)
    name = text(dana.own)
    for bad in (b"", b"\xff" * 12, b"\x00\x05ab", bytes((9,)), chance.randbytes(3000), "text"):
        if dana.ws is None:
            await dana.come(*dana.docs)
        await dana.ws.send(bad)
        assert await dana.closed() == 1008
        await dana.leave()
    await dana.come(*dana.docs)
    with contextlib.suppress(ConnectionClosed):  # it is cut while it is still sending
        await dana.ws.send(bytes(5 << 20))
    assert await dana.closed() == 1009
    await dana.leave()
    # Whole messages with hostile updates inside: refused, and the connection goes on.
    good = pycrdt.Doc()
    good.get("items", type=pycrdt.Map)["x"] = {"a": os.urandom(200)}
    update = good.get_update()
    await dana.come(*dana.docs)
    for step in (1, 2):
        for _ in range(60):
            spoilt = bytearray(update)
            for _ in range(chance.randint(1, 6)):
                spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
            await dana.ws.send(bytes((SYNC,)) + name + bytes((step,)) + array(bytes(spoilt)))
            await dana.ws.send(bytes((SYNC,)) + name + b"\x00" + array(b"\x00"))
    await dana.ws.send(bytes((SYNC,)) + name + b"\x00" + array(b"\xff" * 30))
    del dana.docs[dana.own]
    dana.problems.clear()
    await dana.leave()
    await dana.come(*{*dana.docs, dana.own})
    aizhan.draw()
    await agreed([aizhan, teacher])
    assert len(aizhan.map(aizhan.own)) == 2


async def test_a_page_that_never_reads_slows_nobody(room):
    aizhan, teacher = await room.everybody("Aizhan")
    lazy = room.teacher()
    await lazy.come(*teacher.docs)
    lazy._task.cancel()
    lazy.ws.transport.pause_reading()
    heavy = board_client.points(20_000)
    for _ in range(30):
        aizhan.draw(points=heavy)
    await agreed([aizhan, teacher])
    assert len(teacher.map(aizhan.own)) == 30
    await lazy.leave(abruptly=True)


async def test_a_teacher_makes_pages_clears_and_deletes(room):
    aizhan, teacher = await room.everybody("Aizhan")
    first = room.board["pages"][0]["id"]
    made = room.http.post(
        f"{room.path}/pages", json={"title": "Two", "background": {"kind": "squares"}}
    ).json()
    two = made["pages"][1]["id"]
    between = room.http.post(f"{room.path}/pages", json={"title": "Between", "after": first}).json()
    assert [page["title"] for page in between["pages"]] == ["", "Between", "Two"]
    await aizhan.until(lambda: two in aizhan.map("shared", "pages").to_py())
    aizhan.draw(page=first)
    aizhan.draw(page=two)
    await aizhan.settled()
    room.http.patch(f"{room.path}/pages/{two}", json={"hidden": True}).raise_for_status()
    await teacher.until(lambda: teacher.map("shared", "pages").to_py().get(two, {}).get("hidden"))
    assert room.http.delete(f"{room.path}/pages/{two}").status_code == 204
    await aizhan.until(lambda: len(aizhan.map(aizhan.own)) == 1)
    assert [one["page"] for one in aizhan.map(aizhan.own).to_py().values()] == [first]
    assert room.http.post(f"{room.path}/clear", json={}).status_code == 204
    await aizhan.until(lambda: len(aizhan.map(aizhan.own)) == 0)
    await agreed([aizhan, teacher])
    assert room.http.delete(f"{room.path}/pages/{first}").status_code == 204
    last = room.http.delete(f"{room.path}/pages/{between['pages'][1]['id']}")
    assert (last.status_code, last.json()["code"]) == (409, "last-page")
    assert room.http.get("/api/v1/boards", params={"lesson": room.lesson["id"]}).json()["items"]
    assert room.http.delete(room.path).status_code == 204
    assert await aizhan.closed() == 4404
    assert room.http.get(room.path).status_code == 404


async def test_a_picture_on_the_board_is_seen_by_the_class_and_no_other_is(room, tiny_jpeg):
    aizhan, teacher = await room.everybody("Aizhan")

    def added(title):
        files = {"file": ("a.jpg", tiny_jpeg, "image/jpeg")}
        return room.http.post("/api/v1/assets", files=files, data={"title": title}).json()["id"]

    behind, secret = added("behind"), added("secret")
    place = {"x": 0, "y": 0, "width": 100, "height": 100}
    background = {"kind": "picture", "asset": behind, **place}
    room.http.post(f"{room.path}/pages", json={"background": background}).raise_for_status()
    with httpx.Client(base_url=room.hub.url, headers=aizhan.headers) as browser:
        assert browser.get(f"{room.path}/assets/{behind}").content == tiny_jpeg
        assert browser.get(f"{room.path}/assets/{secret}").status_code == 404
        # Writing its id down is no right to see it.
        picture = {"kind": "picture", "page": "p", "time": 0.0, "colour": "#000000", **place}
        aizhan.map(aizhan.own)["picture-1"] = {**picture, "asset": secret}
        await agreed([aizhan, teacher])
        assert browser.get(f"{room.path}/assets/{secret}").status_code == 404
