"""A thousand hubs and their district on one computer: real broker, real database, the plugin's own outboxes.

`DISTRICT_HUBS` says how many. What is measured with them is then reckoned for 7,000 schools.
"""

import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from plugins.district.messages import Sender
from plugins.district.outbox import Waiting
from tests import district_database
from tests.bench._district_hubs import hour_of
from tests.bench._table import Row
from tests.district import MISSING, Authority, Broker, store_in
from tests.district_database import CollectorProgram, Database

HUBS = int(os.environ.get("DISTRICT_HUBS", "1000"))
PROCESSES = 4
SCHOOLS = 7000
STEADY_HOURS, STEADY_SECONDS = 1, 30.0
BACKLOG_HOURS = 2
OUTAGE = 10.0
LIMIT = 400.0
# A day: 24 hours of `hour_of`, and a summary each quarter of an hour.
SUMMARIES = 96


class HubProcess:
    """Some of the hubs, in a process of their own."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.bench._district_hubs", json.dumps(self._plan)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *what: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def again(self) -> None:
        self.process = self._start()


class District:
    """Everything, in one folder."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder / "authority")
        names = [f"school-{n}" for n in range(HUBS)]
        _issue(authority, names)
        store_in(folder).close()
        (folder / "hubs").mkdir()
        self.broker = Broker(folder / "broker", authority)
        self.database = Database()
        self.broker.start()
        self.collector = CollectorProgram(folder, self.broker, self.database)
        self.collector.start()
        common = {"url": self.broker.url, "certificates": str(authority.folder)}
        places = {"folder": str(folder / "hubs"), "template": str(folder / "hub.sqlite")}
        self.processes = [
            HubProcess({**common, **places, "names": names[n::PROCESSES]}) for n in range(PROCESSES)
        ]
        self._asking = ThreadPoolExecutor(PROCESSES)

    def ask(self, *what: Any) -> list[Any]:
        return list(self._asking.map(lambda one: one.ask(*what), self.processes))

    def state(self) -> dict[str, int]:
        states = self.ask("state")
        return {name: sum(one[name] for one in states) for name in states[0]}

    def until(self, what: str, wanted: Any) -> float:
        began = time.monotonic()
        while not wanted(state := self.state()):
            if time.monotonic() - began > LIMIT:
                raise RuntimeError(f"{what}: {state}")
            time.sleep(0.2)
        return time.monotonic() - began

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time so far, by part."""
        assert self.broker.process is not None
        assert self.collector.process is not None
        server = psutil.Process(self.database.pid)
        return {
            "mosquitto": _cpu(psutil.Process(self.broker.process.pid)),
            "collector": _cpu(psutil.Process(self.collector.process.pid)),
            "PostgreSQL": _cpu(server) + sum(_cpu(one) for one in server.children()),
        }

    def close(self) -> None:
        for one in self.processes:
            one.kill()
        self._asking.shutdown()
        self.collector.stop()
        self.broker.stop()
        self.database.close()


def measure() -> list[Row]:
    """Return the rows of the table."""
    if MISSING or district_database.BIN is None:
        return [Row("district: not measured", "-", "-", "apt install mosquitto openssl postgresql")]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    folder = Path(tempfile.mkdtemp(prefix="classhub-bench-"))
    district = None
    try:
        district = District(folder)
        return _measure(district)
    finally:
        if district is not None:
            district.close()
        shutil.rmtree(folder, ignore_errors=True)


def _measure(district: District) -> list[Row]:
    rows: list[Row] = []
    district.ask("open")
    district.ask("connect")
    took = district.until("connecting", lambda one: one["connected"] == HUBS)
    rows.append(Row(f"district: {HUBS} hubs connect for the first time", f"{took:.1f} s", "≤ 60 s"))

    # Many times faster than a day.
    before, began = district.cpu(), time.monotonic()
    count = sum(district.ask("put", STEADY_HOURS, STEADY_SECONDS))
    put = time.monotonic() - began
    district.until("steady", lambda one: one["waiting"] == 0)
    seconds = time.monotonic() - began
    used = {name: after - before[name] for name, after in district.cpu().items()}
    lags = district.database.ask(
        "SELECT percentile_cont(ARRAY[0.5, 0.95, 1]) WITHIN GROUP"
        " (ORDER BY extract(epoch FROM received - time)) FROM district.uptime"
    )[0][0]
    half, most, worst = (float(one) for one in lags.strip("{}").split(","))
    peer = f"{count} records in {put:.0f} s, {count / put:.0f} a second"
    rows.append(Row("district: lag, disk of the hub to database, p95", f"{most:.2f} s", "–", peer))
    rows.append(Row("district: the same, median and worst", f"{half:.2f} / {worst:.2f} s", "–"))
    for name, cpu in used.items():
        per = cpu / count * 1e3
        peer = f"{per:.2f} ms a record, with two messages for it"
        rows.append(Row(f"district: {name}, of a core", f"{100 * cpu / seconds:.0f} %", "–", peer))

    # The power fails everywhere: broker, collector and hubs are killed while they write.
    district.ask("begin", 4 * BACKLOG_HOURS, 4 * OUTAGE)
    time.sleep(OUTAGE)
    written = _written(district)
    time.sleep(1)
    district.broker.stop(signal.SIGKILL)
    district.collector.stop(signal.SIGKILL)
    for one in district.processes:
        one.kill()
    for one in district.processes:
        one.again()
    district.ask("open")
    district.ask("put", BACKLOG_HOURS, 0)
    backlog = district.state()["waiting"]
    district.broker.start()
    district.collector.start()
    began = time.monotonic()
    district.ask("connect")
    took = district.until("connecting again", lambda one: one["connected"] == HUBS)
    rows.append(Row("district: all back after a power cut", f"{took:.1f} s", "≤ 60 s"))
    district.until("the backlog", lambda one: one["waiting"] == 0)
    drained = time.monotonic() - began
    peer = f"{backlog} records that waited, in {drained:.0f} s"
    rows.append(Row("district: messages a second, at most", f"{backlog / drained:.0f}", "–", peer))
    rows += _judged(district, written)
    return rows + _reckoned(district, count, used)


def _written(district: District) -> dict[str, Any]:
    return {name: one for answer in district.ask("written") for name, one in answer.items()}


def _judged(district: District, before: dict[str, Any]) -> list[Row]:
    """Compare what hubs have acknowledged with what the database has."""
    union = " UNION ALL ".join(
        f"SELECT stream, seq, received FROM district.{kind}_record"
        for kind in ("health", "uptime", "alert")
    )
    found = {
        (hub, name): (int(count), int(last))
        for hub, name, count, last in district.database.ask(
            f"SELECT s.hub, s.name, count(*), max(seq) FROM ({union}) r JOIN district.stream s ON s.id = r.stream"
            " GROUP BY 1, 2"
        )
    }
    lost = 0
    for name, (stream, acknowledged) in _written(district).items():
        count, last = found.get((name, stream), (0, 0))
        lost += acknowledged - count
        lost += max(before[name][1] - last, 0) if before[name][0] == stream else before[name][1]
    ((wrong,),) = district.database.ask(
        f"SELECT count(*) FROM (SELECT received < lag(received) OVER (PARTITION BY stream ORDER BY seq) AS wrong"
        f" FROM ({union}) r) o WHERE wrong"
    )
    total = sum(count for count, _ in found.values())
    return [
        Row("district: acknowledged by a hub and lost", str(lost), "0", f"of {total} records"),
        Row("district: out of order, of one hub", wrong, "0"),
        Row("district: dropped for want of room", str(district.state()["dropped"]), "0"),
    ]


def _reckoned(district: District, count: int, used: dict[str, float]) -> list[Row]:
    """A day of one hub by its real messages, and 7,000 schools by what was measured."""
    sender = Sender("school-1234", "School 1234", "1.0.0")
    size = number = 0
    for hour in range(24):
        for record in hour_of(hour):
            body = json.dumps(record.fields, separators=(",", ":"))
            waiting = Waiting(100_000 + number, record.kind, body)
            topic = sender.topic(f"data/{record.kind}")
            # Header, topic's length, id, properties; a frame of TLS 1.3; TCP and IP; what answers it.
            size += len(sender.record("0" * 26, waiting, 99_999)) + len(topic) + 8 + 29 + 52 + 90
            number += 1
    size += SUMMARIES * 560 + 86_400 // 30 * 2 * 85
    table, rows = district.database.ask(
        "SELECT sum(pg_total_relation_size('district.' || t)), sum(n) FROM (VALUES"
        " ('uptime_record', (SELECT count(*) FROM district.uptime_record)),"
        " ('health_record', (SELECT count(*) FROM district.health_record)),"
        " ('alert_record', (SELECT count(*) FROM district.alert_record))) AS a (t, n)"
    )[0]
    per_row = int(table) / int(rows)
    a_day = number * SCHOOLS
    cores = sum(used.values()) / count * a_day / 86_400
    year = a_day * 366 * per_row / 1e9
    return [
        Row("district: bytes of one hub and day, on the wire", f"{size / 1e3:.0f} kB", "–", f"{number} records, {SUMMARIES} summaries"),
        Row("district: bytes of a record in the database", f"{per_row:.0f}", "–", "with its indexes"),
        Row(f"district: {SCHOOLS} hubs, reckoned", f"{a_day / 86_400:.0f} records/s", "–", f"{a_day / 1e6:.1f} million a day"),
        Row(f"district: {SCHOOLS} hubs, all three programs", f"{100 * cores:.0f} % of a core", "–", "spread over the day"),
        Row(f"district: {SCHOOLS} hubs, a year in the database", f"{year:.0f} GB", "–", f"{SCHOOLS * size / 1e9:.1f} GB a day on the wire"),
    ]  # fmt: skip


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _issue(authority: Authority, names: list[str]) -> None:
    """Certificates for many hubs: as `Authority.issue`, without a program for each."""
    folder = authority.folder
    issuer = x509.load_pem_x509_certificate(authority.file.read_bytes())
    signing: Any = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    today = dt.datetime.now(dt.UTC)
    for name in names:
        key = ec.generate_private_key(ec.SECP256R1())
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - dt.timedelta(hours=1))
            .not_valid_after(today + dt.timedelta(days=1))
            .sign(signing, hashes.SHA256())
        )
        (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (folder / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
