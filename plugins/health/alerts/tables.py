"""The tables of alerts."""

from sqlalchemy.orm import Mapped, mapped_column

from plugins.health.tables import Base


class AlertRow(Base):
    """An alert; `data` is `book.kept` of it, as JSON. `cleared` is null while it is open."""

    __tablename__ = "health_alert"

    id: Mapped[str] = mapped_column(primary_key=True)
    fired: Mapped[float]
    cleared: Mapped[float | None] = mapped_column(index=True)
    data: Mapped[str]


class OutboxRow(Base):
    """A message that waits for its destination; `event` as JSON."""

    __tablename__ = "health_outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(index=True)
    alert: Mapped[str]
    what: Mapped[str]
    made: Mapped[float]
    urgent: Mapped[bool]
    title: Mapped[str]
    body: Mapped[str]


class SettingRow(Base):
    """What was set on the page of alerts, as JSON: `rule:<id>`, what was changed of it; `quiet`."""

    __tablename__ = "health_alert_setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[str]


class DestinationRow(Base):
    """Where messages go that was set on the page; `data` is a `Destination`, as JSON."""

    __tablename__ = "health_destination"

    id: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[str]
