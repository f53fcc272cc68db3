"""A form with a file, as print servers take it (multipart/form-data, RFC 7578)."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from drivers.http import FileBody

PATIENCE = 120.0


def form(name: str, path: Path, size: int, fields: Mapping[str, str]) -> FileBody:
    """Return a form with fields and a file under the name `file`.

    The border is made of what is sent: the same form is the same bytes, so that a recording plays.
    """
    border = "classhub-" + hashlib.sha256(f"{name} {size}".encode()).hexdigest()[:32]
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    parts.append(
        f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return FileBody(
        path,
        size,
        f"multipart/form-data; boundary={border}",
        before="".join(parts).encode(),
        after=f"\r\n--{border}--\r\n".encode(),
        patience=PATIENCE,
    )
