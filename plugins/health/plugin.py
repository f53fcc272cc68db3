"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.plugin import N_, Plugin, PluginHub, Principal, Rule
from plugins.health.alerts import Alerts
from plugins.health.alerts.routes import add_routes as add_alert_routes
from plugins.health.alerts.rule_routes import add_rule_routes
from plugins.health.alerts.words import AUDITED
from plugins.health.network import MEASURED, Network
from plugins.health.network import add_routes as add_network_routes
from plugins.health.overview import Overview
from plugins.health.routes import make_router
from plugins.health.selfcheck import (
    STARTED,
    Checks,
    OnScreen,
    Timetable,
    add_routes,
    begin_by_command,
)
from plugins.health.series import History
from plugins.health.settings import HealthSettings
from plugins.health.tables import MIGRATIONS, ChangeRow, ChunkRow
from plugins.health.watching import Changes, Offered, Sampler, Troubles, Ups, Wear
from plugins.health.watching.routes import add_routes as add_computer_routes

HERE = Path(__file__).parent


class HealthPlugin(Plugin):
    """How devices and the computer are and were."""

    id = "health"
    title = N_("Device health")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    audited = MappingProxyType(
        {
            STARTED: N_("checked all devices"),
            MEASURED: N_("measured the internet's speed"),
            **AUDITED,
        }
    )

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        settings = HealthSettings.model_validate(dict(hub.settings))
        self.history = History(hub.store)
        self.changes = Changes(hub.bus, hub.store)
        self.troubles = Troubles(settings.report)
        self.sampler = Sampler(
            hub.devices,
            self.history,
            hub.files.root,
            self.troubles,
            Wear(hub.bus),
            Offered(hub.measures),
            self._clock_set,
        )
        self.ups = Ups(self.history)
        overview = Overview(hub, self.history, self.changes, settings.hours)
        self.router = make_router(self.history, overview, hub.say)
        add_computer_routes(self.router, self.troubles, hub.devices)
        self.alerts = Alerts(hub, settings.alerts)
        self.history.listen(self.alerts.take)
        add_alert_routes(self.router, self.alerts, hub.say)
        add_rule_routes(self.router, self.alerts, hub.say)
        self.checks = Checks(hub)
        self.on_screen = OnScreen(hub, used=settings.check_on_screen)
        self.timetable = Timetable(
            settings.check_at, settings.hours, lambda: self.checks.last, self._check_by_timetable
        )
        add_routes(self.router, self.checks, self.timetable, hub.say, hub.audit)
        self.network = Network(hub, self.history, settings.network, settings.hours)
        add_network_routes(self.router, self.network, hub.say, hub.audit)
        self.commands = {"check": self._check_by_command}
        hub.retention.add(
            Rule("health-history", settings.history_days, self._count_old, self._delete_old)
        )

    async def start(self) -> None:
        """Begin to watch."""
        await self.history.start(now())
        await self.changes.start()
        self.sampler.start()
        self.ups.start()
        await self.checks.start()
        self.on_screen.start()
        self.timetable.start()
        await self.alerts.start()
        await self.network.start()

    async def stop(self) -> None:
        """End; what waits is written down."""
        await self.network.stop()
        await self.alerts.stop()
        await self.timetable.stop()
        self.on_screen.stop()
        await self.checks.stop()
        await self.ups.stop()
        await self.sampler.stop()
        await self.changes.stop()

    def _clock_set(self, at: float) -> None:
        self.history.clock_set(at)
        self.changes.clock_set(at)

    async def _count_old(self, before: float) -> int:
        def work(session: Session) -> int:
            chunks = session.scalar(
                select(func.count()).select_from(ChunkRow).where(ChunkRow.start < before)
            )
            changes = session.scalar(
                select(func.count(ChangeRow.id)).where(ChangeRow.time < before)
            )
            return (chunks or 0) + (changes or 0)

        checks = await self.checks.count_before(before)
        checks += await self.network.speeds.count_before(before)
        return checks + await self.hub.store.read(work)

    async def _delete_old(self, before: float) -> int:
        def work(session: Session) -> int:
            chunks = session.execute(delete(ChunkRow).where(ChunkRow.start < before))
            changes = session.execute(delete(ChangeRow).where(ChangeRow.time < before))
            return int(chunks.rowcount + changes.rowcount)  # type: ignore[attr-defined]

        checks = await self.checks.delete_before(before)
        checks += await self.network.speeds.delete_before(before)
        return checks + await self.hub.store.write(work)

    async def _check_by_timetable(self) -> None:
        await self.checks.make()
        self.on_screen.show()

    async def _check_by_command(self, _given: dict[str, Any], by: Principal) -> dict[str, Any]:
        return await begin_by_command(self.checks, self.hub.audit, by)
