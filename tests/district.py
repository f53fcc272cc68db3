"""A school district for tests: an authority by openssl, and the broker by the files that ship."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

from hub.mqtt._broker import find_broker
from hub.store import Store
from plugins.district.outbox import Outbox
from plugins.district.settings import DistrictSettings
from plugins.district.tables import MIGRATIONS
from plugins.district.uplink import sending
from plugins.district.uplink import uplink as timing

CONFIGS = Path(__file__).parents[1] / "configs" / "district"
ROOT = "classhub-district/1"
LIMIT = 60.0
MISSING = [name for name in ("openssl", find_broker() or "mosquitto") if shutil.which(name) is None]


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Pauses as after a short outage: a test need not wait as a school does."""
    monkeypatch.setattr(timing, "SPREAD", 0.1)
    monkeypatch.setattr(timing, "FIRST_PAUSE", 0.2)
    monkeypatch.setattr(timing, "LAST_PAUSE", 0.5)
    monkeypatch.setattr(sending, "PATIENCE", 3.0)


class Authority:
    """The district's certificate authority; its keys are of elliptic curves."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = folder / "ca.pem"
        self._key = folder / "ca.key"
        new = ["req", "-x509", *_CURVE, "-days", "2", "-subj", "/CN=district"]
        _openssl(*new, "-keyout", self._key, "-out", self.file)

    def issue(self, name: str) -> tuple[Path, Path]:
        """A certificate and its key: for a host, or for a hub of this name."""
        key, asked, made = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
        extra = self.folder / "extra"
        extra.write_text(f"subjectAltName=DNS:{name}\n")
        _openssl("req", *_CURVE, "-subj", f"/CN={name}", "-keyout", key, "-out", asked)
        sign = ["x509", "-req", "-days", "2", "-CAcreateserial", "-CA", self.file, "-CAkey"]
        _openssl(*sign, self._key, "-in", asked, "-extfile", extra, "-out", made)
        return made, key


_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _openssl(*arguments: Any) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Broker:
    """mosquitto as Debian sets it up, with the files of `configs/district/mosquitto`."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.authority = authority
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        certificate, key = authority.issue("localhost")
        parts = folder / "conf.d"
        parts.mkdir(parents=True, exist_ok=True)
        (folder / "kept").mkdir(exist_ok=True)
        text = (CONFIGS / "mosquitto" / "district.conf").read_text()
        for shipped, here in {
            "listener 8883": f"listener {self.port} 127.0.0.1",
            "/etc/mosquitto/district/ca.pem": authority.file,
            "/etc/mosquitto/district/broker.pem": certificate,
            "/etc/mosquitto/district/broker.key": key,
            "/etc/mosquitto/district/acl": folder / "acl",
        }.items():
            assert shipped in text
            text = text.replace(shipped, str(here))
        (parts / "district.conf").write_text(text)
        shutil.copy(CONFIGS / "mosquitto" / "acl", folder / "acl")
        user = "user root\n" if os.geteuid() == 0 else ""
        (folder / "mosquitto.conf").write_text(
            f"persistence true\npersistence_location {folder / 'kept'}/\n{user}"
            f"log_dest file {folder / 'log'}\ninclude_dir {parts}\n"
        )

    @property
    def url(self) -> str:
        return f"mqtts://localhost:{self.port}"

    def start(self) -> None:
        command = [find_broker() or "mosquitto", "-c", str(self.folder / "mosquitto.conf")]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            assert self.process.poll() is None, (self.folder / "log").read_text()
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), 5),
            ):
                return
            time.sleep(0.02)
        raise AssertionError("the broker does not listen")

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(30)
            self.process = None

    def settings(self, name: str, **more: Any) -> DistrictSettings:
        """What is set at a hub of this name."""
        certificate, key = self.authority.issue(name)
        given = {"url": self.url, "ca": self.authority.file, "certificate": certificate, "key": key}
        return DistrictSettings(**{**given, "school": "School 12", **more})


class Listener:
    """Somebody at the district who hears everything; with `confirms` also confirms it.

    It confirms as the collector does: only what comes after something that it has.
    """

    def __init__(self, broker: Broker, *, confirms: bool = False, name: str = "collector") -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.position: dict[tuple[str, str], int] = {}
        self.confirms = confirms
        self._ready = threading.Event()
        certificate, key = broker.authority.issue(name)
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=f"test-{name}")
        context = ssl.create_default_context(cafile=str(broker.authority.file))
        context.load_cert_chain(certificate, key)
        self.client.tls_set_context(context)
        self.client.on_connect = lambda c, *_: c.subscribe(f"{ROOT}/#", 1)
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = lambda _c, _u, message: self._take(message)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("localhost", broker.port)
        self.client.loop_start()
        assert self._ready.wait(LIMIT)

    def _take(self, message: Any) -> None:
        self.heard.append((message.topic.removeprefix(f"{ROOT}/"), message.payload))
        if "/data/" in message.topic and self.confirms:
            self.confirm(json.loads(message.payload))

    def confirm(self, record: dict[str, Any]) -> None:
        key = (record["id"], record["stream"])
        have = self.position.get(key, 0)
        if record["after"] <= have:
            self.position[key] = max(have, record["seq"])
        said = {"stream": record["stream"], "seq": self.position.get(key, 0)}
        self.client.publish(f"{ROOT}/{record['id']}/confirmed", json.dumps(said), qos=1)

    def records(self, name: str) -> list[dict[str, Any]]:
        """Records of a hub as they came, those that came again left out."""
        found: dict[tuple[str, int], dict[str, Any]] = {}
        for topic, payload in list(self.heard):
            if topic.startswith(f"{name}/data/"):
                one = json.loads(payload)
                found.setdefault((one["stream"], one["seq"]), one)
        return list(found.values())

    def last(self, topic: str) -> Any:
        """The newest message of a topic, None where there is none."""
        for known, payload in reversed(list(self.heard)):
            if known == topic:
                return payload
        return None

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def store_in(folder: Path) -> Store:
    """A hub's database with the plugin's tables."""
    store = Store(folder / "hub.sqlite")
    store.open()
    store.migrate(MIGRATIONS)
    return store


async def outbox_in(folder: Path, store: Store, **more: Any) -> Outbox:
    outbox = Outbox(store, folder / "work" / "confirmed.json", **more)
    await outbox.start()
    return outbox


async def until(what: str, told: Callable[[], Any], limit: float = LIMIT) -> Any:
    """Wait until `told` returns something that is true."""
    end = time.monotonic() + limit
    while not (found := told()):
        assert time.monotonic() < end, f"{what} did not come"
        await asyncio.sleep(0.05)
    return found
