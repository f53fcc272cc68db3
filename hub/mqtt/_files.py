"""The managed broker's files: settings, accounts and rights, written whole or not at all."""

import os
import secrets
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.mqtt._outbox import MESSAGE_LIMIT
from hub.mqtt._topics import PUBLIC, Topics
from hub.school import BrokerAccount, broker_hash
from hub.store import write_whole

HUB_USER = "hub"
"""The hub's own account; ids of tokens are longer, so nobody else has it."""

_HEADROOM = 8192


@dataclass(frozen=True, slots=True)
class Listener:
    """Where the broker listens; with a certificate and its key, by TLS."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None

    def lines(self) -> list[str]:
        """Return its settings; whatever follows a listener is of that one."""
        lines = [f"listener {self.port} {self.host}", "max_connections 500"]
        if self.certificate is not None:
            lines += [f"certfile {self.certificate}", f"keyfile {self.key}"]
        return lines

    def stamp(self) -> list[int]:
        """Return what changes when the certificate or its key is renewed. Raises OSError."""
        return [file.stat().st_mtime_ns for file in (self.certificate, self.key) if file]

    def check(self) -> None:
        """Raise OSError, saying why, where its certificate cannot be used."""
        if self.certificate is None:
            return
        for file in (self.certificate, self.key):
            if file is not None:
                file.read_bytes()
        try:
            # The password keeps OpenSSL from asking for one.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, self.key, password="")
        except ssl.SSLError as error:
            raise OSError(f"{self.certificate} and {self.key}: {error.reason}") from None


class BrokerFiles:
    """Files in a folder of the hub's data, readable by the hub's user alone.

    Args:
        folder: is made.
        topics: of the hub.
    """

    def __init__(self, folder: Path, topics: Topics) -> None:
        self.folder = folder
        self.config = folder / "mosquitto.conf"
        self.password = secrets.token_urlsafe(32)
        self._passwords = folder / "passwords"
        self._acl = folder / "acl"
        self._topics = topics
        self._own = broker_hash(self.password)

    def write(self, listeners: Sequence[Listener]) -> None:
        """Write settings and rights. Raises OSError, also where a certificate cannot be used."""
        for listener in listeners:
            listener.check()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        _write(self._acl, self.acl())
        _write(self.config, self.settings(listeners))

    def write_accounts(self, accounts: Iterable[BrokerAccount]) -> None:
        """Write who may connect. Raises OSError."""
        lines = [f"{HUB_USER}:{self._own}", *(f"{one.id}:{one.hash}" for one in accounts)]
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(self._passwords, "\n".join(lines) + "\n")

    def acl(self) -> str:
        """Return the rights: the same whoever has an account; `%u` is the user's name."""
        base = self._topics.base
        public = "\n".join(f"pattern read {base}/{each}" for each in PUBLIC)
        return (
            f"pattern write {base}/cmd/%u/#\npattern read {base}/reply/%u/#\n{public}\n\n"
            f"user {HUB_USER}\ntopic readwrite {base}/#\n"
        )

    def settings(self, listeners: Sequence[Listener]) -> str:
        """Return mosquitto's settings."""
        lines = [
            *(line for listener in listeners for line in listener.lines()),
            "allow_anonymous false",
            f"password_file {self._passwords}",
            f"acl_file {self._acl}",
            # All that is retained is published again at each connection: nothing to keep on disk.
            "persistence false",
            f"max_packet_size {MESSAGE_LIMIT + _HEADROOM}",
            "max_queued_messages 1000",
            "max_queued_bytes 4194304",
            "set_tcp_nodelay true",
            "sys_interval 0",
            "connection_messages false",
            "log_dest stderr",
            "log_timestamp false",
            *(f"log_type {kind}" for kind in ("error", "warning", "notice", "information")),
        ]
        if os.geteuid() == 0:
            # Else it would become another user, who may not read these files, and no longer
            # end with the hub (PR_SET_PDEATHSIG is cleared).
            lines.append("user root")
        return "\n".join(lines) + "\n"


def _write(file: Path, text: str) -> None:
    # Written anew at each start of the broker: nothing that a power cut could harm.
    write_whole(file, text.encode(), durable=False)
