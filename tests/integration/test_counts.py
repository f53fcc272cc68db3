"""Counts of several people in one picture: whose is whose, who sees it, how long it is there."""

import asyncio

import cv2
import numpy as np
import pytest_asyncio
from sqlalchemy import func, select

from hub.app import Hub
from hub.device import Role
from hub.settings import Settings
from plugins.microscopy.tables import CountRow
from tests.integration.test_annotations import add
from tests.integration.test_captures import Callers

LIMIT = 60.0


@pytest_asyncio.fixture
async def hub(tmp_path):
    hub = Hub(Settings(data=tmp_path, language="en"))
    await hub.start()
    yield hub
    await hub.stop()


@pytest_asyncio.fixture
async def callers(hub):
    callers = Callers(hub)
    yield callers
    await callers.close()


def discs() -> bytes:
    """Five dark discs on a bright ground."""
    picture = np.full((300, 400, 3), 215, np.uint8)
    for x, y in ((60, 60), (160, 80), (280, 70), (110, 200), (270, 210)):
        cv2.circle(picture, (x, y), 22, (90, 60, 120), -1, cv2.LINE_AA)
    return cv2.imencode(".png", picture)[1].tobytes()


async def counted(client, picture: str) -> int:
    begun = await client.post("/api/v1/processes", json={"process": "count", "sources": [picture]})
    assert begun.status_code == 201, begun.text
    async with asyncio.timeout(LIMIT):
        while True:
            now = (await client.get(f"/api/v1/operations/{begun.json()['id']}")).json()
            if now["status"] not in ("pending", "running"):
                assert now["status"] == "done", now["problem"]
                return now["result"]["count"]
            await asyncio.sleep(0.05)


async def test_each_has_a_count_of_their_own_beside_the_picture(hub, callers):
    teacher = await callers.token(Role.TEACHER, "Айгүл Серікқызы")
    lesson = (await teacher.post("/api/v1/lessons", json={"title": "Yeast"})).json()
    one, other = await callers.pupil(lesson, "Айжан"), await callers.pupil(lesson, "Ерлан")
    picture = await add(hub, teacher, lesson, content=discs())
    at = f"/api/v1/captures/{picture}/objects"

    assert await counted(one, picture) == 5
    mine = (await one.put(at, json={"removed": [1]})).json()
    assert (mine["mine"], mine["count"]) == (True, 4)
    # An answer to the teacher's picture is for the teacher; the neighbour counts alone.
    assert (await other.get(at)).json()["code"] == "not-counted"
    seen = (await teacher.get(at)).json()
    assert (seen["mine"], seen["count"]) == (False, 4)

    # What a teacher corrects is the teacher's own, and shown to all who see the picture.
    more = {"removed": [1, 2], "added": []}
    assert (await teacher.put(at, json=more)).json()["mine"] is True
    assert (await other.get(at)).json()["count"] == 3
    assert (await one.get(at)).json() == mine
    assert (await one.get(f"{at}.csv")).text.count("\n") == 1 + 4

    def rows(session):
        return session.scalar(select(func.count()).select_from(CountRow))

    assert await hub.store.read(rows) == 2
    assert (await teacher.delete(f"/api/v1/assets/{picture}")).status_code == 204
    assert await hub.store.read(rows) == 0
