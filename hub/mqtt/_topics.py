"""The tree of topics, `classhub/1/<site>/<hub>/…`, and what of the bus may stand in it."""

import re
from dataclasses import dataclass

from hub.bus import Message, matches
from hub.device import Role

ROOT = "classhub/1"
PUBLIC = ("state", "+/td", "+/state", "+/p/+", "+/e/+", "+/s/+", "x/#")
"""What every signed-in program may read, as filters below the hub's own topic."""

RETAINED = ("+/td", "+/state", "+/p/+", "x/#")
_PLAIN = re.compile(r"[^+#\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,500}\Z")
_MINE = frozenset({"cmd", "reply"})


@dataclass(frozen=True, slots=True)
class Command:
    """What a command's topic says.

    Attributes:
        user: who the broker says sends it.
        device: which device; `member` is the property or action. Of `ask` the plugin, and the
            name of its command.
        what: `set`, `invoke` or `ask`.
    """

    user: str
    device: str
    what: str
    member: str


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one hub."""

    site: str
    hub: str

    @property
    def base(self) -> str:
        """What all topics of the hub start with, without the slash."""
        return f"{ROOT}/{self.site}/{self.hub}"

    @property
    def state(self) -> str:
        """Where the hub says `online`, and the broker `offline`."""
        return f"{self.base}/state"

    @property
    def commands(self) -> str:
        """The filter of all commands."""
        return f"{self.base}/cmd/#"

    def replies(self, user: str) -> str:
        """Return what the topics of replies to a user start with."""
        return f"{self.base}/reply/{user}/"

    def inside(self, topic: str) -> str | None:
        """Return a topic as the bus calls it, None where it is not of this hub."""
        head = self.base + "/"
        return topic[len(head) :] if topic.startswith(head) else None

    def command(self, topic: str) -> Command | None:
        """Return what a command's topic says, None where it is no command."""
        match (self.inside(topic) or "").split("/"):
            case ["cmd", user, device, "p", member, "set"] if user:
                return Command(user, device, "set", member)
            case ["cmd", user, device, "a", member, "invoke"] if user:
                return Command(user, device, "invoke", member)
            case ["cmd", user, "x", plugin, name] if user:
                return Command(user, plugin, "ask", name)
        return None

    def sender(self, topic: str) -> str | None:
        """Return who the broker says wrote below `cmd/`, None where it is elsewhere."""
        match (self.inside(topic) or "").split("/"):
            case ["cmd", user, *_] if user:
                return user
        return None


def is_samples(message: Message) -> bool:
    """Tell whether a message has samples of a device's stream: they are gathered."""
    levels = message.topic.split("/")
    return len(levels) == 3 and levels[1] == "s" and not message.retained


def may_publish(message: Message) -> bool:
    """Tell whether a message of the bus may leave the hub by MQTT.

    A broker cannot tell one reader's role from another's, so only what every pupil may hear is
    published; programs that may hear less (`display`) get no account at the broker.
    """
    audience = message.audience
    return (
        not audience.private
        and Role.PUPIL.includes(audience.role)
        and _PLAIN.match(message.topic) is not None
        and message.topic.split("/", 1)[0] not in _MINE
        and any(matches(pattern, message.topic) for pattern in PUBLIC)
    )
