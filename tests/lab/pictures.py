"""Pictures that are given to the hub, and found again whole, or not."""

import hashlib
import os
from dataclasses import dataclass

from tests.conftest import TINY_JPEG
from tests.lab.hub import LabHub


@dataclass(frozen=True)
class Kept:
    """A picture that the hub has acknowledged."""

    id: str
    sha256: str


COMMENT = b"\xff\xfe"
COMMENT_SIZE = 60_000  # a segment of a JPEG holds 65,533 bytes


def picture(size: int) -> bytes:
    """Return a whole JPEG that was never there before, with comments of `size` random bytes."""
    noise = os.urandom(size)
    parts = [noise[at : at + COMMENT_SIZE] for at in range(0, size, COMMENT_SIZE)]
    comments = b"".join(COMMENT + (len(part) + 2).to_bytes(2, "big") + part for part in parts)
    return TINY_JPEG[:2] + comments + TINY_JPEG[2:]


def add_picture(hub: LabHub, *, size: int = 100_000) -> Kept:
    """Add a picture; the hub keeps the very bytes that it is given."""
    content = picture(size)
    with hub.client("teacher") as client:
        answer = client.post(
            "/api/v1/assets", files={"file": ("picture.jpg", content, "image/jpeg")}
        )
    answer.raise_for_status()
    return Kept(answer.json()["id"], hashlib.sha256(content).hexdigest())


def content_of(hub: LabHub, kept: Kept) -> str:
    """Return the hash of what the hub gives back for a picture, "" where it has it no more."""
    with hub.client("teacher") as client:
        answer = client.get(f"/api/v1/assets/{kept.id}/content")
    return hashlib.sha256(answer.content).hexdigest() if answer.status_code == 200 else ""
