"""What comes from the district, taken step by step."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from hub.clock import CLOCK, now
from hub.plugin import N_, Access, HubError, Latch, PluginHub, Principal, Role
from plugins.district.asking import Said
from plugins.district.hands.doing import Doer
from plugins.district.hands.judging import Refusal, look_at_times
from plugins.district.hands.order import Envelope, Order, Unreadable, is_signed, read
from plugins.district.hands.register import (
    MOST_WAITING,
    Asked,
    Consent,
    Register,
    digest_of,
    district,
)
from plugins.district.outbox import Outbox

log = logging.getLogger("classhub.plugins.district")

MOST_COME = 50
MOST_KEY = 32
ANSWERS = 20
"""The most refusals and repeated answers in a minute: nobody fills the outbox and the audit log."""
LOOK = 2.0
_MINUTE = 60.0
TOPIC = "hands"


class NotWaiting(HubError):
    """An order does not wait for the school any more."""

    code = "order-not-waiting"
    status = 409
    title = N_("This request does not wait any more.")
    hint = N_("It has expired, or somebody has answered it. Look at what is said below.")


class NoDistrict(HubError):
    """This hub belongs to no district."""

    code = "no-district"
    status = 409
    title = N_("This hub is connected to no district.")
    hint = N_("Set the district's address under [plugins.district] in the hub's settings first.")


class Hands:
    """Remote hands of one hub.

    Args:
        hub: its own. outbox: takes the replies.
        name: tells what the hub is called at the district.
        on: a district is set; else nothing is started.
    """

    def __init__(
        self, hub: PluginHub, outbox: Outbox, name: Callable[[], str], *, on: bool = True
    ) -> None:
        self._on = on
        self._hub = hub
        self._name = name
        self.register = Register(hub.store, outbox, hub.say)
        self.doer = Doer(hub)
        self._come: asyncio.Queue[bytes] = asyncio.Queue(MOST_COME)
        # Never full: no more than so many are under way.
        self._begun: asyncio.Queue[Asked] = asyncio.Queue(MOST_WAITING + 1)
        self._answered: deque[float] = deque(maxlen=ANSWERS)
        self._tasks: list[asyncio.Task[None]] = []
        self.unanswered = 0
        self._writes = Latch(
            log,
            "an order of the district cannot be written down: %s",
            "orders of the district are written down again",
        )

    def need(self) -> None:
        """Raise `NoDistrict` where none is set."""
        if not self._on:
            raise NoDistrict

    async def start(self) -> None:
        """Take up what an earlier run has left, and begin to listen."""
        await self.register.start()
        await self._tell()
        for name, work in (
            ("take", self._take_all()),
            ("do", self._do_all()),
            ("expire", self._expire()),
        ):
            self._tasks.append(asyncio.create_task(work, name=f"district hands: {name}"))

    async def stop(self) -> None:
        """End. What is being done is left: the next run says that its end is not known."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def hear(self, payload: bytes) -> None:
        """Take what has come from the district; returns at once."""
        try:
            self._come.put_nowait(payload)
        except asyncio.QueueFull:
            self.unanswered += 1

    async def allow(
        self, *, allowed: bool, commands: Sequence[str], until: float, by: Principal
    ) -> Consent:
        """Change what the school allows."""
        consent = await self.register.allow(allowed=allowed, commands=commands, until=until, by=by)
        await self._tell()
        return consent

    async def remove_key(self, id_: str, by: Principal) -> bool:
        """Forget a key; what waits of it is declined."""
        found = await self.register.remove_key(id_, by)
        await self._tell()
        return found

    async def agree(self, id_: str, by: Principal) -> None:
        """Have something done that was asked for.

        Raises:
            NotWaiting: it does not wait any more.
        """
        asked = await self.register.agree(id_, by)
        if asked is None:
            raise NotWaiting(id_)
        self._begun.put_nowait(asked)
        await self._tell()

    async def decline(self, id_: str, by: Principal) -> None:
        """Say no.

        Raises:
            NotWaiting: it does not wait any more.
        """
        if await self.register.decline(id_, by) is None:
            raise NotWaiting(id_)
        await self._tell()

    # What comes.

    async def _take_all(self) -> None:
        while True:
            payload = await self._come.get()
            try:
                await self._take(payload)
            except HubError as error:
                # Whoever has sent it hears nothing, and sends it again.
                self._writes.failed(error)
            except Exception:
                log.exception("an order of the district could not be taken")
            else:
                self._writes.worked()

    async def _take(self, payload: bytes) -> None:
        order: Order | None = None
        signer = district("", "")
        try:
            envelope, order = _read(payload)
            if order.to != self._name():
                raise Refusal(
                    "wrong-hub", N_("it is for {to}, this is {hub}"), to=order.to, hub=self._name()
                )
            if not (consent := await self.register.consent()).allowed:
                raise Refusal("no-consent", N_("the school takes no orders"))
            key = await self.register.public_of(envelope.key)
            if key is None:
                raise Refusal(
                    "unknown-key",
                    N_("the school does not know the key {key}"),
                    key=envelope.key[:MOST_KEY],
                )
            if not is_signed(envelope, key.public):
                raise Refusal("wrong-signature", N_("it was changed, or signed by somebody else"))
            signer = district(key.id, key.name)
            if await self._again(order, payload):
                return
            at = now()
            look_at_times(order, at, consent.since, clock_wrong=CLOCK.wrong())
            self.doer.judge(order.command, order.device)
            asked = await self.register.take(order, key, payload)
        except Refusal as refusal:
            if self._may_answer():
                log.info("an order of the district is not taken: %s", refusal.why)
                await self.register.say_refused(order, refusal, signer)
            return
        if asked.state == "doing":
            self._begun.put_nowait(asked)
        await self._tell()

    async def _again(self, order: Order, payload: bytes) -> bool:
        """Say how far an order is that has come before; it is not done again."""
        found = await self.register.get(order.id)
        if found is None:
            return False
        asked, digest = found
        if digest != digest_of(payload):
            raise Refusal("id-used", N_("this hub has had another order of this id"))
        if self._may_answer():
            await self.register.say_again(asked)
        return True

    def _may_answer(self) -> bool:
        at = asyncio.get_running_loop().time()
        if len(self._answered) == ANSWERS and self._answered[0] > at - _MINUTE:
            self.unanswered += 1
            return False
        self._answered.append(at)
        return True

    # What is done, one after the other.

    async def _do_all(self) -> None:
        while True:
            asked = await self._begun.get()
            try:
                code, said = await self.doer.do(asked)
            except Exception:
                log.exception("%s for the district failed", asked.command)
                code, said = "internal", Said(N_("it failed in the hub"))
            with suppress(HubError):  # said at the next start: its end is not known
                await self.register.end(asked.id, "failed" if code else "done", code, said)
            await self._tell()

    async def _expire(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            with suppress(HubError):  # at the next look
                if await self.register.expire():
                    await self._tell()

    async def _tell(self) -> None:
        """Tell the school's engineers how many wait for them."""
        with suppress(HubError):
            told = {"waiting": len(await self.register.asked("waiting"))}
            self._hub.publish(TOPIC, told, retained=True, audience=Access(role=Role.ENGINEER))


def _read(payload: bytes) -> tuple[Envelope, Order]:
    try:
        return read(payload)
    except Unreadable as error:
        raise Refusal("unreadable", N_("it cannot be read: {fault}"), fault=str(error)) from error
