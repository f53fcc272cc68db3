"""The tables of the plugin."""

from pathlib import Path

from sqlalchemy import Index, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hub.plugin import Migrations


class Base(DeclarativeBase):
    """The base of this plugin's tables; it shares none with the hub."""

    metadata = MetaData()


class RecordRow(Base):
    """A record that waits for the district.

    `rank`: what is dropped first where there is no room, 0 samples and 1 alerts; `size`: bytes of
    `body`, which is JSON without what is said of every record.
    """

    __tablename__ = "district_record"
    __table_args__ = (Index("district_record_rank", "rank", "seq", "size"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rank: Mapped[int]
    kind: Mapped[str]
    size: Mapped[int]
    body: Mapped[str]


class PositionRow(Base):
    """Where the sequence stands; one row, with the id 1."""

    __tablename__ = "district_position"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stream: Mapped[str]
    next: Mapped[int]
    confirmed: Mapped[int]
    dropped_samples: Mapped[int]
    dropped_alerts: Mapped[int]


class ConsentRow(Base):
    """What the school allows the district; one row, with the id 1.

    `allowed`: whether orders are taken at all; `commands`, with commas, are done without asking
    until `until`. `since`: orders made before it are not taken: this database may have forgotten
    that it had them; `stream` is that of the outbox to which it belongs.
    """

    __tablename__ = "district_consent"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    allowed: Mapped[bool]
    commands: Mapped[str]
    until: Mapped[float]
    since: Mapped[float]
    stream: Mapped[str]


class KeyRow(Base):
    """The public key of an engineer of the district, by its id; `public` is 64 hex digits."""

    __tablename__ = "district_key"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    public: Mapped[str]
    added: Mapped[float]


class OrderRow(Base):
    """An order that came, rightly signed, and how far it is.

    `digest` is of the bytes that came; `signer` is what the school calls the owner of `key`;
    `agreed`: `person`, `standing` (allowed beforehand), or empty; `result` is in English, and in
    that alone where an older version has written it.
    """

    __tablename__ = "district_order"
    __table_args__ = (
        Index("district_order_came", "came"),
        Index("district_order_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    command: Mapped[str]
    device: Mapped[str]
    reason: Mapped[str]
    key: Mapped[str]
    signer: Mapped[str]
    issued: Mapped[float]
    expires: Mapped[float]
    came: Mapped[float]
    changed: Mapped[float]
    state: Mapped[str]
    agreed: Mapped[str]
    code: Mapped[str]
    result: Mapped[str]
    result_kk: Mapped[str] = mapped_column(server_default="")
    result_ru: Mapped[str] = mapped_column(server_default="")


MIGRATIONS = Migrations.of_plugin("district", Path(__file__).parent / "migrations", Base.metadata)
