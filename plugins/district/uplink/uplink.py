"""The hub's own uplink: connected again and again, and how it is."""

import asyncio
import logging
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hub import __version__
from hub.broker_link import Keeper
from hub.clock import now
from hub.plugin import N_, HubError
from plugins.district.messages import Sender
from plugins.district.outbox import Outbox
from plugins.district.settings import DistrictSettings, name_of, tls_of

if TYPE_CHECKING:
    from plugins.district.uplink.link import Link

log = logging.getLogger("classhub.plugins.district")

FIRST_PAUSE = 1.0
LAST_PAUSE = 30.0
CALM = 60.0
LEAST_PART = 0.3
_LOOK = 3.0
SPREAD = 3.0
"""Seconds over which hubs that start together begin to connect."""

Status = Literal["off", "connecting", "connected", "not-reachable", "refused", "unusable"]


class DistrictUnreachable(HubError):
    """The district's broker cannot be reached."""

    code = "district-unreachable"
    status = 503
    title = N_("The district cannot be reached.")
    hint = N_("What is to be told waits here and goes by itself when the internet is back. {why}")
    retryable = True


class DistrictRefused(HubError):
    """The district's broker does not let this hub in."""

    code = "district-refused"
    status = 503
    title = N_("The district does not let this hub in.")
    hint = N_("Ask the district whether this hub's certificate is still good. {why}")
    retryable = True


@dataclass(frozen=True, slots=True)
class UplinkState:
    """How the uplink is.

    Attributes:
        status: of it. since: when that began, seconds since the epoch.
        name: of the hub at the district; empty while its certificate was not read.
        problem: what is wrong, None where nothing is.
        connects: how often it has connected; sent: records on this connection's link.
    """

    status: Status
    since: float
    name: str
    problem: HubError | None
    connects: int
    sent: int


class Uplink:
    """The uplink of one hub.

    Args:
        settings: where to, and what.
        outbox: what is told; it was started.
        summary: how the hub is, flat fields; None where that is not told.
        changed: is called whenever `state` has changed.
        orders: takes what the district wants done.
    """

    def __init__(
        self,
        settings: DistrictSettings,
        outbox: Outbox,
        summary: Callable[[], Mapping[str, Any]] | None,
        changed: Callable[[], None] = lambda: None,
        orders: Callable[[bytes], None] = lambda _payload: None,
    ) -> None:
        self._orders = orders
        self._settings = settings
        self._outbox = outbox
        self._summary = summary
        self._changed = changed
        self._link: Link | None = None
        self._task: asyncio.Task[None] | None = None
        self._status: Status = "off"
        self._since = now()
        self._name = ""
        self._problem: HubError | None = None
        self._connects = 0
        self._keeper = Keeper(
            self._connect,
            self._on_lost,
            first=FIRST_PAUSE,
            most=LAST_PAUSE,
            calm=CALM,
            least=LEAST_PART,
        )

    @property
    def state(self) -> UplinkState:
        """How it is now."""
        sent = 0 if self._link is None else self._link.sent
        return UplinkState(
            self._status, self._since, self._name, self._problem, self._connects, sent
        )

    def news(self) -> None:
        """Say that the summary has changed."""
        if self._link is not None:
            self._link.news()

    def start(self) -> None:
        """Begin; returns at once. Nothing is done where no address is set."""
        if self._settings.url is not None:
            self._task = asyncio.create_task(self._run(), name="district uplink")

    async def stop(self) -> None:
        """Say `offline` and disconnect."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._set("off", None)

    async def _run(self) -> None:
        # Here, since importing the client takes a while.
        await asyncio.to_thread(_import_link)
        self._set("connecting", None)
        await asyncio.sleep(random.uniform(0, SPREAD))  # noqa: S311 - no secret
        await self._keeper.run()

    async def _on_lost(self, error: Exception) -> None:
        if isinstance(error, HubError):
            self._lost("unusable" if error.code.startswith("district-cert") else None, error)
            return
        refused = await self._refused()
        self._lost(*_judged(refused or error))

    async def _connect(self) -> None:
        from plugins.district.uplink.link import Link  # noqa: PLC0415

        settings = self._settings
        assert settings.certificate is not None  # noqa: S101 - it is set where `url` is
        # Read each time: a certificate that was renewed is taken at the next connection.
        self._name = await asyncio.to_thread(name_of, settings.certificate)
        tls = await asyncio.to_thread(tls_of, settings)
        self._link = Link(
            Sender(self._name, settings.school, __version__),
            self._outbox,
            self._summary,
            orders=self._orders,
            by_broker=settings.confirmed_by == "broker",
            summary_seconds=settings.summary_minutes * 60.0,
        )
        await self._link.run(settings.place, tls, self._connects + 1, self._up)

    async def _refused(self) -> ssl.SSLError | None:
        """Look why it is lost: TLS 1.3 says that a certificate is not taken when one reads.

        The MQTT client only sees that nobody answers.
        """
        host, port = self._settings.place
        writer = None
        try:
            tls = await asyncio.to_thread(tls_of, self._settings)
            async with asyncio.timeout(_LOOK):
                reader, writer = await asyncio.open_connection(host, port, ssl=tls)
                await reader.read(1)
        except ssl.SSLError as error:
            return error if _is_refusal(str(error)) else None
        except (OSError, HubError):  # TimeoutError is an OSError
            return None
        finally:
            if writer is not None:
                writer.transport.abort()
        return None

    def _up(self) -> None:
        self._connects += 1
        self._keeper.up()
        log.info("the district is reached as %s", self._name)
        self._set("connected", None)

    def _lost(self, status: Status | None, error: HubError) -> None:
        if self._problem is None or self._problem.code != error.code:
            log.warning("no uplink to the district: %s", error.detail or error.title)
        self._set(status or "not-reachable", error)

    def _set(self, status: Status, problem: HubError | None) -> None:
        if status != self._status:
            self._since = now()
        self._status, self._problem = status, problem
        self._changed()


def _import_link() -> None:
    from plugins.district.uplink import link  # noqa: F401, PLC0415


def _judged(error: Exception) -> tuple[Status | None, HubError]:
    from hub.broker_link.client import Refused, Trouble  # noqa: PLC0415
    from hub.broker_link.client import why as said  # noqa: PLC0415

    why = said(error)[:300]
    if isinstance(error, Refused):
        return "refused", DistrictRefused(why, why=why)
    if not isinstance(error, (Trouble, OSError)):
        log.error("the uplink failed", exc_info=error)
    if _is_refusal(why):
        return "refused", DistrictRefused(why, why=why)
    return None, DistrictUnreachable(why, why=why)


def _is_refusal(said: str) -> bool:
    """Tell whether TLS says that one is not taken; of a server that was killed it says else."""
    return any(word in said.lower() for word in ("certificate", "alert"))
