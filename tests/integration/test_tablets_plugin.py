"""The plugin of tablets, in a hub with a virtual pen: calibrating, and how hard people press."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from drivers.input.codes import ABS_X, ABS_Y, BTN_TOOL_PEN, BTN_TOUCH
from drivers.virtual.node import VirtualInput, folder_of_sockets
from hub.api.application import Api
from hub.app import Hub
from hub.device import Role
from hub.device.transports import Axis
from hub.settings import Settings

AXES = {code: Axis(0, 0, 10000, 0, 0, 100) for code in (ABS_X, ABS_Y)}
FIVE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9], [0.5, 0.5]]
OTHERS = ("globe", "microscopy", "printing", "touch", "whiteboard")


@pytest.fixture
async def room(tmp_path: Path) -> Any:
    """A hub with one pen; yields it and a way to make clients."""
    with folder_of_sockets() as folder:
        path = Path(folder) / "pen"
        settings = Settings(
            data=tmp_path,
            language="en",
            plugins={name: {"enabled": False} for name in OTHERS},
            devices=[{"id": "pen", "driver": "tablet", "settings": {"path": str(path)}}],
        )
        async with VirtualInput(path, name="T", axes=AXES, keys=(BTN_TOOL_PEN, BTN_TOUCH)) as node:
            hub = Hub(settings)
            await hub.start()
            api = Api(hub)
            try:
                async with asyncio.timeout(60):
                    while not hub.devices.get("pen").state.reachable:
                        await asyncio.sleep(0.02)
                yield hub, api, node
            finally:
                await api.stop()
                await hub.stop()


def client(api: Api, secret: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(api),
        base_url="http://localhost:8420/api/v1",
        headers={"Authorization": f"Bearer {secret}"},
    )


async def test_a_pen_is_calibrated_and_everyone_presses_in_their_own_way(room: Any) -> None:
    hub, api, _ = room
    person = await hub.school.create_person("Aizhan")
    other = await hub.school.create_person("Dana")
    told: list[Any] = []
    hub.bus.subscribe("x/tablets/#", lambda m: told.append((m.topic, m.payload)))
    teacher_secret, _ = await hub.school.create_token(Role.TEACHER, "teacher")
    pupil_secret, _ = await hub.school.create_token(Role.PUPIL, "pupil", person=person.id)
    async with client(api, teacher_secret) as teacher, client(api, pupil_secret) as pupil:
        points = [{"target": [x * 0.9 + 0.05, y], "seen": [x, y]} for x, y in FIVE]
        at = "/tablets/pen/calibration"
        assert (await pupil.put(at, json={"points": points})).status_code == 403
        made = (await teacher.put(at, json={"points": points})).json()
        assert (made["kind"], made["points"]) == ("affine", 5)
        assert made["worst"] < 1e-6
        value = (await hub.devices.get("pen").read("calibration")).value
        assert value["matrix"] == pytest.approx([0.9, 0, 0.05, 0, 1, 0, 0, 0, 1], abs=1e-6)
        # One mark was missed: nothing is changed.
        points[2]["seen"] = [0.5, 0.9]
        missed = await teacher.put(at, json={"points": points})
        assert missed.json()["code"] == "touched-elsewhere"
        assert (await hub.devices.get("pen").read("calibration")).value == value
        assert (await teacher.put(at, json={"points": points[:3]})).status_code == 422
        assert (await teacher.delete(at)).status_code == 204
        assert (await hub.devices.get("pen").read("calibration")).value["points"] == 0
        assert (await teacher.delete("/tablets/none/calibration")).status_code == 404

        curve = {"lightest": 0.1, "hardest": 0.8, "softness": 0.5}
        mine = f"/tablets/curves/{person.id}"
        assert (await pupil.get(mine)).json() == {"lightest": 0, "hardest": 1, "softness": 0}
        assert (await pupil.put(mine, json=curve)).json() == curve
        assert (await teacher.get(mine)).json() == curve
        assert told == [(f"x/tablets/curves/{person.id}", {"person": person.id, "curve": curve})]
        assert (await pupil.put(f"/tablets/curves/{other.id}", json=curve)).status_code == 403
        assert (await teacher.put("/tablets/curves/nobody", json=curve)).status_code == 404
        narrow = {"lightest": 0.5, "hardest": 0.5, "softness": 0}
        assert (await pupil.put(mine, json=narrow)).status_code == 422


async def test_a_pupil_of_the_same_name_in_the_same_class_presses_as_in_the_lesson_before(
    room: Any,
) -> None:
    hub, api, _ = room
    school = hub.school
    fifth, sixth = [await school.create_group(name) for name in ("5 A", "6 A")]
    teacher_secret, _ = await school.create_token(Role.TEACHER, "teacher")
    by = await school.authenticate(teacher_secret)

    async def joined(group: str, name: str) -> tuple[str, str]:
        lesson = await school.start_lesson(by, "Writing", group=group)
        signed_in = await school.join(lesson.code, name, "127.0.0.1")
        return signed_in.principal.person, signed_in.secret

    async def curve(person: str) -> dict[str, float]:
        async with client(api, teacher_secret) as asked:
            return (await asked.get(f"/tablets/curves/{person}")).json()

    person, secret = await joined(fifth.id, "Aizhan")
    mine = {"lightest": 0.1, "hardest": 0.8, "softness": 0.5}
    headers = {"Cookie": f"classhub={secret}", "Origin": "http://localhost:8420"}
    async with client(api, "") as pupil:
        del pupil.headers["Authorization"]
        set_ = await pupil.put(f"/tablets/curves/{person}", json=mine, headers=headers)
        assert set_.status_code == 200, set_.text
    again, _ = await joined(fifth.id, "aizhan")
    async with asyncio.timeout(20):
        while await curve(again) != mine:
            await asyncio.sleep(0.02)
    told = {m.topic: m.payload for m in hub.bus.retained("x/tablets/curves/+")}
    assert told[f"x/tablets/curves/{again}"]["curve"] == mine
    even = {"lightest": 0, "hardest": 1, "softness": 0}
    others = [(await joined(sixth.id, "Aizhan"))[0], (await joined(fifth.id, "Dana"))[0]]
    assert [await curve(one) for one in others] == [even, even]
    # Who is erased leaves nothing behind for those of the same name.
    await school.erase_person(person)
    async with asyncio.timeout(20):
        while f"x/tablets/curves/{person}" in {
            m.topic for m in hub.bus.retained("x/tablets/curves/+") if m.payload["curve"]
        }:
            await asyncio.sleep(0.02)
    later, _ = await joined(fifth.id, "Aizhan")
    await asyncio.sleep(0.2)
    assert await curve(later) == even
