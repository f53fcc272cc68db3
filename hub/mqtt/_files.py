"""The managed broker's files: settings, accounts and rights, written whole or not at all."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from hub.mqtt._outbox import MESSAGE_LIMIT
from hub.mqtt._topics import PUBLIC, Topics
from hub.school import BrokerAccount, broker_hash

HUB_USER = "hub"
"""The hub's own account; ids of tokens are longer, so nobody else has it."""

_HEADROOM = 8192


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

    def write(self, host: str, port: int) -> None:
        """Write settings and rights. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        _replace(self._acl, self.acl())
        _replace(self.config, self.settings(host, port))

    def write_accounts(self, accounts: Iterable[BrokerAccount]) -> None:
        """Write who may connect. Raises OSError."""
        lines = [f"{HUB_USER}:{self._own}", *(f"{one.id}:{one.hash}" for one in accounts)]
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(self._passwords, "\n".join(lines) + "\n")

    def acl(self) -> str:
        """Return the rights: the same whoever has an account; `%u` is the user's name."""
        base = self._topics.base
        public = "\n".join(f"pattern read {base}/{each}" for each in PUBLIC)
        return (
            f"pattern write {base}/cmd/%u/#\npattern read {base}/reply/%u/#\n{public}\n\n"
            f"user {HUB_USER}\ntopic readwrite {base}/#\n"
        )

    def settings(self, host: str, port: int) -> str:
        """Return mosquitto's settings."""
        lines = [
            f"listener {port} {host}",
            "allow_anonymous false",
            f"password_file {self._passwords}",
            f"acl_file {self._acl}",
            # All that is retained is published again at each connection: nothing to keep on disk.
            "persistence false",
            f"max_packet_size {MESSAGE_LIMIT + _HEADROOM}",
            "max_queued_messages 1000",
            "max_queued_bytes 4194304",
            "max_connections 500",
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


def _replace(file: Path, text: str) -> None:
    part = file.with_name(file.name + ".new")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    part.replace(file)
