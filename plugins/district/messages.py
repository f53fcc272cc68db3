"""The messages to the district: topics, flat JSON. Schemas: `configs/district/schemas`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.clock import now, rfc3339
from plugins.district.outbox import Standing, Waiting

ROOT = "classhub-district/1"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Sender:
    """Who tells.

    Attributes:
        name: of the hub at the district; the broker vouches for it.
        school: as the district calls it. version: of the hub's software.
    """

    name: str
    school: str
    version: str

    def topic(self, last: str) -> str:
        """Return a topic of this hub."""
        return f"{ROOT}/{self.name}/{last}"

    def record(self, stream: str, one: Waiting, after: int) -> bytes:
        """Return a record.

        Args:
            stream: the sequence that it is numbered in.
            one: it.
            after: the number of the one sent before it that is not confirmed; 0 where all that came
                before is confirmed. Who has `after` and gets this one has missed nothing.
        """
        head = {
            "v": VERSION,
            "id": self.name,
            "school": self.school,
            "stream": stream,
            "seq": one.seq,
            "after": after,
            "kind": one.kind,
        }
        # The body is an object with fields already: both are joined without reading it again.
        text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
        return f"{text[:-1]},{one.body[1:]}".encode()

    def birth(self, standing: Standing, oldest: int, connects: int) -> bytes:
        """Return what is said at each connection: where the sequence stands."""
        return self._said(
            {
                "kind": "birth",
                "version": self.version,
                "stream": standing.stream,
                "oldest": oldest,
                "next": standing.next,
                "waiting": standing.waiting,
                "dropped_samples": standing.dropped_samples,
                "dropped_alerts": standing.dropped_alerts,
                "connects": connects,
            }
        )

    def summary(self, standing: Standing, fields: Mapping[str, Any]) -> bytes:
        """Return how the hub is, in one message."""
        return self._said(
            {
                "kind": "summary",
                "version": self.version,
                **fields,
                "stream": standing.stream,
                "next": standing.next,
                "waiting": standing.waiting,
                "dropped_samples": standing.dropped_samples,
                "dropped_alerts": standing.dropped_alerts,
            }
        )

    def _said(self, fields: Mapping[str, Any]) -> bytes:
        head = {"v": VERSION, "id": self.name, "school": self.school, "time": rfc3339(now())}
        return json.dumps({**head, **fields}, ensure_ascii=False, separators=(",", ":")).encode()


def numbers(payload: bytes) -> tuple[str, int] | None:
    """Return what a confirmation says: a stream and a number; None where it is none."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    stream, seq = found.get("stream"), found.get("seq")
    if not isinstance(stream, str) or not isinstance(seq, int) or isinstance(seq, bool):
        return None
    return stream, seq
