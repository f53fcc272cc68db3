"""Debian's PostgreSQL for tests, of a folder of its own, and the collector as a program."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.district import CONFIGS, Broker

BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


class Database:
    """A PostgreSQL that listens on a socket in its folder alone, with the schema that ships.

    Args:
        more: settings of the server. schema: another one.
    """

    def __init__(self, *, more: str = "", schema: str = "") -> None:
        assert BIN is not None
        self.folder = Path(tempfile.mkdtemp(prefix="classhub-district-"))
        self.process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run(
            "initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "--no-sync"
        )
        (self.folder / "data" / "postgresql.auto.conf").write_text(
            f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\n{more}"
        )
        self.start()
        self._run("createdb", "-h", self.folder, "-U", "postgres", "district")
        self.load(schema or (CONFIGS / "postgresql" / "schema.sql").read_text())

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/district?host={self.folder}"

    def start(self) -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-m", mode, "stop")

    def ask(self, query: str) -> list[tuple[str, ...]]:
        """Rows of a query, as texts."""
        lines = self._psql("-At", "-F", "\t", "-c", query).splitlines()
        return [tuple(line.split("\t")) for line in lines]

    def load(self, text: str) -> None:
        """Do what a file of SQL says, all of it or nothing."""
        self._psql("-v", "ON_ERROR_STOP=1", "-q", "-1", given=text)

    @property
    def pid(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _psql(self, *arguments: Any, given: str = "") -> str:
        common = ("-X", "-h", self.folder, "-U", "postgres", "-d", "district")
        return self._run("psql", *common, *arguments, given=given)

    def _run(self, program: str, *arguments: Any, given: str = "") -> str:
        assert BIN is not None
        # It refuses to run as root.
        before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*before, str(BIN / program), *map(str, arguments)],
            check=True,
            stdout=subprocess.PIPE if program == "psql" else subprocess.DEVNULL,
            stderr=None,
            text=True,
            input=given,
            cwd="/tmp",
            timeout=120,
        )
        return done.stdout or ""


class CollectorProgram:
    """`python -m plugins.district.collector`, ended and begun again."""

    def __init__(self, folder: Path, broker: Broker, database: Database) -> None:
        certificate, key = broker.authority.issue("collector")
        self._file, self.log = folder / "collector.toml", folder / "collector.log"
        text = (CONFIGS / "collector.toml").read_text()
        for shipped, here in {
            "district.example.kz": "localhost",
            "8883": str(broker.port),
            "/etc/mosquitto/district/ca.pem": str(broker.authority.file),
            "/etc/classhub-collector/collector.pem": str(certificate),
            "/etc/classhub-collector/collector.key": str(key),
            "postgresql:///district": database.url,
        }.items():
            assert shipped in text
            text = text.replace(shipped, here)
        self._file.write_text(text)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "plugins.district.collector", str(self._file)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code = self.process.wait(30)
        self.process = None
        return code


@contextlib.contextmanager
def collecting(folder: Path, broker: Broker, database: Database) -> Iterator[CollectorProgram]:
    made = CollectorProgram(folder, broker, database)
    made.start()
    try:
        yield made
    finally:
        made.stop()
