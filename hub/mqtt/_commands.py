"""Commands by MQTT: who sends them, whether they may, what comes of it.

The broker vouches for the sender, whose name stands in the topic. What a sender may do is asked of
`hub.rights`, as for every other face, at each command: a token that was revoked while its
connection lives can do nothing any more.
"""

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from hub.api.problems import Malformed, document, problem_of
from hub.bus import Bus, Message
from hub.device import Role
from hub.devices import Devices, reading_payload
from hub.errors import N_, Conflict, HubError, Invalid, NotFound, NotSignedIn, TooLarge, TooMany
from hub.i18n import Translator
from hub.mqtt._outbox import Outgoing
from hub.mqtt._topics import Command, Topics
from hub.operations import Operation, Operations, Status
from hub.rights import Access, Principal, check
from hub.school import School
from hub.wire import refuse_constant

log = logging.getLogger("classhub.mqtt")
audit = logging.getLogger("classhub.audit")

COMMAND_LIMIT = 64 * 1024
MOST_AT_ONCE = 200
MOST_OF_ONE = 20
MOST_LINES = 20
_PROGRESS_PAUSE = 0.2
_ID = re.compile(r"[A-Za-z0-9._~-]{1,64}\Z")
_NO_ID = "-"
_ENDED = frozenset({Status.DONE, Status.FAILED, Status.CANCELLED, Status.INTERRUPTED})


class RetainedCommand(Conflict):
    """The command was retained, so the broker would hand it to the hub again and again."""

    code = "retained-command"
    title = N_("Commands cannot be retained.")
    hint = N_("Send it again without the retain flag.")


class Expired(Conflict):
    """The command came later than its sender wanted it."""

    code = "expired"
    title = N_("The command came too late.")
    hint = N_("Send it again.")
    retryable = True


class ForeignResponseTopic(Invalid):
    """The answer was wanted where the sender may not read."""

    code = "foreign-response-topic"
    title = N_("The answer cannot be sent to this topic.")
    hint = N_("Name a response topic below your own reply topic.")


Ask = Callable[[str, str, dict[str, Any], Principal], Awaitable[Any]]
"""Given plugin, command, its JSON and who sends it: carries it out; raises a HubError."""


async def nobody_to_ask(plugin: str, name: str, given: dict[str, Any], by: Principal) -> Any:  # noqa: ARG001 - Ask's
    """Refuse: there are no plugins here (NotFound)."""
    raise NotFound(f"no command {name} of {plugin}")


@dataclass(frozen=True, slots=True)
class Received:
    """A message that came below `cmd/`.

    Attributes:
        response_topic, correlation: of MQTT 5.
        deadline: on the loop's clock; None where the sender set no expiry.
    """

    topic: str
    payload: bytes
    retained: bool = False
    response_topic: str | None = None
    correlation: bytes | None = None
    deadline: float | None = None


@dataclass(slots=True)
class _Asked:
    """Where the answers to one command go."""

    user: str
    topic: str
    correlation: bytes | None
    id: str | None = None
    body: dict[str, Any] = field(default_factory=dict)


class Commands:
    """Takes commands, carries them out, replies.

    Args:
        topics: of the hub.
        bus, devices, operations, school, say: of the hub.
        ask: has a plugin carry out a command of its own, see `hub.plugin.Command`.
        send: takes what is to be published.

    Attributes:
        taken, refused: how many since the hub started.
    """

    def __init__(
        self,
        topics: Topics,
        *,
        bus: Bus,
        devices: Devices,
        operations: Operations,
        school: School,
        say: Translator,
        ask: Ask = nobody_to_ask,
        send: Callable[[Outgoing], None],
    ) -> None:
        self.taken = 0
        self.refused = 0
        self._topics = topics
        self._bus = bus
        self._devices = devices
        self._operations = operations
        self._school = school
        self._say = say
        self._ask = ask
        self._send = send
        self._tasks: set[asyncio.Task[None]] = set()
        self._of: Counter[str] = Counter()
        self._following: set[Callable[[], None]] = set()
        self._lines = 0
        self._second = 0.0

    def take(self, message: Received) -> None:
        """Carry out a command; never blocks, never fails."""
        user = self._topics.sender(message.topic)
        if user is None or (message.retained and not message.payload):
            return
        asked = self._asked(user, message)
        if message.retained:
            self._send(Outgoing(message.topic, None, retained=True, qos=1))
            self._refuse(asked, message.topic, RetainedCommand(message.topic))
            return
        if self._of[user] >= MOST_OF_ONE or len(self._tasks) >= MOST_AT_ONCE:
            self._refuse(asked, message.topic, TooMany("so many commands are under way"))
            return
        self.taken += 1
        self._of[user] += 1
        task = asyncio.create_task(self._run(asked, message), name=f"command of {user}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._over(done, user))

    async def stop(self) -> None:
        """Leave off; nobody is answered any more."""
        for leave in list(self._following):
            leave()
        self._following.clear()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=2.0)

    def _over(self, task: "asyncio.Task[None]", user: str) -> None:
        self._tasks.discard(task)
        self._of[user] -= 1
        if self._of[user] <= 0:
            del self._of[user]

    def _asked(self, user: str, message: Received) -> _Asked:
        replies = self._topics.replies(user)
        asked = _Asked(user, replies + _NO_ID, message.correlation)
        if len(message.payload) <= COMMAND_LIMIT:
            try:
                asked.body = _parsed(message.payload)
            except Malformed:
                return asked
            given = asked.body.get("id")
            if isinstance(given, str) and _ID.match(given):
                asked.id = given
                asked.topic = replies + given
        return asked

    async def _run(self, asked: _Asked, message: Received) -> None:
        try:
            await self._do(asked, message)
        except HubError as error:
            self._refuse(asked, message.topic, error)
        except Exception:
            log.exception("a command failed: %s", message.topic)
            self._refuse(asked, message.topic, HubError())

    async def _do(self, asked: _Asked, message: Received) -> None:
        command = self._topics.command(message.topic)
        if len(message.payload) > COMMAND_LIMIT:
            raise TooLarge(f"{len(message.payload)} bytes; commands have {COMMAND_LIMIT} at most")
        self._where(asked, message)
        if command is None:
            raise NotFound("no such command")
        body = _parsed(message.payload)
        if asked.id is None and (message.response_topic is None or "id" in body):
            raise Invalid("id is 1 to 64 letters, digits or ._~-", field="id")
        by = await self._principal(command.user)
        if message.deadline is not None and asyncio.get_running_loop().time() > message.deadline:
            raise Expired(message.topic)
        if command.what == "set":
            await self._set(asked, command, by, body)
        elif command.what == "ask":
            given = {name: value for name, value in body.items() if name != "id"}
            result = await self._ask(command.device, command.member, given, by)
            self._note(command, by.role, "done")
            self._reply(asked, Status.DONE, result=result)
        else:
            self._invoke(asked, command, by, body)

    def _where(self, asked: _Asked, message: Received) -> None:
        """Answer where the sender wants it, if it is the sender's own."""
        wanted = message.response_topic
        if wanted is None:
            return
        own = self._topics.replies(asked.user)
        rest = wanted[len(own) :]
        if not wanted.startswith(own) or not rest or len(wanted) > 500 or set(rest) & set("+#\0"):
            raise ForeignResponseTopic(f"{wanted[:200]!r} does not lie below {own}")
        asked.topic = wanted

    async def _principal(self, user: str) -> Principal:
        # Only the id counts: the school says who that is now, if anybody.
        named = Principal(user, "", Role.DISPLAY, via="token")
        living = await self._school.renew(named)
        if living is None or living.via != "token":
            raise NotSignedIn("the token is unknown, expired or revoked")
        check(living, Access(role=Role.PUPIL))
        return living

    async def _set(
        self, asked: _Asked, command: Command, by: Principal, body: dict[str, Any]
    ) -> None:
        if "value" not in body:
            raise Invalid("value is missing", field="value")
        handle = self._devices.get(command.device)
        check(by, handle.access("write", command.member))
        reading = await handle.write(command.member, body["value"])
        self._note(command, by.role, "done")
        self._reply(asked, Status.DONE, result=reading_payload(reading))

    def _invoke(self, asked: _Asked, command: Command, by: Principal, body: dict[str, Any]) -> None:
        handle = self._devices.get(command.device)
        check(by, handle.access("invoke", command.member))
        operation = handle.invoke(command.member, body.get("input"), by=by)
        self._note(command, by.role, f"operation {operation.id}")
        self._follow(asked, operation)

    def _follow(self, asked: _Asked, operation: Operation) -> None:
        """Tell each change of an operation, progress five times a second at most."""
        clock = asyncio.get_running_loop().time
        told: tuple[Status | None, float] = (None, 0.0)

        def changed(_: Message | None = None) -> None:
            nonlocal told
            status = operation.status
            ended = status in _ENDED and operation.ended is not None
            if not ended and (
                status in _ENDED or (status is told[0] and clock() - told[1] < _PROGRESS_PAUSE)
            ):
                return
            told = (status, clock())
            self._tell(asked, operation)
            if ended:
                leave()
                self._following.discard(leave)

        leave = self._bus.subscribe(f"operations/{operation.id}", changed)
        self._following.add(leave)
        changed()

    def _tell(self, asked: _Asked, operation: Operation) -> None:
        more: dict[str, Any] = {"operation": operation.id, "fraction": operation.fraction}
        if operation.message:
            more["message"] = self._say.say(operation.message, self._say.default)
        if operation.status is Status.DONE:
            more["result"] = operation.result
        if operation.problem is not None:
            more["problem"] = problem_of(operation.problem, self._say, self._say.default)
        self._reply(asked, operation.status, **more)

    def _refuse(self, asked: _Asked, topic: str, error: HubError) -> None:
        self.refused += 1
        command = self._topics.command(topic)
        if command is not None:
            self._note(command, None, f"refused: {error.code}")
        field_ = error.params.get("field")
        errors = [{"field": str(field_), "message": error.detail[:300]}] if field_ else ()
        problem = document(error, self._say, self._say.default, errors=errors)
        self._reply(asked, Status.FAILED, problem=problem)

    def _reply(self, asked: _Asked, status: Status, **more: Any) -> None:
        payload = {"id": asked.id, "status": status.value, **more}
        self._send(Outgoing(asked.topic, payload, qos=1, correlation=asked.correlation))

    def _note(self, command: Command, role: Role | None, outcome: str) -> None:
        """Write a line of the audit log; a flood of commands does not fill the disk with them."""
        now = asyncio.get_running_loop().time()
        if now - self._second >= 1.0:
            if self._lines > MOST_LINES:
                audit.info("mqtt: %d more commands", self._lines - MOST_LINES)
            self._second, self._lines = now, 0
        self._lines += 1
        if self._lines <= MOST_LINES:
            said = (command.user, role or "?", command.what, command.device, command.member)
            words = [ascii(word)[1:-1][:80] for word in map(str, said)]
            audit.info("mqtt: %s (%s) %s %s.%s: %s", *words, outcome)


def _parsed(payload: bytes) -> dict[str, Any]:
    """Return a command's JSON object. Raises `Malformed`."""
    try:
        body = json.loads(payload.decode("utf-8"), parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed("the payload is no JSON") from None
    if not isinstance(body, dict):
        raise Malformed("the payload is no JSON object")
    return body
