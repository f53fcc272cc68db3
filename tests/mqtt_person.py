"""Somebody who speaks to a hub by MQTT alone, with a token."""

import json
import queue
import time
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as paho

LIMIT = 90.0


class MqttPerson:
    """Gives commands, waits for their answers, and hears what the hub tells.

    Args:
        port: of the broker on this computer.
        base: of the hub's topics.
        token: its id, which is the user's name.
        secret: of the token.
        topics: below `base`, what else to listen to.
    """

    def __init__(self, port: int, base: str, token: str, secret: str, *topics: str) -> None:
        self._base = base
        self._user = token
        self._filters = [(f"{base}/reply/{token}/#", 1), *((f"{base}/{one}", 1) for one in topics)]
        self._answers: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        """Topics below the hub's base, with what came."""
        self._number = 0
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(token, secret)
        self._client.on_connect = lambda client, *_: client.subscribe(self._filters)
        self._client.on_message = self._take
        self._client.reconnect_delay_set(1, 1)  # until the broker knows the token
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _take(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        topic = message.topic.removeprefix(f"{self._base}/")
        to = self._answers if topic.startswith("reply/") else self.heard
        to.put((topic, json.loads(message.payload or b"null")))

    def ask(self, command: str, **given: Any) -> dict[str, Any]:
        """Give a command, such as `x/printing/approve`; return the answer that ends it."""
        self._number += 1
        id_ = f"ask-{self._number}"
        while not self._client.is_connected():
            time.sleep(0.02)
        told = self._client.publish(
            f"{self._base}/cmd/{self._user}/{command}", json.dumps({"id": id_, **given}), qos=1
        )
        told.wait_for_publish(LIMIT)
        while True:
            topic, answer = self._answers.get(timeout=LIMIT)
            if topic.endswith(f"/{id_}") and answer["status"] in ("done", "failed", "cancelled"):
                return answer

    def done(self, command: str, **given: Any) -> Any:
        """Give a command that must be carried out; return its result."""
        answer = self.ask(command, **given)
        assert answer["status"] == "done", answer
        return answer["result"]

    def refused(self, command: str, **given: Any) -> str:
        """Give a command that must be refused; return the code of its problem."""
        answer = self.ask(command, **given)
        assert answer["status"] == "failed", answer
        return answer["problem"]["code"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()
