"""From the broker into the database, and confirmed once it is there."""

import asyncio
import json
import logging
import ssl
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import aiomqtt
import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from hub.broker_link import ONLINE, Keeper
from hub.broker_link.client import Client
from plugins.district.collector.database import Database, Outdated
from plugins.district.collector.reading import Record, Unreadable, record_of, topic_of
from plugins.district.messages import ROOT

log = logging.getLogger("classhub.collector")
_QUIET = logging.getLogger("mqtt.classhub-collector")
_QUIET.setLevel(logging.CRITICAL)

TOPICS = ("data/+", "birth", "summary", "state")
BATCH = 2000
GATHER = 0.1
INCOMING = 50_000
FIRST_PAUSE, LAST_PAUSE = 1.0, 15.0
REBIRTH = 5.0
"""Seconds between two times that one hub is asked to begin again."""
TELL_SECONDS = 60.0
MOST_SAID = 16_384
KNOWN = (aiomqtt.MqttError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, Outdated)
"""What happens to brokers and databases; all else is a mistake of ours, and ends the collector."""


class CollectorSettings(BaseModel):
    """The settings file: TOML.

    Attributes:
        host, port: of the broker. ca, certificate, key: PEM; the certificate's common name is
            `collector`, as the broker's list of rights has it.
        database: `postgresql://…`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int = 8883
    ca: Path
    certificate: Path
    key: Path
    database: str = Field("postgresql:///district", pattern="^postgres(ql)?://")


class Collector:
    """Takes what hubs tell, batch by batch.

    What it has not written down it never confirms, so it may be ended at any moment: hubs send
    again. Of one district there is one; a second one beside it would write nothing twice.
    """

    def __init__(self, settings: CollectorSettings) -> None:
        self._settings = settings
        self._database = Database(settings.database)
        self._keeper = Keeper(
            self._begin,
            self._lost,
            first=FIRST_PAUSE,
            most=LAST_PAUSE,
            calm=TELL_SECONDS,
            least=0.5,
        )
        self._asked: dict[str, float] = {}
        self.written = 0
        self.batches = 0
        self.unreadable = 0
        self.rejected = 0

    async def run(self) -> None:
        """Collect until cancelled; begins again whatever happens to the broker or the database."""
        await self._keeper.run()

    async def _begin(self) -> None:
        try:
            await self._collect()
        finally:
            await self._database.close()

    async def _lost(self, error: Exception) -> None:
        # What several tasks met at once comes as a group.
        group = error if isinstance(error, ExceptionGroup) else ExceptionGroup("", [error])
        known, other = group.split(KNOWN)
        if known is None or other is not None:
            raise error
        log.warning("begins again: %s", known.exceptions[0])

    async def _collect(self) -> None:
        settings = self._settings
        tls = await asyncio.to_thread(ssl.create_default_context, cafile=str(settings.ca))
        await asyncio.to_thread(tls.load_cert_chain, settings.certificate, settings.key)
        await self._database.open()
        client = Client(
            settings.host,
            settings.port,
            tls_context=tls,
            identifier="classhub-collector",
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=True,
            timeout=15,
            keepalive=30,
            logger=_QUIET,
            # What does not fit is dropped, is not confirmed, and comes again.
            max_queued_incoming_messages=INCOMING,
        )
        client.pending_calls_threshold = 10_000
        async with client:
            for last in TOPICS:
                await client.subscribe(f"{ROOT}/+/{last}", qos=1)
            self._keeper.up()
            log.info("collects from %s port %s", settings.host, settings.port)
            messages = client.messages
            told = time.monotonic()
            while True:
                batch = [await anext(messages)]
                await asyncio.sleep(GATHER)
                while len(batch) < BATCH and len(messages):
                    batch.append(await anext(messages))
                await self._take(client, batch)
                if time.monotonic() - told > TELL_SECONDS:
                    told = time.monotonic()
                    log.info("%d records in %d batches so far", self.written, self.batches)

    async def _take(self, client: Client, batch: Iterable[aiomqtt.Message]) -> None:
        records: list[Record] = []
        hubs: dict[str, dict[str, Any]] = {}
        for message in batch:
            found = topic_of(str(message.topic))
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if found is None or not payload:
                continue
            hub, last = found
            if last.startswith("data/"):
                self._read(records, hub, last.removeprefix("data/"), payload)
            else:
                self._hear(hubs.setdefault(hub, {}), hub, last, payload)
        moved, missing = await self._database.write(records, hubs)
        self.batches += 1
        self.written += len(records)
        async with asyncio.TaskGroup() as group:
            for (hub, stream), seq in moved.items():
                said = json.dumps({"stream": stream, "seq": seq}).encode()
                group.create_task(client.publish(f"{ROOT}/{hub}/confirmed", said, qos=0))
            for hub in missing:
                if time.monotonic() - self._asked.get(hub, -REBIRTH) >= REBIRTH:
                    self._asked[hub] = time.monotonic()
                    group.create_task(client.publish(f"{ROOT}/{hub}/rebirth", b"{}", qos=1))

    def _read(self, records: list[Record], hub: str, kind: str, payload: bytes) -> None:
        try:
            record = record_of(hub, kind, payload)
        except Unreadable as error:
            self.unreadable += 1
            log.warning("%s sends what cannot be read: %s", hub, error)
            return
        if record.body is None:
            self.rejected += 1
            log.warning("%s sends a record that is put aside: %s", hub, record.why)
        records.append(record)

    def _hear(self, said: dict[str, Any], hub: str, last: str, payload: bytes) -> None:
        if last == "state":
            said["online"] = payload == ONLINE.encode()
            return
        try:
            found = json.loads(payload) if len(payload) <= MOST_SAID else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or found.get("id") != hub:
            self.unreadable += 1
            return
        said[last] = found
        said["online"] = said.get("online", True)
        said["school"] = str(found.get("school", "")).replace("\0", "")[:80]
