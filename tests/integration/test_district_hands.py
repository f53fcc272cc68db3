"""Remote hands over a real broker: signed by the district's program, agreed to by the school."""

import json
import signal
import subprocess
import sys
import time

import jsonschema
import pytest

from tests import district
from tests.district import CONFIGS, ROOT, Authority, Broker, Listener, soon  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.skipif(bool(district.MISSING), reason="apt install mosquitto openssl"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("district")
    made = Broker(folder / "broker", Authority(folder / "authority"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    """A key of an engineer of the district: its file, and what schools put in."""
    file = tmp_path_factory.mktemp("key") / "aidos.key"
    public = program("key", file).stdout.decode().strip()
    assert file.stat().st_mode & 0o077 == 0
    return file, public


def program(*arguments, given=b"", code=0):
    done = subprocess.run(
        [sys.executable, "-m", "hub", "district", *map(str, arguments)],
        input=given,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    return done


def order(signer, *what):
    return program("sign", signer[0], "hub-1", *what).stdout.strip()


def send(broker, payload, code, wait):
    """Send an order by the district's program; return what it tells: states and codes."""
    certificate, key = broker.authority.issue("hands")
    done = program(
        *("send", "-", "--host", "localhost", "--port", broker.port, "--ca", broker.authority.file),
        *("--certificate", certificate, "--key", key, "--wait", wait),
        given=payload,
        code=code,
    )
    return [line.split(" ")[1:3] for line in done.stdout.decode().splitlines()]


def config(settings):
    files = "\n".join(f'{one} = "{getattr(settings, one)}"' for one in ("ca", "certificate", "key"))
    return f"""
language = "en"
[[devices]]
id = "cam"
driver = "stream"
name = "Camera of Aigerim"
settings = {{ url = "http://127.0.0.1:9/nothing" }}
[plugins.district]
url = "{settings.url}"
school = "School 12"
{files}
"""


def wait_for(what, told, limit=district.LIMIT):
    end = time.monotonic() + limit
    while not (found := told()):
        assert time.monotonic() < end, what
        time.sleep(0.1)
    return found


def connected(running):
    with running.client("engineer") as engineer:
        wait_for(
            "connected",
            lambda: engineer.get("/api/v1/district").json()["status"] == "connected",
        )


def replies(listener, id_):
    told = [one for one in listener.records("hub-1") if one["kind"] == "reply"]
    schema = json.loads((CONFIGS / "schemas" / "reply.schema.json").read_text())
    for one in told:
        jsonschema.validate(one, schema, format_checker=jsonschema.FormatChecker())
        assert set(one) <= set(schema["properties"])
    return [(one["state"], one["code"]) for one in told if one["order"] == id_]


def test_what_the_program_signs_is_what_is_published(signer):
    envelope = json.loads(order(signer, "restart-device", "--device", "cam", "--reason", "Камера"))
    schemas = CONFIGS / "schemas"
    jsonschema.validate(envelope, json.loads((schemas / "command.schema.json").read_text()))
    asked = json.loads(envelope["signed"])
    jsonschema.validate(
        asked,
        json.loads((schemas / "order.schema.json").read_text()),
        format_checker=jsonschema.FormatChecker(),
    )
    assert (asked["to"], asked["device"], asked["reason"]) == ("hub-1", "cam", "Камера")
    program("sign", signer[0], "Hub 1", "check", code=1)
    program("key", signer[0], code=1)


def test_from_the_district_to_the_device_and_back(start, broker, signer):
    text = config(broker.settings("hub-1"))
    listener = Listener(broker, confirms=True)
    running = start(config=text)
    connected(running)
    check = order(signer, "check")
    assert send(broker, check, 1, 30) == [["refused", "no-consent"]]
    with running.client("teacher") as teacher:
        assert teacher.get("/api/v1/district/hands").status_code == 403
    try:
        with running.client("engineer") as engineer:
            hands = "/api/v1/district/hands"
            wrong = engineer.post(f"{hands}/keys", json={"name": "Aidos", "key": "00"})
            assert wrong.status_code == 422
            put = engineer.post(f"{hands}/keys", json={"name": "Aidos", "key": signer[1]})
            assert put.status_code == 201
            assert engineer.put(f"{hands}/consent", json={"allowed": True}).json()["allowed"]

            # Nobody but the holder of the district's certificate for it can even ask.
            for name in ("hub-2", "telegraf"):
                stranger = Listener(broker, name=name)
                stranger.client.publish(f"{ROOT}/hub-1/command", check, qos=1).wait_for_publish(30)
                stranger.close()
            assert send(broker, check, 3, 3) == [["waiting", ""]]
            id_ = json.loads(json.loads(check)["signed"])["id"]
            assert replies(listener, id_) == [("refused", "no-consent"), ("waiting", "")]
            (waiting,) = engineer.get(hands).json()["waiting"]
            assert (waiting["id"], waiting["signer"]) == (id_, "Aidos")

            # The district goes away between the agreement and the answer.
            broker.stop(signal.SIGKILL)
            assert engineer.post(f"{hands}/orders/{id_}/agree").status_code == 200
            again = engineer.post(f"{hands}/orders/{id_}/agree")
            assert (again.status_code, again.json()["code"]) == (409, "order-not-waiting")
            (done,) = wait_for(
                "done",
                lambda: [
                    one for one in engineer.get(hands).json()["earlier"] if one["state"] == "done"
                ],
            )
            assert done["result"] == "works: 0, needs a look: 0, broken: 1"
            broker.start()
            connected(running)
            wait_for("answered", lambda: replies(listener, id_)[-1:] == [("done", "")])
            steps = [("waiting", ""), ("doing", ""), ("done", "")]
            assert replies(listener, id_)[1:] == steps
            assert send(broker, check, 0, 30) == [["done", ""]]

            # Beforehand, for a while: a support bundle, which stays at the school.
            until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
            given = {"allowed": True, "standing": ["support-bundle", "restart-device"]}
            put = engineer.put(f"{hands}/consent", json={**given, "until": until})
            assert put.json()["standing"] == given["standing"]
            bundle = order(signer, "support-bundle")
            assert send(broker, bundle, 0, 60)[-1] == ["done", ""]
            bundle_id = json.loads(json.loads(bundle)["signed"])["id"]
            kept = engineer.get(f"{hands}/orders/{bundle_id}/bundle")
            assert kept.content.startswith(b"PK")
            assert engineer.get(f"{hands}/orders/{id_}/bundle").status_code == 404
            assert b"Aigerim" not in b"".join(payload for _, payload in listener.heard)

            # The hub is killed while it is being done.
            restart = order(signer, "restart-device", "--device", "cam")
            restart_id = json.loads(json.loads(restart)["signed"])["id"]
            assert send(broker, restart, 3, 5)[-1] == ["doing", ""]
            actions = engineer.get("/api/v1/audit?action=district.*&limit=100").json()["items"]
            assert {one["action"] for one in actions} == {
                f"district.{one}"
                for one in ("refuse", "key-add", "consent", "order", "agree", "ended")
            }
        running.stop(signal.SIGKILL)
        wait_for("its last will", lambda: listener.last("hub-1/state") == b"offline")
        running = start(config=text)
        connected(running)
        wait_for(
            "told",
            lambda: replies(listener, restart_id) == [("doing", ""), ("unknown", "interrupted")],
        )
        assert send(broker, restart, 1, 30) == [["unknown", "interrupted"]]
    finally:
        listener.close()


def test_a_hub_without_a_district_takes_nothing(live_hub):
    with live_hub.client("engineer") as engineer:
        answer = engineer.get("/api/v1/district/hands")
    assert (answer.status_code, answer.json()["code"]) == (409, "no-district")
