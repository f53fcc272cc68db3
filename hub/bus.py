"""The hub's own publish and subscribe: what happened, to whoever may know.

Topics are those of MQTT below `classhub/1/<site>/<hub>/`, so that every face says the same words:

    <device>/state  <device>/td                 retained
    <device>/p/<property>                       retained
    <device>/e/<event>  <device>/s/<stream>     not retained
    operations/<id>  lessons/<id>  assets/<id>  not retained
    x/<plugin>/…                                what plugins add

Subscriptions use MQTT's filters (`+` one level, `#` the rest). Publishing never blocks and never
fails: a subscriber's callback that raises is logged and stays subscribed.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hub.rights import Access

log = logging.getLogger("classhub.bus")


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that happened, and who may hear of it.

    `payload` is JSON-ready data and is never changed afterwards. What is private never leaves the
    hub by MQTT.
    """

    topic: str
    payload: Any
    retained: bool = False
    audience: Access = field(default_factory=Access)


Subscriber = Callable[[Message], None]

MOST_ROUTES = 4096
"""Topics of which it is remembered who hears them: streams say thousands of things a second."""


def matches(pattern: str, topic: str) -> bool:
    """Tell whether a topic fits an MQTT filter."""
    wanted, given = pattern.split("/"), topic.split("/")
    for index, level in enumerate(wanted):
        if level == "#":
            return True
        if index >= len(given) or level not in ("+", given[index]):
            return False
    return len(wanted) == len(given)


class Bus:
    """Hands each message to every subscriber whose filter it fits, and keeps the retained ones."""

    def __init__(self) -> None:
        self._subscribers: dict[object, tuple[str, Subscriber]] = {}
        self._retained: dict[str, Message] = {}
        self._routes: dict[str, tuple[Subscriber, ...]] = {}

    def publish(
        self, topic: str, payload: Any, *, retained: bool = False, audience: Access | None = None
    ) -> None:
        """Tell everyone who listens. A retained message replaces the last one of its topic."""
        message = Message(topic, payload, retained, audience or Access())
        if retained:
            self._retained[topic] = message
        heard = self._routes.get(topic)
        for subscriber in self._route(topic) if heard is None else heard:
            self._deliver(subscriber, message)

    def clear(self, prefix: str) -> None:
        """Forget the retained messages below `prefix/` and tell it with an empty payload."""
        for topic in [t for t in self._retained if t.startswith(prefix + "/")]:
            gone = self._retained.pop(topic)
            self.publish(topic, None, audience=gone.audience)

    def retained(self, pattern: str) -> Iterator[Message]:
        """Yield the retained messages that fit a filter."""
        return (m for t, m in list(self._retained.items()) if matches(pattern, t))

    def subscribe(self, pattern: str, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` for each message that fits; first for the retained ones.

        Returns:
            A function that ends the subscription; it may be called twice.
        """
        key = object()
        self._subscribers[key] = (pattern, subscriber)
        self._routes.clear()
        for message in self.retained(pattern):
            self._deliver(subscriber, message)
        return lambda: self._leave(key)

    def _leave(self, key: object) -> None:
        if self._subscribers.pop(key, None) is not None:
            self._routes.clear()

    def _route(self, topic: str) -> tuple[Subscriber, ...]:
        """Return who hears a topic, and remember it until somebody comes or leaves."""
        heard = tuple(
            subscriber
            for pattern, subscriber in self._subscribers.values()
            if matches(pattern, topic)
        )
        if len(self._routes) >= MOST_ROUTES:
            self._routes.clear()
        self._routes[topic] = heard
        return heard

    @staticmethod
    def _deliver(subscriber: Subscriber, message: Message) -> None:
        try:
            subscriber(message)
        except Exception:
            log.exception("a subscriber of %s failed", message.topic)
