"""The program that hands one message to Apprise, in a process of its own: it may hang.

Reads one line of JSON on its standard input (`address`, `title`, `body`, `type`) and prints one
(`sent`, `said`). An address holds secrets: it stands in no argument and is blotted out of what
Apprise says. https://appriseit.com/
"""

import json
import logging
import re
import resource
import sys
from typing import Any

_MOST_SAID = 500
MEMORY = 512 << 20
"""Bytes of address space: an answer that does not end must not take the computer's memory."""
_SECRET = re.compile(r"[^\s/:@?&=,]{6,}")


class _Said(logging.Handler):
    """Keeps what Apprise warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record.getMessage())


def send(job: dict[str, str]) -> dict[str, Any]:
    """Hand a message over; return whether the destination took it, and what was said."""
    import apprise  # noqa: PLC0415 - the module is imported by tests, and Apprise loads for seconds

    said = _Said()
    logger = logging.getLogger("apprise")
    logger.addHandler(said)
    logger.propagate = False
    # No pictures from other hosts, and nothing kept on the disk.
    asset = apprise.AppriseAsset(
        app_id="Classroom hub",
        app_desc="Classroom hub",
        app_url="",
        image_url_mask=None,
        image_url_logo=None,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        async_mode=False,
        # Who leads elsewhere ("please pay") has taken nothing.
        http_redirects=False,
    )
    to = apprise.Apprise(asset=asset)
    if not to.add(job["address"]):
        return {"sent": False, "said": "no address that Apprise knows"}
    sent = to.notify(
        body=job["body"] or job["title"],
        title=job["title"] if job["body"] else "",
        notify_type=apprise.NotifyType(job["type"]),
        body_format=apprise.NotifyFormat.TEXT,
    )
    return {"sent": bool(sent), "said": without_secrets("; ".join(said.lines), job["address"])}


def without_secrets(text: str, address: str) -> str:
    """Return a text without any longer part of an address."""
    for part in sorted(set(_SECRET.findall(address)), key=len, reverse=True):
        text = text.replace(part, "…")
    return " ".join(text.split())[:_MOST_SAID]


def main() -> None:
    """Send what stands on the standard input."""
    job = json.loads(sys.stdin.readline())
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    print(json.dumps(send(job)), flush=True)  # noqa: T201 - this is the answer


if __name__ == "__main__":
    main()
