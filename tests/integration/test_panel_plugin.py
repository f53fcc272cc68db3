"""Lessons on a panel: what starts and ends them, what went wrong, and the clock."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from drivers.virtual.panel import Screen
from drivers.virtual.panel.projector import Projector, listening
from hub.api.application import Api
from hub.app import Hub
from hub.device import Role
from hub.settings import Settings
from plugins.panel import following, scenes, waking

OTHERS = ("microscopy", "printing", "tablets", "touch", "whiteboard")


class Room:
    """A hub with one projector."""

    def __init__(self, hub: Hub, api: Api, projector: Projector) -> None:
        self.hub, self.api, self.projector = hub, api, projector

    @property
    def screen(self) -> Screen:
        return self.projector.screen

    @property
    def plugin(self) -> Any:
        return next(one.plugin for one in self.hub.plugins.running if one.name == "panel")

    async def client(self, role: Role) -> httpx.AsyncClient:
        secret, _ = await self.hub.school.create_token(role, f"test {role}")
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.api),
            base_url="http://localhost:8420/api/v1",
            headers={"Authorization": f"Bearer {secret}"},
        )


async def until(true: Callable[[], bool], seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(scenes, "AGAIN", 0.1)
    monkeypatch.setattr(scenes, "ASKED", 0.05)
    monkeypatch.setattr(following, "LOOK", 3600.0)
    projector = Projector(Screen(warm_up=0.3, cool_down=0.1))
    async with listening(projector) as port:
        hub = Hub(
            Settings(
                data=tmp_path,
                language="en",
                plugins={name: {"enabled": False} for name in OTHERS},
                devices=[
                    {
                        "id": "panel",
                        "driver": "pjlink",
                        "settings": {"host": "127.0.0.1", "port": port},
                    }
                ],
            )
        )
        await hub.start()
        api = Api(hub)
        try:
            await until(lambda: hub.devices.get("panel").state.reachable)
            yield Room(hub, api, projector)
        finally:
            await api.stop()
            await hub.stop()


def done(room: Room, scene: str, state: str = "done") -> Callable[[], bool]:
    def is_done() -> bool:
        told = room.plugin.scenes.told("panel")
        return told is not None and (told["scene"], told["state"]) == (scene, state)

    return is_done


async def test_a_lesson_switches_the_panel_on_sets_it_and_its_end_switches_it_off(
    room: Room,
) -> None:
    told: list[Any] = []
    room.hub.bus.subscribe("x/panel/#", lambda m: told.append((m.topic, m.payload)))
    async with await room.client(Role.TEACHER) as teacher, await room.client(Role.PUPIL) as pupil:
        plan = (await teacher.get("/panels/panel")).json()["plan"]
        assert plan["with_lessons"] is True
        plan["start"] |= {"source": "digital-2", "mute": True, "touch_lock": True}
        assert (await pupil.put("/panels/panel/plan", json=plan)).status_code == 403
        assert (await teacher.put("/panels/panel/plan", json=plan)).status_code == 200
        lesson = (await teacher.post("/lessons", json={"title": "Cells"})).json()
        await until(done(room, "start"))
        assert room.screen.power == "on"
        assert (room.screen.source, room.screen.muted) == ("32", True)
        steps = [payload["step"] for topic, payload in told if topic == "x/panel/panel/scene"]
        # A projector has no touch to lock: that is passed over.
        assert list(dict.fromkeys(steps)) == ["", "power", "warming", "source", "mute"]
        # Frozen by hand, as a class does; a second lesson in the room changes nothing.
        await teacher.put("/devices/panel/properties/freeze", json={"value": True})
        assert room.screen.frozen
        other = (await teacher.post("/lessons", json={"title": "Other"})).json()
        await teacher.post(f"/lessons/{other['id']}/end")
        await asyncio.sleep(0.2)
        assert room.screen.power == "on"
        room.screen.commands.clear()
        await teacher.post(f"/lessons/{lesson['id']}/end")
        await until(done(room, "end"))
        await until(lambda: room.screen.power == "off")
        # The end takes back what the start has silenced or locked, then switches off.
        orders = [said for said in room.screen.commands if not said.endswith("?")]
        assert orders == ["%1AVMT 20", "%1POWR 0"]
        # Ended once more it is off already, and nothing is wrong with that.
        await teacher.post("/panels/panel/scenes/end")
        await until(lambda: room.plugin.scenes.told("panel")["state"] != "running")
        assert done(room, "end")(), room.plugin.scenes.told("panel")


async def test_one_button_for_the_room_and_what_went_wrong_is_said(room: Room) -> None:
    async with await room.client(Role.TEACHER) as teacher, await room.client(Role.PUPIL) as pupil:
        assert (await pupil.post("/panel-scenes/start")).status_code == 403
        plan = (await teacher.get("/panels/panel")).json()["plan"]
        plan["start"] |= {"source": "network-9"}
        await teacher.put("/panels/panel/plan", json=plan)
        begun = await teacher.post("/panel-scenes/start")
        assert begun.status_code == 202
        assert begun.json()["items"][0]["scene"]["state"] == "running"
        await until(done(room, "start", "failed"))
        failed = (await teacher.get("/panels/panel")).json()["scene"]["failed"]
        assert [one["property"] for one in failed] == ["source"]
        assert failed[0]["hint"]
        assert room.screen.power == "on"
        assert (await teacher.post("/panels/panel/scenes/dance")).status_code == 422
        assert (await teacher.post("/panels/none/scenes/end")).status_code == 404
        # One that begins takes the place of the one that runs.
        await teacher.post("/panels/panel/scenes/start")
        await teacher.post("/panels/panel/scenes/end")
        await until(done(room, "end"))
        await until(lambda: room.screen.power == "off")


async def test_a_panel_that_is_turned_the_other_way_is_waited_for(room: Room) -> None:
    # A lamp takes a minute or two, and takes no order meanwhile: many times what is tried again.
    room.screen.warm_up, room.screen.cool_down = 2.0, 2.0
    steps: list[str] = []
    room.hub.bus.subscribe("x/panel/panel/scene", lambda m: steps.append(m.payload["step"]))
    async with await room.client(Role.TEACHER) as teacher:
        await teacher.post("/panels/panel/scenes/start")
        await until(lambda: room.screen.power == "warming")
        await teacher.post("/panels/panel/scenes/end")
        await until(lambda: room.plugin.scenes.told("panel")["state"] != "running")
        assert done(room, "end")(), room.plugin.scenes.told("panel")
        assert room.screen.power == "cooling"
        steps.clear()
        await teacher.post("/panels/panel/scenes/start")
        await until(lambda: room.plugin.scenes.told("panel")["state"] != "running")
        assert done(room, "start")(), room.plugin.scenes.told("panel")
        assert room.screen.power == "on"
    assert list(dict.fromkeys(steps))[:3] == ["", "cooling", "power"]


async def test_what_somebody_did_with_the_remote_a_moment_ago_is_known(room: Room) -> None:
    """The panel is asked: what was read of it some seconds ago is not what it does now."""
    room.screen.warm_up = 1.0
    async with await room.client(Role.TEACHER) as teacher:
        room.screen.switch("on")
        assert room.hub.devices.get("panel").readings["power"].value == "off"
        await teacher.post("/panels/panel/scenes/end")
        await until(lambda: room.plugin.scenes.told("panel")["state"] != "running")
        assert done(room, "end")(), room.plugin.scenes.told("panel")
        assert room.screen.power in ("cooling", "off")


async def test_a_lesson_begins_with_its_picture_seen_unless_the_plan_says_otherwise(
    room: Room,
) -> None:
    async with await room.client(Role.TEACHER) as teacher:

        async def started() -> None:
            await teacher.post("/panels/panel/scenes/start")
            await until(done(room, "start"))

        await started()
        for name in ("blank", "freeze"):
            await teacher.put(f"/devices/panel/properties/{name}", json={"value": True})
        assert room.screen.blank
        assert room.screen.frozen
        await started()
        assert (room.screen.blank, room.screen.frozen) == (False, False)
        plan = (await teacher.get("/panels/panel")).json()["plan"]
        plan["start"] |= {"blank": True}
        await teacher.put("/panels/panel/plan", json=plan)
        await started()
        assert room.screen.blank


async def test_a_panel_that_does_not_answer_is_not_ended_for_being_idle(room: Room) -> None:
    plugin = room.plugin
    clock = {"now": plugin.following._clock()}
    plugin.following._clock = lambda: clock["now"]
    panel = room.hub.devices.get("panel")
    async with await room.client(Role.TEACHER) as teacher:
        plan = (await teacher.get("/panels/panel")).json()["plan"]
        await teacher.put("/panels/panel/plan", json={**plan, "idle_minutes": 5})
        await teacher.put("/devices/panel/properties/power", json={"value": "on"})
        await until(lambda: panel.readings["power"].value == "on")
        room.projector.faults.deaf = True  # off at the wall
        room.projector.hang_up()
        await until(lambda: not panel.state.reachable)
        for _ in range(3):
            clock["now"] += 600
            await plugin.following.look()
        assert plugin.scenes.told("panel") is None


async def test_the_clock_ends_it_but_not_during_a_lesson_and_idle_ends_it_too(room: Room) -> None:
    plugin = room.plugin
    clock = {"now": plugin.following._clock()}
    plugin.following._clock = lambda: clock["now"]
    plugin.following._looked = clock["now"]
    async with await room.client(Role.TEACHER) as teacher:
        plan = (await teacher.get("/panels/panel")).json()["plan"]
        local = following._local(clock["now"] + 120)
        plan |= {
            "with_lessons": False,
            "times": [
                {"days": [local.isoweekday()], "at": local.strftime("%H:%M"), "scene": "end"}
            ],
            "idle_minutes": 30,
        }
        assert (await teacher.put("/panels/panel/plan", json=plan)).status_code == 200
        await teacher.put("/devices/panel/properties/power", json={"value": "on"})
        power = room.hub.devices.get("panel").readings
        await until(lambda: power["power"].value == "on")
        lesson = (await teacher.post("/lessons", json={"title": "Late"})).json()
        clock["now"] += 180
        await plugin.following.look()
        assert plugin.scenes.told("panel") is None  # a lesson runs
        await teacher.post(f"/lessons/{lesson['id']}/end")
        plugin.following._looked = clock["now"] - 180
        await plugin.following.look()
        await until(done(room, "end"))
        await until(lambda: room.screen.power == "off")
        # On again and nobody there: half an hour later it goes off.
        await asyncio.sleep(0.2)
        await teacher.put("/devices/panel/properties/power", json={"value": "on"})
        await until(lambda: room.hub.devices.get("panel").readings["power"].value == "on")
        clock["now"] += 86400 / 2
        await plugin.following.look()
        clock["now"] += 29 * 60
        await plugin.following.look()
        assert room.screen.power == "on"
        clock["now"] += 2 * 60
        await plugin.following.look()
        await until(lambda: room.screen.power == "off")


async def test_plans_are_kept_over_a_restart(room: Room) -> None:
    async with await room.client(Role.TEACHER) as teacher:
        plan = (await teacher.get("/panels/panel")).json()["plan"]
        plan["start"]["volume"] = 35
        await teacher.put("/panels/panel/plan", json=plan)
    again = following.Following(room.plugin.hub, room.plugin.scenes)
    await again.start()
    assert again.plan("panel").start.volume == 35
    await again.stop()


class Sleeper(asyncio.DatagramProtocol):
    """The network card of a projector that is off: it hears the packet that wakes it."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, _address: Any) -> None:
        self.heard.put_nowait(data)


async def test_a_panel_that_is_silent_while_it_is_off_is_woken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "ASKED", 0.05)
    loop = asyncio.get_running_loop()
    card, sleeper = await loop.create_datagram_endpoint(Sleeper, local_addr=("0.0.0.0", 0))
    monkeypatch.setattr(waking, "PORT", card.get_extra_info("sockname")[1])
    # A school without internet: what is for everybody goes nowhere, what is for its network does.
    monkeypatch.setattr(waking, "EVERYBODY", "256.0.0.0")
    card_of_it = SimpleNamespace(family=socket.AF_INET, broadcast="127.255.255.255")
    monkeypatch.setattr(waking.psutil, "net_if_addrs", lambda: {"eth0": [card_of_it]})
    projector = Projector(Screen(warm_up=0.1, cool_down=0.1))
    async with listening(projector) as port:
        pass  # a port that nobody listens at now
    settings = {"host": "127.0.0.1", "port": port}
    hub = Hub(
        Settings(
            data=tmp_path,
            language="en",
            plugins={name: {"enabled": False} for name in OTHERS},
            devices=[{"id": "panel", "driver": "pjlink", "settings": settings}],
        )
    )
    await hub.start()
    api = Api(hub)
    room = Room(hub, api, projector)
    try:
        async with await room.client(Role.TEACHER) as teacher:
            plan = (await teacher.get("/panels/panel")).json()["plan"]
            wrong = await teacher.put("/panels/panel/plan", json={**plan, "wake": "home"})
            assert wrong.status_code == 422
            plan["wake"] = "00:1b:44:11:3A:b7"
            assert (await teacher.put("/panels/panel/plan", json=plan)).status_code == 200
            await teacher.post("/panels/panel/scenes/start")
            async with asyncio.timeout(30):
                packet = await sleeper.heard.get()
            assert packet == b"\xff" * 6 + bytes.fromhex("001b44113ab7") * 16
            assert room.plugin.scenes.told("panel")["step"] == "waking"
            async with listening(projector, port):
                await until(done(room, "start"), 90)
                assert projector.screen.power == "on"
    finally:
        card.close()
        await api.stop()
        await hub.stop()
