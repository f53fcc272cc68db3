"""The hub's own id: made once, kept for ever."""

from pathlib import Path

from hub.errors import N_
from hub.ids import is_id, new_id
from hub.store import StoreDamaged, write_whole


class IdentityDamaged(StoreDamaged):
    """The file with the hub's id holds none."""

    code = "identity-damaged"
    title = N_("The file hub.id in the data folder is damaged.")
    hint = N_(
        "Bring it back from a backup. Only where the hub may become another one, delete it instead."
    )


def identity(file: Path) -> str:
    """Return the hub's own id, made at the first call.

    Raises:
        IdentityDamaged: the file is there and holds no id; making another would break every topic
            and every program that knows the hub.
        OSError: it cannot be read or written.
    """
    try:
        known = file.read_bytes()
    except FileNotFoundError:
        return _made(file)
    text = known[:100].decode("ascii", "replace").strip()
    if not is_id(text):
        raise IdentityDamaged(f"{file} holds {len(known)} bytes")
    return text


def _made(file: Path) -> str:
    made = new_id()
    write_whole(file, f"{made}\n".encode("ascii"))
    return made
