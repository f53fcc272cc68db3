"""MQTT by TLS: the hub's own broker and one elsewhere, with certificates that openssl made."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time

import httpx
import paho.mqtt.client as paho
import pytest

from hub.mqtt import MqttSettings
from hub.mqtt._broker import find_broker

pytestmark = pytest.mark.skipif(
    find_broker() is None or shutil.which("openssl") is None,
    reason="mosquitto or openssl is not installed: apt install mosquitto openssl",
)
ON = {"CLASSHUB_MQTT__ENABLED": "true", "CLASSHUB_MQTT__PORT": "0"}
LIMIT = 30.0


class Authority:
    """Vouches for servers, as a school's own certificate authority does."""

    def __init__(self, folder, name="authority") -> None:
        self.folder = folder
        self.file = folder / f"{name}.pem"
        self._key = folder / f"{name}.key"
        self._openssl(
            *f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name}".split(),
            *("-keyout", self._key, "-out", self.file),
        )

    def issue(self, name="localhost", file="server"):
        """A certificate for a host name, and its key."""
        key, asked = self.folder / f"{file}.key", self.folder / f"{file}.csr"
        extra, made = self.folder / f"{file}.ext", self.folder / f"{file}.pem"
        extra.write_text(f"subjectAltName=DNS:{name}\n")
        new = f"req -newkey rsa:2048 -nodes -subj /CN={name}".split()
        self._openssl(*new, "-keyout", key, "-out", asked)
        sign = ["x509", "-req", "-days", "2", "-CAcreateserial"]
        ours = ("-CA", self.file, "-CAkey", self._key)
        self._openssl(*sign, *ours, "-in", asked, "-extfile", extra, "-out", made)
        return made, key

    @staticmethod
    def _openssl(*arguments) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def state_of(hub, wanted="connected") -> dict:
    end = time.monotonic() + LIMIT
    with hub.client("engineer") as engineer:
        while (state := engineer.get("/api/v1/mqtt").json())["status"] != wanted:
            assert time.monotonic() < end, state
            time.sleep(0.05)
    return state


def first(port, topic, context, user=None, secret=None, host="localhost") -> bytes:
    """The first message on a topic."""
    came, found = threading.Event(), []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.username_pw_set(user, secret)
    if context is not None:
        client.tls_set_context(context)
    client.on_connect = lambda c, *_: c.subscribe(topic, 1)
    client.on_message = lambda _c, _u, message: (found.append(message.payload), came.set())
    client.reconnect_delay_set(1, 1)
    client.connect(host, port)
    client.loop_start()
    try:
        assert came.wait(LIMIT)
    finally:
        client.disconnect()
        client.loop_stop()
    return found[0]


def shown_certificate(port, authority) -> bytes:
    context = ssl.create_default_context(cafile=authority and authority.file)
    with (
        socket.create_connection(("127.0.0.1", port), 5) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as secure,
    ):
        return secure.getpeercert(binary_form=True)


def by_tls(certificate, key):
    return {
        **ON,
        "CLASSHUB_MQTT__TLS_PORT": "0",
        "CLASSHUB_MQTT__TLS_CERTIFICATE": str(certificate),
        "CLASSHUB_MQTT__TLS_KEY": str(key),
    }


def test_the_hubs_own_broker_speaks_tls_and_takes_a_renewed_certificate(start, authority):
    certificate, key = authority.issue()
    hub = start(environment={**by_tls(certificate, key), "CLASSHUB_MQTT__HOST": "0.0.0.0"})
    state = state_of(hub)
    assert state["host"] == "127.0.0.1", "without TLS for this computer alone"
    secret, token = hub.new_token("pupil")
    context = ssl.create_default_context(cafile=authority.file)
    topic = f"{state['base']}/state"
    assert first(state["tls_port"], topic, context, token, secret) == b"online"
    assert first(state["port"], topic, None, token, secret, "127.0.0.1") == b"online"
    with pytest.raises(ssl.SSLCertVerificationError):
        shown_certificate(state["tls_port"], None)
    servers = httpx.get(f"{hub.url}/api/v1/asyncapi.json").json()["servers"]
    assert servers["broker-tls"]["protocol"] == "mqtts"
    assert servers["broker-tls"]["host"] == f"0.0.0.0:{state['tls_port']}"
    assert servers["stream"]["host"] == f"127.0.0.1:{hub.port}"
    before = shown_certificate(state["tls_port"], authority)
    authority.issue()
    end = time.monotonic() + LIMIT
    while state_of(hub)["counters"]["broker_starts"] == 1:
        assert time.monotonic() < end, "the new certificate is never taken"
        time.sleep(0.1)
    assert shown_certificate(state_of(hub)["tls_port"], authority) != before


def test_a_key_of_another_certificate_is_told_and_the_hub_runs(start, authority):
    certificate, _ = authority.issue()
    _, key = authority.issue(file="other")
    hub = start(environment=by_tls(certificate, key))
    assert "server.pem" in state_of(hub, "not-reachable")["hint"]
    assert httpx.get(f"{hub.url}/api/v1/health").status_code == 200


def test_a_certificate_without_a_key_is_refused():
    with pytest.raises(ValueError, match="belong together"):
        MqttSettings(tls_certificate="a.pem")


@contextlib.contextmanager
def broker_elsewhere(folder, certificate, key):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "elsewhere.conf"
    user = "user root\n" if os.geteuid() == 0 else ""
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\n"
        f"certfile {certificate}\nkeyfile {key}\n{user}"
    )
    broker = subprocess.Popen([find_broker(), "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        broker.terminate()
        broker.wait(5)


def test_a_broker_elsewhere_is_spoken_to_by_tls(start, authority):
    with broker_elsewhere(authority.folder, *authority.issue()) as port:
        url = f"mqtts://localhost:{port}"
        settings = {"CLASSHUB_MQTT__URL": url, "CLASSHUB_MQTT__TLS_CA": str(authority.file)}
        state = state_of(start(environment={**ON, **settings}))
        context = ssl.create_default_context(cafile=authority.file)
        assert first(port, f"{state['base']}/state", context) == b"online"


@pytest.mark.parametrize("wrong", ["name", "authority", "missing"])
def test_a_broker_that_is_not_vouched_for_is_told_nothing(start, authority, wrong):
    name = "elsewhere.example" if wrong == "name" else "localhost"
    trusted = authority.file
    if wrong == "authority":
        trusted = Authority(authority.folder, "stranger").file
    elif wrong == "missing":
        trusted = authority.folder / "nothing.pem"
    with broker_elsewhere(authority.folder, *authority.issue(name)) as port:
        url = f"mqtts://localhost:{port}"
        settings = {"CLASSHUB_MQTT__URL": url, "CLASSHUB_MQTT__TLS_CA": str(trusted)}
        hub = start(environment={**ON, **settings})
        hint = state_of(hub, "not-reachable")["hint"].lower()
        assert "certificate" in hint or "no such file" in hint
        assert httpx.get(f"{hub.url}/api/v1/health").status_code == 200
