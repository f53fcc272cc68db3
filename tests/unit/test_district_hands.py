"""Remote hands: nothing without the school's consent, nothing twice, each step on the disk."""

import asyncio
import contextlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit import Audit
from hub.bus import Bus
from hub.clock import now
from hub.i18n import Translator
from hub.plugin import Principal, Role
from plugins.district import plugin
from plugins.district.hands import hands as module
from plugins.district.hands.hands import Hands, NotWaiting
from plugins.district.hands.order import Order, sign
from plugins.district.hands.register import MOST_WAITING
from tests.district import outbox_in, store_in, until

SAY = Translator("en")
SAY.add("district", Path(plugin.__file__).parent / "locale")
PRIVATE = Ed25519PrivateKey.generate()
PUBLIC = PRIVATE.public_key().public_bytes_raw().hex()
ENGINEER = Principal(id="e", name="Engineer", role=Role.ENGINEER, person="p-1")


class School:
    """A hub's store and outbox, and its hands; what is done is counted."""

    def __init__(self, folder):
        self.folder = folder
        self.store = store_in(folder)
        self.bus = Bus()
        self.done = []
        self.hold = None
        self.operations = []
        self.hub = SimpleNamespace(
            store=self.store,
            say=SAY,
            bus=self.bus,
            work=folder / "work",
            devices=SimpleNamespace(list=lambda: [SimpleNamespace(id="cam", name="Camera")]),
            operations=SimpleNamespace(list=lambda: self.operations),
            ask=self.ask,
            publish=lambda topic, told, **_: self.bus.publish(
                f"x/district/{topic}", told, retained=True
            ),
        )

    async def ask(self, plugin, name, given, by):
        self.done.append((plugin, name, by.id))
        if self.hold is not None:
            await self.hold.wait()
        devices = [{"device": "cam", "status": "ok", "code": None}]
        told = {"running": False, "newest": {"devices": devices}}
        self.bus.publish("x/health/check", told, retained=True)

    async def begin(self, *, allowed=True, key=True, name="hub-1"):
        self.outbox = await outbox_in(self.folder, self.store)
        self.hands = Hands(self.hub, self.outbox, lambda: name)
        await self.hands.start()
        if allowed:
            await self.allow()
        if key:
            self.key = await self.hands.register.add_key("Aidos", PUBLIC, ENGINEER)
        return self.hands

    async def allow(self, commands=(), until=0.0, *, allowed=True):
        await self.hands.allow(allowed=allowed, commands=commands, until=until, by=ENGINEER)

    async def replies(self):
        found = [
            json.loads(one.body) for one in await self.outbox.after(0, 1000) if one.kind == "reply"
        ]
        return [(one["order"], one["state"], one["code"]) for one in found]

    async def told(self):
        """What the district is told of results, in English, Kazakh and Russian."""
        found = [json.loads(one.body) for one in await self.outbox.after(0, 1000)]
        return [(one["result"], one["result_kk"], one["result_ru"]) for one in found]

    async def send(self, payload):
        """Send something, and wait for what is said to it."""
        before = len(await self.replies())
        self.hands.hear(payload)
        for _ in range(400):
            if len(found := await self.replies()) > before:
                return found[before:]
            await asyncio.sleep(0.02)
        raise AssertionError("nothing was said")

    async def audited(self):
        page = await Audit(self.store).entries(action="district.*")
        return [(one.action.removeprefix("district."), one.by) for one in reversed(page.items)]


@pytest.fixture
async def school(tmp_path):
    made = School(tmp_path)
    yield made
    with contextlib.suppress(AttributeError):
        await made.hands.stop()
    made.store.close()


def order(id_="order-0001", *, private=PRIVATE, at=None, life=600.0, **more):
    at = now() if at is None else at
    fields = {"to": "hub-1", "command": "check", **more}
    return sign(Order(id_, issued=at, expires=at + life, **fields), private)


async def waiting(school):
    return [one.id for one in await school.hands.register.asked("waiting")]


async def test_nothing_is_allowed_until_the_school_says_so(school):
    await school.begin(allowed=False)
    assert await school.send(order()) == [("order-0001", "refused", "no-consent")]
    assert await waiting(school) == []
    assert school.done == []


async def test_an_order_waits_until_somebody_agrees_and_is_done_once(school):
    hands = await school.begin()
    assert await school.send(order()) == [("order-0001", "waiting", "")]
    assert school.done == []
    await hands.agree("order-0001", ENGINEER)
    with pytest.raises(NotWaiting):
        await hands.agree("order-0001", ENGINEER)
    await until("done", lambda: school.done)
    while (await school.replies())[-1] != ("order-0001", "done", ""):
        await asyncio.sleep(0.02)
    assert await school.replies() == [
        ("order-0001", state, "") for state in ("waiting", "doing", "done")
    ]
    (asked,) = await hands.register.asked()
    assert (asked.agreed, asked.result, asked.signer) == (
        "person",
        "works: 1, needs a look: 0, broken: 0",
        "Aidos",
    )
    assert asked.said("kk") == ("жұмыс істейді: 1, қарау керек: 0, істен шыққан: 0", "kk")
    assert asked.said("ru") == ("работает: 1, нужно посмотреть: 0, сломано: 0", "ru")
    assert (await school.told())[-1] == (asked.result, asked.result_kk, asked.result_ru)
    by = f"district:{school.key.id}"
    assert school.done == [("health", "check", by)]
    assert await school.audited() == [
        ("consent", "p-1"),
        ("key-add", "p-1"),
        ("order", by),
        ("agree", "p-1"),
        ("ended", by),
    ]


async def test_the_same_bytes_again_are_answered_and_not_done_again(school):
    hands = await school.begin()
    sent = order()
    await school.send(sent)
    await hands.decline("order-0001", ENGINEER)
    assert await school.send(sent) == [("order-0001", "declined", "declined")]
    assert await school.send(order(life=700.0)) == [("order-0001", "refused", "id-used")]
    assert school.done == []
    assert len(await hands.register.asked()) == 1


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (lambda: order(to="hub-2"), "wrong-hub"),
        (lambda: order(private=Ed25519PrivateKey.generate()), "unknown-key"),
        (lambda: order().replace(b"order-0001", b"order-0002"), "wrong-signature"),
        (lambda: order(at=now() - 700), "expired"),
        (lambda: order(at=now() + 900), "clocks-differ"),
        (lambda: order(at=now() - 60), "too-old"),
        (lambda: order(command="update"), "unknown-command"),
        (lambda: order(command="restart-device", device="other"), "unknown-device"),
        (lambda: order(device="cam"), "unknown-device"),
        (lambda: b"{}", "unreadable"),
    ],
)
async def test_what_is_not_taken_has_a_code(school, sent, code):
    await school.begin()
    await school.allow(["check", "restart-device"], now() + 600)
    ((_, state, said),) = await school.send(sent())
    assert (state, said) == ("refused", code)
    sentences = (await school.told())[-1]
    assert len(set(sentences)) == 3, "in each language in its own words"
    assert not any("{" in one for one in sentences)
    assert school.done == []
    assert await waiting(school) == []
    assert ("refuse", "district:") in [(a, by[:9]) for a, by in await school.audited()]


async def test_a_device_in_use_is_left_alone(school):
    await school.begin()
    school.operations = [SimpleNamespace(device="cam", status="running")]
    sent = order(command="restart-device", device="cam")
    assert await school.send(sent) == [("order-0001", "refused", "device-busy")]


async def test_a_key_that_is_taken_away_takes_its_orders_along(school):
    hands = await school.begin()
    await school.send(order())
    assert await hands.remove_key(school.key.id, ENGINEER)
    assert not await hands.remove_key(school.key.id, ENGINEER)
    assert (await school.replies())[-1] == ("order-0001", "declined", "unknown-key")
    with pytest.raises(NotWaiting):
        await hands.agree("order-0001", ENGINEER)
    assert await school.send(order("order-0002")) == [("order-0002", "refused", "unknown-key")]
    assert school.done == []


async def test_consent_taken_back_takes_what_waits_along(school):
    await school.begin()
    await school.send(order())
    await school.allow(allowed=False)
    assert (await school.replies())[-1] == ("order-0001", "declined", "no-consent")


async def test_what_nobody_agrees_to_expires(school, monkeypatch):
    monkeypatch.setattr(module, "LOOK", 0.05)
    hands = await school.begin()
    await school.send(order(life=0.5))
    while await waiting(school):
        await asyncio.sleep(0.05)
    assert (await school.replies())[-1] == ("order-0001", "expired", "expired")
    with pytest.raises(NotWaiting):
        await hands.agree("order-0001", ENGINEER)
    assert school.done == []


async def test_allowed_for_a_while_it_is_done_without_asking_and_only_that(school):
    await school.begin()
    await school.allow(["check"], now() + 600)
    await school.send(order())
    await until("done", lambda: school.done)
    await school.send(order("order-0002", command="restart-device", device="cam"))
    assert await waiting(school) == ["order-0002"]
    await school.allow(["check"], now() - 1)
    await school.send(order("order-0003"))
    assert sorted(await waiting(school)) == ["order-0002", "order-0003"]


async def test_ended_while_doing_it_is_not_done_again_and_its_end_is_not_known(school):
    hands = await school.begin()
    school.hold = asyncio.Event()
    sent = order()
    await school.send(sent)
    await hands.agree("order-0001", ENGINEER)
    await until("it was begun", lambda: school.done)
    # What is agreed but not begun, too: nobody can tell the two apart after a power cut.
    await school.send(order("order-0002"))
    await hands.agree("order-0002", ENGINEER)
    await hands.stop()
    school.hold = None
    hands = await school.begin(allowed=False, key=False)
    assert (await school.replies())[-2:] == [
        ("order-0001", "unknown", "interrupted"),
        ("order-0002", "unknown", "interrupted"),
    ]
    assert await school.send(sent) == [("order-0001", "unknown", "interrupted")]
    with pytest.raises(NotWaiting):
        await hands.agree("order-0002", ENGINEER)
    assert len(school.done) == 1


async def test_an_order_that_waits_survives_a_power_cut(school):
    hands = await school.begin()
    await school.send(order())
    await hands.stop()
    hands = await school.begin(allowed=False, key=False)
    await hands.agree("order-0001", ENGINEER)
    await until("done", lambda: school.done)


async def test_a_restored_database_allows_nothing_and_takes_nothing_from_before(school):
    await school.begin()
    await school.allow(["check"], now() + 600)
    before = order()
    await school.hands.stop()
    (school.folder / "work" / "confirmed.json").unlink()  # as in any backup
    await school.begin(allowed=False, key=False)
    assert await school.send(before) == [("order-0001", "refused", "no-consent")]
    await school.allow(["check"], now() + 600)
    assert await school.send(before) == [("order-0001", "refused", "too-old")]
    assert school.done == []


async def test_nobody_fills_the_outbox_or_the_page(school, monkeypatch):
    hands = await school.begin()
    for number in range(MOST_WAITING):
        await school.send(order(f"order-{number:04}"))
    assert await school.send(order("order-more")) == [("order-more", "refused", "too-many")]
    for _ in range(module.ANSWERS * 2):
        hands.hear(b"nothing")
        await asyncio.sleep(0.01)
    await until("all were taken", lambda: hands.unanswered >= module.ANSWERS)
    assert len(await school.replies()) <= MOST_WAITING + module.ANSWERS


async def test_what_is_allowed_beforehand_does_not_pile_up_either(school):
    await school.begin()
    await school.allow(["check"], now() + 600)
    school.hold = asyncio.Event()
    for number in range(MOST_WAITING):
        await school.send(order(f"order-{number:04}"))
    assert await school.send(order("order-more")) == [("order-more", "refused", "too-many")]
    assert len(school.done) == 1, "one after the other"
    school.hold.set()
    await until("all are done", lambda: len(school.done) == MOST_WAITING)
