"""The district's side: real mosquitto, real PostgreSQL, the collector as a program; each is killed."""

import asyncio
import contextlib
import json
import shutil
import signal
import ssl
import threading
import tomllib
from pathlib import Path

import jsonschema
import paho.mqtt.client as paho
import pytest

from plugins.district.hands.register import reply
from plugins.district.messages import Sender
from plugins.district.outbox import Record, Waiting
from plugins.district.uplink import Uplink
from tests import district_database
from tests.district import (  # noqa: F401 - a fixture
    CONFIGS,
    MISSING,
    ROOT,
    Authority,
    Broker,
    outbox_in,
    soon,
    store_in,
    until,
)
from tests.district_database import Database, collecting

pytestmark = [
    pytest.mark.skipif(
        bool(MISSING) or district_database.BIN is None or shutil.which("runuser") is None,
        reason="apt install mosquitto openssl postgresql",
    ),
]
TIME = "2026-11-29T10:00:00.000Z"


@pytest.fixture(scope="module")
def database():
    made = Database()
    yield made
    made.close()


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("district")
    made = Broker(folder / "broker", Authority(folder / "authority"))
    made.start()
    yield made
    made.stop()


def uptime(number):
    fields = {
        "time": TIME,
        "begin": TIME,
        "device": f"device-{number}",
        "device_kind": "microscope",
    }
    return Record("uptime", {**fields, "known": 3600.0, "up": float(number), "downs": 0})


@contextlib.asynccontextmanager
async def hub(folder, settings):
    folder.mkdir(parents=True, exist_ok=True)
    store = store_in(folder)
    outbox = await outbox_in(folder, store)
    uplink = Uplink(settings, outbox, lambda: {"status": "ok", "devices": 3})
    uplink.start()
    try:
        yield outbox
    finally:
        await uplink.stop()
        store.close()


def kept(database, hub):
    rows = database.ask(
        f"SELECT seq, up::integer FROM district.uptime WHERE hub = '{hub}' ORDER BY seq"
    )
    return [(int(seq), int(up)) for seq, up in rows]


async def test_whatever_is_killed_each_record_is_there_once(tmp_path, broker, database):
    names = ["school-1", "school-2", "school-3"]
    async with contextlib.AsyncExitStack() as stack:
        boxes = [
            await stack.enter_async_context(hub(tmp_path / name, broker.settings(name)))
            for name in names
        ]
        program = stack.enter_context(collecting(tmp_path, broker, database))

        async def put(first):
            for number in range(first, first + 100, 10):
                for box in boxes:
                    await box.put([uptime(n) for n in range(number, number + 10)])

        await put(0)
        await until("the first hundred", lambda: all(box.now.confirmed >= 100 for box in boxes))
        await put(100)
        program.stop(signal.SIGKILL)
        await put(200)
        program.start()
        await put(300)
        broker.stop(signal.SIGKILL)
        broker.start()
        await put(400)
        await asyncio.to_thread(database.stop, "immediate")
        await put(500)
        await asyncio.to_thread(database.start)
        await until("everything", lambda: all(box.now.waiting == 0 for box in boxes), 120)
        for name in names:
            assert kept(database, name) == [(n + 1, n) for n in range(600)]
        assert set(database.ask("SELECT hub, online, status, devices FROM district.now")) >= {
            (name, "t", "ok", "3") for name in names
        }
        assert program.stop() == 0
    with collecting(tmp_path, broker, database):
        await until(
            "their goodbye",
            lambda: database.ask("SELECT count(*) FROM district.now WHERE online") == [("0",)],
        )


@contextlib.contextmanager
def stranger(broker, name):
    """A hub that can say anything under its own name."""
    certificate, key = broker.authority.issue(name)
    context = ssl.create_default_context(cafile=str(broker.authority.file))
    context.load_cert_chain(certificate, key)
    heard, ready = [], threading.Event()
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.tls_set_context(context)
    client.on_connect = lambda c, *_: c.subscribe([(f"{ROOT}/{name}/#", 1)])
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda _c, _u, m: heard.append((m.topic.rsplit("/", 1)[1], m.payload))
    client.connect("localhost", broker.port)
    client.loop_start()
    assert ready.wait(30)
    try:
        yield client, heard
    finally:
        client.disconnect()
        client.loop_stop()


async def test_what_cannot_be_is_put_aside_and_stops_nobody(tmp_path, broker, database):
    sender = Sender("odd", "School\0 1", "1")

    def said(seq, after, **fields):
        body = {**uptime(seq).fields, **fields}
        return sender.record("s", Waiting(seq, "uptime", json.dumps(body)), after)

    with stranger(broker, "odd") as (client, heard), collecting(tmp_path, broker, database):
        await until("collector", lambda: b"collects" in (tmp_path / "collector.log").read_bytes())
        data = f"{ROOT}/odd/data/uptime"
        nothing = (b"", b"[", b"{}", b"\xff\x00", b"[" * 9000, b'{"v":1,"id":"odd"}', b"x" * 60_000)
        for payload in nothing:
            client.publish(data, payload, qos=1)
        client.publish(data, said(1, 0).replace(b'"odd"', b'"school-1"'), qos=1)
        client.publish(f"{ROOT}/odd/summary", b'{"id":"odd","status":"\\u0000ok"}', qos=1)
        client.publish(f"{ROOT}/odd/birth", b"[]", qos=1)
        client.publish(data, said(1, 0, device="with\0zero", device_kind="x" * 5000), qos=1)
        client.publish(data, said(2, 1, known="many"), qos=1)
        client.publish(data, said(3, 2, downs=10**12), qos=1)
        client.publish(data, said(4, 3, time="yesterday"), qos=1)
        client.publish(data, said(5, 4, time="2026-11-29T10:00:00"), qos=1)
        client.publish(f"{ROOT}/odd/data/weather", said(6, 5), qos=1)
        client.publish(data, said(7, 6, up=1e300), qos=1)
        client.publish(data, said(8, 7), qos=1)
        await until("confirmed", lambda: ("confirmed", b'{"stream": "s", "seq": 8}') in heard)
        assert [seq for seq, _ in kept(database, "odd")] == [1, 8]
        aside = database.ask(
            "SELECT seq FROM district.rejected JOIN district.stream ON id = stream WHERE hub = 'odd' ORDER BY seq"
        )
        assert aside == [("2",), ("3",), ("4",), ("5",), ("6",), ("7",)]
        assert database.ask(
            "SELECT count(*) FROM district.uptime WHERE hub = 'school-1' AND seq > 600"
        ) == [("0",)]
        # 10 comes after 9, which nobody has seen: neither kept nor confirmed, and asked for.
        client.publish(data, said(10, 9), qos=1)
        await until("asked for", lambda: any(last == "rebirth" for last, _ in heard))
        assert [seq for seq, _ in kept(database, "odd")] == [1, 8]
        # What was dropped for want of room is no gap: 12 is the oldest that this hub has.
        client.publish(data, said(12, 0), qos=1)
        await until("confirmed", lambda: ("confirmed", b'{"stream": "s", "seq": 12}') in heard)


async def test_what_became_of_an_order_is_kept(tmp_path, broker, database):
    said = ("works: 3", "істейді: 3", "работает: 3")
    steps = [reply("order-0001", "check", "", state, "", said) for state in ("doing", "done")]
    async with hub(tmp_path / "hub", broker.settings("asked")) as box:
        with collecting(tmp_path, broker, database):
            await box.put(steps)
            await until("it is in the database", lambda: box.now.waiting == 0)
    rows = database.ask(
        'SELECT hub, "order", command, state, result FROM district.reply ORDER BY seq'
    )
    assert rows == [("asked", "order-0001", "check", one, "works: 3") for one in ("doing", "done")]


def alert(**more):
    fields = {
        "time": TIME,
        "alert": "a1",
        "what": "fired",
        "state": "firing",
        "severity": "fault",
        "cause": "device:device-4",
        "fired": TIME,
        "rules": "device-unreachable",
        "devices": "device-4",
        "device_count": 1,
        "flapping": False,
        "lesson": False,
    }
    return Record("alert", {**fields, **more})


SAID = {"said_kk": "Микроскоп жауап бермейді", "said_ru": "Микроскоп не отвечает"}
EVERYTHING = {**SAID, "said_en": "The microscope does not answer"}


async def test_what_an_alert_says_is_kept_in_each_language(tmp_path, broker, database):
    def reply_of_older(fields):
        return Record("reply", {n: v for n, v in fields.items() if not n.startswith("result_")})

    result = ("works: 3", "істейді: 3", "работает: 3")
    told = reply("order-0002", "check", "", "done", "", result).fields
    records = [
        alert(**EVERYTHING),
        alert(),  # of a school that tells no names
        alert(said_ru=SAID["said_ru"]),
        Record("reply", told),
        reply_of_older(told),
    ]
    for one in records:
        sent = json.loads(Sender("said", "School 1", "1").record("s", waiting(one), 0))
        schema = json.loads((CONFIGS / "schemas" / f"{one.kind}.schema.json").read_text())
        jsonschema.validate(sent, schema)
    async with hub(tmp_path / "hub", broker.settings("said")) as box:
        with collecting(tmp_path, broker, database):
            await box.put(records)
            await until("it is in the database", lambda: box.now.waiting == 0)
    rows = database.ask(
        "SELECT said_kk, said_ru, said_en FROM district.alert WHERE hub = 'said' ORDER BY seq"
    )
    assert rows == [tuple(EVERYTHING.values()), ("", "", ""), ("", SAID["said_ru"], "")]
    rows = database.ask(
        "SELECT result_kk, result_ru, result FROM district.reply WHERE hub = 'said' ORDER BY seq"
    )
    assert rows == [("істейді: 3", "работает: 3", "works: 3"), ("", "", "works: 3")]


def waiting(record):
    return Waiting(1, record.kind, json.dumps(record.fields))


FORM = """
SELECT table_name, column_name, data_type, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = 'district' ORDER BY 1, 2
"""
VIEWS = "SELECT viewname, md5(definition) FROM pg_views WHERE schemaname = 'district' ORDER BY 1"
ROLES = """
SELECT grantee, privilege_type FROM information_schema.role_table_grants
WHERE table_schema = 'district' AND table_name = 'reply_record' AND grantee LIKE 'classhub-%'
ORDER BY 1, 2
"""
BEFORE = """
CREATE ROLE "classhub-collector";
CREATE ROLE "classhub-page";
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA district TO "classhub-collector";
GRANT SELECT ON ALL TABLES IN SCHEMA district TO "classhub-page";
INSERT INTO district.hub (id) VALUES ('older');
INSERT INTO district.stream (hub, name, position) VALUES ('older', 's', 1);
INSERT INTO district.alert_record
VALUES (1, 1, now(), now(), 'a', 'fired', 'firing', 'fault', 'c', 't', 'r', 'd', 1, false, false, 'Не отвечает');
"""


async def test_a_database_of_before_is_upgraded_and_what_waits_comes(tmp_path, broker, database):
    upgrade = (CONFIGS / "postgresql" / "upgrade.sql").read_text()
    first = Path(__file__).parents[1] / "district_first.sql"
    older = Database(schema=first.read_text() + BEFORE)
    try:
        async with hub(tmp_path / "hub", broker.settings("older")) as box:
            with collecting(tmp_path, broker, older) as program:
                await box.put([alert(**EVERYTHING)])
                await until("it says so", lambda: b"upgrade.sql" in program.log.read_bytes())
                assert box.now.waiting == 1, "nothing is confirmed that cannot be kept"
                for _ in range(2):
                    older.load(upgrade)
                await until("it goes on by itself", lambda: box.now.waiting == 0)
        assert older.ask(FORM) == database.ask(FORM)
        assert older.ask(VIEWS) == database.ask(VIEWS)
        assert older.ask("SELECT said_kk, said_ru FROM district.open_alert ORDER BY 2") == [
            tuple(SAID.values()),
            ("", "Не отвечает"),
        ]
        assert [f"{who} {what}" for who, what in older.ask(ROLES)] == [
            "classhub-collector INSERT",
            "classhub-collector SELECT",
            "classhub-collector UPDATE",
            "classhub-page SELECT",
        ]
    finally:
        older.close()


def test_the_dashboard_asks_what_the_database_has(database):
    board = json.loads((CONFIGS / "grafana" / "district.json").read_text())
    queries = [target["rawSql"] for panel in board["panels"] for target in panel.get("targets", [])]
    queries += [one["query"] for one in board["templating"]["list"] if one["type"] == "query"]
    assert len(queries) > 5
    macros = {
        "$__timeFilter(time)": "time BETWEEN now() - interval '7 days' AND now()",
        "$__timeGroup(time, $__interval)": "date_trunc('hour', time)",
        "${school:sqlstring}": "'School 12'",
        "${language:sqlstring}": "'kk'",
    }
    for query in queries:
        for macro, here in macros.items():
            query = query.replace(macro, here)
        assert "$" not in query, query
        database.ask(query)


def test_telegraf_is_told_of_fields_that_hubs_send():
    """Debian has no Telegraf: what can be checked without it is checked here."""
    settings = tomllib.loads((CONFIGS / "telegraf" / "telegraf.conf").read_text())
    fields = {}
    for kind in ("health", "uptime", "alert", "reply", "summary"):
        schema = json.loads((CONFIGS / "schemas" / f"{kind}.schema.json").read_text())
        fields[kind] = schema["properties"]
    for one in settings["inputs"]["mqtt_consumer"]:
        kinds = [topic.rsplit("/", 1)[1] for topic in one["topics"]]
        kinds = ["health", "uptime", "alert", "reply"] if kinds == ["+"] else kinds
        for kind in kinds:
            assert one["json_time_key"] in fields[kind]
            known = {name for every in fields.values() for name in every}
            assert set(one["tag_keys"]) <= known
            texts = {
                name
                for name, about in fields[kind].items()
                if about.get("type") in ("string", "boolean") or isinstance(about.get("const"), str)
            }
            assert texts <= {*one["tag_keys"], *one["json_string_fields"], one["json_time_key"]}, (
                kind
            )
        assert one["qos"] == 1
        assert one["persistent_session"] is True
    assert "postgresql" in settings["outputs"]
    sink = tomllib.loads((CONFIGS / "telegraf" / "kafka.conf").read_text())
    (kafka,) = sink["outputs"]["kafka"]
    tags = [set(one["tag_keys"]) for one in settings["inputs"]["mqtt_consumer"]]
    assert all(kafka["routing_tag"] in one for one in tags), "a hub's records stay in order"
    assert kafka["required_acks"] == -1, "once Kafka has it on all its replicas"
