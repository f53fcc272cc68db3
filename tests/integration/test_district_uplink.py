"""The uplink to the district: real mosquitto, TLS, certificates; outages, power cuts, strangers."""

import asyncio
import contextlib
import json
import signal
import time

import jsonschema
import pytest

from hub.broker_link import client
from plugins.district.outbox import Record
from plugins.district.uplink import Uplink
from tests import district
from tests.district import CONFIGS, Authority, Broker, Listener, outbox_in, soon, store_in, until  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.skipif(bool(district.MISSING), reason="apt install mosquitto openssl"),
]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def broker(tmp_path, authority):
    made = Broker(tmp_path / "broker", authority)
    made.start()
    yield made
    made.stop()


@contextlib.asynccontextmanager
async def hub(folder, settings, **more):
    """An outbox and its uplink, as the plugin has them."""
    folder.mkdir(exist_ok=True)
    store = store_in(folder)
    outbox = await outbox_in(folder, store, **more)
    uplink = Uplink(settings, outbox, lambda: {"status": "ok"})
    uplink.start()
    try:
        yield outbox, uplink
    finally:
        await uplink.stop()
        store.close()


@contextlib.contextmanager
def listening(broker, **more):
    made = Listener(broker, **more)
    try:
        yield made
    finally:
        made.close()


def records(first, last, kind="health"):
    return [Record(kind, {"n": number}) for number in range(first, last)]


def numbers(listener, name="hub-1"):
    return [one["n"] for one in listener.records(name)]


async def test_it_says_who_it_is_and_what_it_has_in_order(tmp_path, broker):
    with listening(broker, confirms=True) as district:
        async with hub(tmp_path / "hub", broker.settings("hub-1")) as (outbox, uplink):
            await outbox.put(records(0, 250))
            await until("all confirmed", lambda: outbox.now.waiting == 0)
            assert numbers(district) == list(range(250))
            assert uplink.state.status == "connected"
            assert district.last("hub-1/state") == b"online"
            born = json.loads(district.last("hub-1/birth"))
            assert born["stream"] == outbox.now.stream
            assert json.loads(district.last("hub-1/summary"))["status"] == "ok"
        await until("its goodbye", lambda: district.last("hub-1/state") == b"offline")
    with listening(broker) as late:
        await until("what is retained", lambda: late.last("hub-1/summary"))
        assert sorted(topic for topic, _ in late.heard if topic.startswith("hub-1/")) == [
            "hub-1/birth",
            "hub-1/state",
            "hub-1/summary",
        ], "one of each, and no record"


@pytest.mark.parametrize("confirmed_by", ["broker", "collector"])
async def test_an_outage_loses_nothing_and_keeps_the_order(tmp_path, broker, confirmed_by):
    settings = broker.settings("hub-1", confirmed_by=confirmed_by)
    async with hub(tmp_path / "hub", settings) as (outbox, uplink):
        with listening(broker, confirms=True) as district:
            await outbox.put(records(0, 10))
            await until("the first", lambda: outbox.now.waiting == 0)
            first = numbers(district)
        broker.stop()
        await until("the outage is seen", lambda: uplink.state.status == "not-reachable")
        assert uplink.state.problem.retryable
        await outbox.put(records(10, 300))
        assert outbox.now.waiting == 290
        broker.start()
        with listening(broker, confirms=True) as district:
            await until("the rest", lambda: outbox.now.waiting == 0)
            await until(
                "heard", lambda: numbers(district)[-1:] == [299] or confirmed_by == "broker"
            )
            rest = numbers(district)
    assert first == list(range(10))
    if confirmed_by == "collector":  # a broker alone forgets what nobody has asked it to keep
        assert rest == list(range(10, 300))
    assert rest == sorted(rest)


async def test_a_broker_that_is_killed_loses_nothing_that_was_put(tmp_path, broker):
    async with hub(tmp_path / "hub", broker.settings("hub-1")) as (outbox, _):
        with listening(broker, confirms=True) as district:
            for number in range(5):
                await outbox.put(records(number * 100, number * 100 + 100))
                await asyncio.sleep(0.05)
                broker.stop(signal.SIGKILL)
                broker.start()
            await until("all confirmed", lambda: outbox.now.waiting == 0)
            assert numbers(district) == list(range(500))


async def test_nothing_is_forgotten_while_nobody_confirms(tmp_path, broker):
    with listening(broker) as district:
        async with hub(tmp_path / "hub", broker.settings("hub-1")) as (outbox, _):
            await outbox.put(records(0, 20))
            await until("told", lambda: len(numbers(district)) == 20)
            assert outbox.now.waiting == 20
            heard = len(district.heard)
            district.client.publish(f"{district_root()}/hub-1/rebirth", b"", qos=1)
            await until("told again", lambda: len(district.heard) >= heard + 20)
            newest = district.records("hub-1")[-1]
            assert outbox.now.waiting == 20
            for wrong in (b"[", b'{"stream":1,"seq":5}', b'{"stream":"other","seq":5}', b"\xff"):
                district.client.publish(f"{district_root()}/hub-1/confirmed", wrong, qos=1)
            far = json.dumps({"stream": newest["stream"], "seq": 10**9})
            # In this order: what says too much is over before the next is put.
            district.client.publish(f"{district_root()}/hub-1/confirmed", far, qos=1)
            district.position[("hub-1", newest["stream"])] = 20
            district.confirm({**newest, "after": 0, "seq": 12})
            await until("confirmed", lambda: outbox.now.waiting == 0)
            await outbox.put(records(20, 21))
            await until("the next", lambda: numbers(district)[-1] == 20)
            assert outbox.now.waiting == 1, "what was never told is not confirmed"


def district_root():
    return district.ROOT


async def test_a_full_outbox_is_told_with_what_it_had_to_drop(tmp_path, broker):
    broker.stop()
    async with hub(tmp_path / "hub", broker.settings("hub-1"), most=50) as (outbox, _):
        await outbox.put(records(0, 5, "alert"))
        await outbox.put(records(5, 105))
        broker.start()
        with listening(broker, confirms=True) as district:
            await until("all confirmed", lambda: outbox.now.waiting == 0)
            assert numbers(district) == [*range(5), *range(60, 105)], "alerts and the newest"
            born = json.loads(district.last("hub-1/birth"))
            assert (born["dropped_samples"], born["dropped_alerts"]) == (55, 0)


async def test_a_stranger_is_not_let_in_and_the_page_says_so(tmp_path, broker, monkeypatch):
    monkeypatch.setattr(client, "LIMIT", 3.0)
    stranger = Authority(tmp_path / "stranger")
    certificate, key = stranger.issue("hub-1")
    settings = broker.settings("hub-1").model_copy(update={"certificate": certificate, "key": key})
    async with hub(tmp_path / "hub", settings) as (_, uplink):
        await until("refused", lambda: uplink.state.status == "refused")
        assert uplink.state.problem.code == "district-refused"


async def test_a_broker_that_nobody_vouches_for_is_told_nothing(tmp_path, broker):
    stranger = Authority(tmp_path / "stranger")
    settings = broker.settings("hub-1").model_copy(update={"ca": stranger.file})
    with listening(broker) as district:
        async with hub(tmp_path / "hub", settings) as (outbox, uplink):
            await outbox.put(records(0, 1))
            await until("refused", lambda: uplink.state.status == "refused")
            assert outbox.now.waiting == 1
            assert not any(topic.startswith("hub-1/") for topic, _ in district.heard)


async def test_a_certificate_that_cannot_be_read_is_named(tmp_path, broker):
    settings = broker.settings("hub-1")
    settings.certificate.write_text("nothing")
    async with hub(tmp_path / "hub", settings) as (_, uplink):
        await until("unusable", lambda: uplink.state.status == "unusable")
        assert "hub-1.pem" in uplink.state.problem.params["why"]
        broker.authority.issue("hub-1")
        await until("the renewed one is taken", lambda: uplink.state.status == "connected")


async def test_a_hub_tells_and_hears_under_its_own_name_only(tmp_path, broker):
    with listening(broker) as district, listening(broker, name="hub-2") as other:
        async with hub(tmp_path / "hub", broker.settings("hub-1")) as (outbox, _):
            await outbox.put(records(0, 3))
            await until("told", lambda: len(numbers(district)) == 3)
            stream = outbox.now.stream
            for topic in ("hub-1/data/health", "hub-1/confirmed", "hub-1/rebirth", "hub-2/state"):
                said = json.dumps({"stream": stream, "seq": 3})
                other.client.publish(f"{district_root()}/{topic}", said, qos=1)
            await until("its own", lambda: district.last("hub-2/state"))
            assert outbox.now.waiting == 3
            assert [topic for topic, _ in other.heard if not topic.startswith("hub-2/")] == []
            assert len([topic for topic, _ in district.heard if "data/" in topic]) == 3


# The plugin in a hub that runs


RULES = """
schema = 1
source = "this test"
date = 2026-11-29

[rules.device-unreachable]
delay = 0.5
hold = 0.5
"""


def config(settings, folder):
    (folder / "rules").mkdir()
    (folder / "rules" / "school.toml").write_text(RULES)
    files = "\n".join(f'{one} = "{getattr(settings, one)}"' for one in ("ca", "certificate", "key"))
    return f"""
language = "en"
[[devices]]
id = "cam"
driver = "stream"
name = "Camera of Aigerim"
settings = {{ url = "http://127.0.0.1:9/nothing" }}
[plugins.health.alerts]
grace = 0
rules = ["{folder / "rules"}"]
[plugins.district]
url = "{settings.url}"
school = "School 12"
{files}
"""


def state_of(running, **wanted):
    end = time.monotonic() + district.LIMIT
    with running.client("engineer") as engineer:
        while True:
            state = engineer.get("/api/v1/district").json()
            if all(state[name] == value for name, value in wanted.items()):
                return state
            assert time.monotonic() < end, state
            time.sleep(0.1)


def test_a_hub_that_is_killed_tells_all_of_it_later_and_no_names(start, tmp_path, broker):
    settings = broker.settings("hub-1")
    broker.stop()
    text = config(settings, tmp_path)
    running = start(config=text)
    with running.client("teacher") as teacher:
        teacher.post("/api/v1/people", json={"nickname": "Aigerim"})
        teacher.post("/api/v1/lessons", json={"title": "Biology with Aigerim"})
    state = state_of(running, status="not-reachable")
    assert state["problem"]["hint"].startswith("What is to be told waits here")
    end = time.monotonic() + district.LIMIT
    with running.client("engineer") as engineer:
        while not engineer.get("/api/v1/health/alerts").json()["items"]:
            assert time.monotonic() < end
            time.sleep(0.1)
    before = state_of(running)["waiting"]
    running.stop(signal.SIGKILL)
    broker.start()
    with listening(broker, confirms=True) as listener:
        running = start(config=text)
        state_of(running, status="connected", waiting=0)
        told = listener.records("hub-1")
        assert [one["seq"] for one in told] == list(range(1, len(told) + 1))
        assert len(told) > before, "what was written before the kill, and what came after it"
        assert {"health", "alert"} <= {one["kind"] for one in told}
        (fired, *_) = [one for one in told if one["kind"] == "alert" and one["what"] != "open"]
        assert fired["rules"] == "device-unreachable"
        running.stop()
        assert {one["kind"] for one in listener.records("hub-1")} >= {"health", "alert"}
        check_schemas(listener)
        everything = b"".join(payload for _, payload in listener.heard)
        assert b"Aigerim" not in everything, "neither people nor what they have named"


def check_schemas(listener):
    for topic, payload in listener.heard:
        kind = topic.rsplit("/", 1)[1]
        if kind in ("state", "confirmed", "rebirth"):
            continue
        told = json.loads(payload)
        schema = json.loads((CONFIGS / "schemas" / f"{kind}.schema.json").read_text())
        jsonschema.validate(told, schema, format_checker=jsonschema.FormatChecker())
        assert set(told) <= set(schema["properties"]), kind
        assert not any(isinstance(value, (dict, list)) for value in told.values()), "flat"


def test_without_a_district_nothing_is_told_and_nothing_kept(live_hub):
    with live_hub.client("engineer") as engineer:
        state = engineer.get("/api/v1/district").json()
    assert (state["status"], state["broker"], state["waiting"]) == ("off", None, 0)
    with live_hub.client("teacher") as teacher:
        assert teacher.get("/api/v1/district").status_code == 403
