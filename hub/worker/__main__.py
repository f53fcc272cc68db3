"""A worker: reads jobs as JSON lines, does one at a time, answers each with a JSON line.

Once it has begun it says so (`hub.worker.READY`). Before an answer come lines
`{"progress": fraction, "message": …}` where somebody wants them.

`python -m hub.worker --nice N [--idle]`; it ends when its input closes, and with its parent.
"""

import argparse
import ctypes
import errno
import importlib
import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

import hub.worker

_PR_SET_PDEATHSIG = 1
_FILE_LIMIT = 4 << 30
_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_MAP = "failed to map segment"  # glibc's dynamic linker, elf/dl-map-segments.h


def main() -> None:
    """Serve jobs until the input ends."""
    options = argparse.ArgumentParser()
    options.add_argument("--nice", type=int, default=19)
    options.add_argument("--idle", action="store_true")
    options.add_argument("--parent", type=int, required=True)
    asked = options.parse_args()
    _settle(asked.nice, asked.parent, idle=asked.idle)
    # Whatever a library prints must not garble the answers: they get a descriptor of their own.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    answers.write(hub.worker.READY)
    _serve(sys.stdin.buffer, answers)


def _settle(nice: int, parent: int, *, idle: bool) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the hub is gone")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(nice)
    if idle:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_LIMIT, _FILE_LIMIT))


def _serve(jobs: BinaryIO, answers: Any) -> None:
    for line in jobs:
        job = json.loads(line)
        _limit_memory(job["memory"])
        hub.worker.listen(_teller(answers) if job["progress"] else None)
        answers.write(json.dumps(_answer(job)).encode() + b"\n")


def _teller(answers: Any) -> Callable[[float, str], None]:
    def tell(fraction: float, message: str) -> None:
        said = {"progress": fraction, "message": message}
        answers.write(json.dumps(said).encode() + b"\n")

    return tell


def _limit_memory(size: int) -> None:
    """Allow `size` beside what is mapped: what earlier jobs have loaded is no fault of this one."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = size + _mapped()
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _mapped() -> int:
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - before each job
        return int(file.read().split()[0]) * resource.getpagesize()


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    module, _, name = job["function"].partition(":")
    loaded = False
    try:
        function = getattr(importlib.import_module(module), name)
        loaded = True
        result = function(*job["args"])
        json.dumps(result)
    except MemoryError:
        return {"memory": True}
    except Exception as error:  # noqa: BLE001 - whatever went wrong is told to whoever asked
        return _failed(error, loaded=loaded)
    return {"result": result}


def _failed(error: Exception, *, loaded: bool) -> dict[str, Any]:
    if isinstance(error, OSError) and error.errno in _FULL:
        return {"full": error.strerror}
    if isinstance(error, ImportError) and _NO_MAP in str(error):
        return {"memory": True}  # a library that did not fit any more
    if not loaded or isinstance(error, ImportError | SyntaxError):
        return {"broken": f"{type(error).__name__}: {error}"}
    return {"error": _described(error)}


def _described(error: Exception) -> dict[str, Any]:
    kind = type(error)
    return {
        "type": f"{kind.__module__}:{kind.__qualname__}",
        "detail": getattr(error, "detail", "") or str(error),
        "params": getattr(error, "params", {}),
        "trace": "".join(traceback.format_exception(error))[-4000:],
    }


if __name__ == "__main__":
    main()
