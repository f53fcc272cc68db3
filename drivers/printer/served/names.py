"""The names of our files on print servers: they carry the job, so that it is known again.

`ball.hub-01JD9Z.gcode` is the job `01JD9Z`. Whatever the network, the server or the hub did
meanwhile, what became of that file is what became of the job.
"""

import re
import unicodedata

from hub.device import OutOfRange

_OURS = re.compile(r"(?P<name>.{1,40})\.hub-(?P<job>[A-Za-z0-9_-]{0,64})\.gcode\Z", re.IGNORECASE)
_JOB = re.compile(r"[A-Za-z0-9_-]{0,64}\Z")
_LONGEST = 40


def remote_name(title: str, job: str) -> str:
    """Return what the file of a job is called on a print server.

    Raises:
        OutOfRange: the job's name has letters that not every server keeps.
    """
    if not _JOB.match(job):
        raise OutOfRange(f"job: letters, digits, - and _ only, at most 64: {job[:80]!r}")
    plain = (
        unicodedata.normalize("NFKD", title.rsplit("/", maxsplit=1)[-1])
        .encode("ascii", "ignore")
        .decode()
    )
    stem = re.sub(r"\.(gcode|gco|g|stl|3mf|obj)\Z", "", plain, flags=re.IGNORECASE)
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_-")[:_LONGEST]
    return f"{stem or 'print'}.hub-{job}.gcode"


def is_ours(file: str) -> bool:
    """Tell whether a hub has put this file there."""
    return _OURS.match(base(file)) is not None


def job_of(file: str) -> str:
    """Return the job whose file this is, empty where no hub has put it there."""
    found = _OURS.match(base(file))
    return found["job"] if found else ""


def base(file: str) -> str:
    """Return a path's last part."""
    return file.rsplit("/", maxsplit=1)[-1]
