"""The hub that is installed in the machine, as programs on the network see it."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from websockets.sync.client import connect

from tests.lab.machine import Machine, Saved

LIMIT = 240.0  # seconds; the machine is emulated, and may share this computer with others

Json = dict[str, Any]


@dataclass(frozen=True)
class Token:
    """A program's account at the hub and its broker."""

    id: str
    secret: str


@dataclass(frozen=True)
class Installed:
    """A machine with the hub installed, asleep, and what came of the installation.

    Attributes:
        state: the machine.
        version: of the hub.
        said: what the installer printed.
            link: the sign-in link that made the tokens.
        tokens: by role: admin, engineer, teacher.
    """

    state: Saved
    version: str
    said: str
    link: str
    tokens: dict[str, Token]


class LabHub:
    """A running hub in a machine that is awake."""

    def __init__(self, machine: Machine, tokens: dict[str, Token]) -> None:
        self.machine = machine
        self.tokens = tokens
        self.url = ""
        self._asking: dict[str | None, httpx.Client] = {}

    def connect(self) -> Self:
        """Lead a port of this computer to the hub's; again after each boot."""
        self.close()
        self.url = f"http://127.0.0.1:{self.machine.forward(8420)}"
        return self

    def close(self) -> None:
        """Let go of the connections that are kept."""
        for client in self._asking.values():
            client.close()
        self._asking.clear()

    def client(
        self,
        role: str | None = "engineer",
        *,
        limit: float = 60,
        limits: httpx.Limits = httpx.Limits(),  # noqa: B008 - it does not change
    ) -> httpx.Client:
        """Return a client with a token of this role."""
        headers = {} if role is None else {"Authorization": f"Bearer {self.tokens[role].secret}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=limit, limits=limits)

    def get(self, path: str, role: str | None = "engineer") -> Json:
        """GET something below /api/v1; an answer that is no success is an error."""
        client = self._asking.get(role)
        if client is None:
            # Kept while questions follow each other: a connection for each costs the machine more.
            # It is let go of before the hub does so, which would be learnt late here.
            few = httpx.Limits(max_connections=4, keepalive_expiry=2.0)
            client = self._asking.setdefault(role, self.client(role, limits=few))
        found: Json = client.get(f"/api/v1{path}").raise_for_status().json()
        return found

    def healthy(self) -> bool:
        """Tell whether it answers that it is ready."""
        try:
            return bool(self.get("/health", None)["status"] == "ready")
        except (httpx.HTTPError, ValueError, KeyError):
            return False

    def wait_healthy(self, limit: float = LIMIT) -> float:
        """Wait until it is ready; return how many seconds that took."""
        return wait_until(self.healthy, limit, "the hub is ready")

    def device(self, device: str) -> Json:
        """Return a device."""
        return self.get(f"/devices/{device}")

    def discoveries(self) -> list[Json]:
        """Return what was found on the buses."""
        found: list[Json] = self.get("/discoveries")["items"]
        return found

    def plugged_in(self) -> list[Json]:
        """Return what is plugged into USB."""
        return [one for one in self.discoveries() if one["bus"] == "usb"]

    def add(self, body: Json) -> str:
        """Take a device into use and return its id.

        A driver is asked about its settings in a process of its own. The limit for its answer is
        real computers'; an emulated one that shares its processors may miss it, and is asked again.
        """
        for _ in range(4):
            with self.client(limit=LIMIT) as client:
                made = client.post("/api/v1/devices", json=body)
            if made.status_code != 503 or " within " not in made.json()["detail"]:
                break
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def reachable(self, device: str) -> bool:
        """Tell whether a device can be used now."""
        return bool(self.device(device)["state"]["reachable"])

    def remove(self, device: str) -> None:
        """Take a device out of use."""
        with self.client(limit=LIMIT) as client:
            client.delete(f"/api/v1/devices/{device}").raise_for_status()

    def main_process(self) -> int:
        """Return the number of its main process in the machine, 0 where it does not run."""
        return int(self.machine.run("systemctl show classhub -p MainPID --value"))

    def samples(self, device: str, stream: str) -> AbstractContextManager[list[Json]]:
        """Follow the samples of a device's stream, as a page does; the list grows."""
        return self.heard(f"{device}/s/{stream}", lambda said: said.get("samples", ()))

    @contextmanager
    def heard(self, topics: str, take: Callable[[Json], Iterable[Json]]) -> Iterator[list[Json]]:
        """Follow what is told on the hub's bus, as a page does.

        Args:
            topics: a filter.
            take: what of a message is kept.

        Yields:
            What was heard so far; the list grows.
        """
        heard: list[Json] = []
        ended = threading.Event()
        bearer = {"Authorization": f"Bearer {self.tokens['teacher'].secret}"}
        address = self.url.replace("http", "ws", 1) + "/api/v1/stream"
        with connect(address, additional_headers=bearer, open_timeout=60) as socket:
            socket.send(json.dumps({"op": "subscribe", "sub": 1, "filter": topics}))

            def listen() -> None:
                while not ended.is_set():
                    with suppress(TimeoutError):
                        said = json.loads(socket.recv(timeout=0.5))
                        heard.extend(take(said.get("payload") or {}))

            thread = threading.Thread(target=listen, name=f"listens to {topics}")
            thread.start()
            try:
                yield heard
            finally:
                ended.set()
                thread.join()

    @contextmanager
    def watched(self, *topics: str) -> Iterator["Watch"]:
        """Follow topics below the hub's own at its broker: `watched("+/state")`."""
        facts = self.get("/mqtt")
        token = self.tokens["engineer"]
        watch = Watch(facts["base"])
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.username_pw_set(token.id, token.secret)
        client.on_message = watch.take
        joined = threading.Event()
        client.on_subscribe = lambda *_: joined.set()

        def subscribe(client: mqtt.Client, *_: Any) -> None:
            client.subscribe([(f"{facts['base']}/{topic}", 1) for topic in topics])

        client.on_connect = subscribe
        client.connect("127.0.0.1", self.machine.forward(1883))
        client.loop_start()
        try:
            if not joined.wait(60):
                raise TimeoutError("the broker lets nobody in")
            yield watch
        finally:
            client.disconnect()
            client.loop_stop()


@dataclass
class Watch:
    """The newest message of each topic that is followed."""

    base: str
    newest: dict[str, Any] = field(default_factory=dict)

    def take(self, client: mqtt.Client, data: Any, message: mqtt.MQTTMessage) -> None:
        """Keep a message."""
        try:
            said = json.loads(message.payload)
        except ValueError:
            said = message.payload.decode(errors="replace")
        self.newest[message.topic.removeprefix(f"{self.base}/")] = said

    def wait(self, topic: str, matches: Callable[[Any], bool], limit: float = LIMIT) -> float:
        """Wait until the newest message of a topic matches; return the seconds that took."""
        return wait_until(
            lambda: topic in self.newest and matches(self.newest[topic]), limit, f"MQTT {topic}"
        )


def wait_until(condition: Callable[[], bool], limit: float, what: str) -> float:
    """Wait until a condition holds; return the seconds that took, `TimeoutError` says `what`.

    A question that the machine works on for long is asked less often: it is there to be watched, not
    to be kept busy with answers.
    """
    began = time.monotonic()
    while True:
        asked = time.monotonic()
        if condition():
            return time.monotonic() - began
        now = time.monotonic()
        if now - began > limit:
            raise TimeoutError(f"not within {limit:g} s: {what}")
        time.sleep(min(max(0.02, 2 * (now - asked)), 1.0))
