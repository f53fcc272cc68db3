"""What was learnt of devices that share a serial number, kept over restarts in one small file."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from hub.store import write_whole

log = logging.getLogger("classhub.discovery")

MOST = 1000


def read_twins(file: Path) -> dict[str, str]:
    """Return what was learnt; nothing where the file is not there or is damaged. Blocking."""
    try:
        said = json.loads(file.read_bytes())
        known = said["twins"]
        return {str(k)[:400]: str(v)[:400] for k, v in list(known.items())[:MOST]}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        log.warning("%s is not used: devices with one serial are asked for anew: %s", file, error)
        return {}


def write_twins(file: Path, twins: Mapping[str, str]) -> None:
    """Keep what was learnt; the file is whole at every moment. Blocking.

    Raises:
        OSError: it cannot be written.
    """
    kept = {"version": 1, "twins": dict(list(twins.items())[-MOST:])}
    write_whole(file, json.dumps(kept, indent=1).encode())
