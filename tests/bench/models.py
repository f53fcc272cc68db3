"""The whole check of a pupil's model of a million triangles, beside `prusa-slicer --info` on it.

First both are programs started anew: processor seconds are compared, since the machine has other
work. Then what a pupil waits for: a hub, from its answer to the upload until the verdict is there, by
the clock, beside the slicer by the clock just before and just after.
"""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import trimesh

from hub.device import Role
from plugins.printing.checking.work import MEMORY
from tests.bench._table import Row
from tests.printing import JOBS, People, hand_in, running_hub, step, until

_CHECK = (
    "import sys; from plugins.printing.checking.work import check; "
    "check(sys.argv[1], {'volume': [250, 210, 210]}, *sys.argv[2:])"
)
# The hub's workers are used again: what they loaded for one check is there for the next.
_TWICE = f"{_CHECK}; {_CHECK.partition('; ')[2].partition('; ')[2]}"
_TRIMESH = (
    "import sys, trimesh; m = trimesh.load_mesh(sys.argv[1]); print(m.is_watertight, m.volume)"
)


def measure() -> list[Row]:
    """Check a ring of 1,000,000 triangles, as drawn and roughened.

    What PrusaSlicer joins points by does badly on regular shapes: the rough one takes it a third.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [
            *_checked(folder, rough=0),
            *_waited(folder / "model.stl", "model"),
            *_checked(folder, rough=5e-4),
            *_waited(folder / "model.stl", "rough model"),
        ]


def _checked(folder: Path, *, rough: float) -> list[Row]:
    model = folder / "model.stl"
    model.write_bytes(trimesh.exchange.stl.export_stl(_ring(rough)))
    files = [str(folder / "picture.png"), str(folder / "preview.glb")]
    whole, memory = _run([sys.executable, "-c", _CHECK, str(model), *files])
    twice, _ = _run([sys.executable, "-c", _TWICE, str(model), *files])
    verdict, _ = _run([sys.executable, "-c", _CHECK, str(model)])
    bare, _ = _run([sys.executable, "-c", _TRIMESH, str(model)])
    peer = "prusa-slicer is not installed"
    if shutil.which("prusa-slicer"):
        seconds, _ = _run(["prusa-slicer", "--info", str(model)])
        peer = f"prusa-slicer --info: {seconds:.2f} s; bare trimesh: {bare:.2f} s"
    what = f"check of 1,000,000 triangles{', rough' if rough else ''}: processor"
    return [
        Row(what, f"{whole:.2f} s", "<= peer", peer),
        Row(
            "  in a worker that has checked another before",
            f"{twice - whole:.2f} s",
            "<= peer",
            peer,
        ),
        Row("  without picture and preview", f"{verdict:.2f} s", ""),
        Row("  most memory", f"{memory / 1e6:.0f} MB", "<= 1200 MB"),
    ]


def _waited(model: Path, what: str) -> list[Row]:
    """Hand a model in, three times; what a pupil waits, the best of them as the slicer's best."""
    slicer = "prusa-slicer is not installed"
    before = _by_the_clock(model)
    seconds = asyncio.run(_handed_in(model))
    if before is not None:
        slicer = f"prusa-slicer --info: {min(before, _by_the_clock(model) or before):.2f} s"
    row = f"  through a hub: from its answer to the verdict on a {what}, by the clock"
    return [
        Row(row, f"{min(seconds[1:]):.2f} s", "<= peer", slicer),
        Row("  the first one after its start", f"{seconds[0]:.2f} s", ""),
    ]


def _by_the_clock(model: Path) -> float | None:
    if not shutil.which("prusa-slicer"):
        return None
    begun = time.monotonic()
    _run(["prusa-slicer", "--info", str(model)])
    return time.monotonic() - begun


async def _handed_in(model: Path) -> list[float]:
    content = model.read_bytes()
    seconds = []
    with tempfile.TemporaryDirectory() as data:
        async with running_hub(Path(data)) as hub:
            people = People(hub)
            pupil = await people.one("Aru", Role.PUPIL)
            for _ in range(3):
                job = await hand_in(pupil, "model.stl", content)
                begun = time.monotonic()
                job = await until(pupil, job, "slicing", "refused", "waiting", limit=300)
                seconds.append(time.monotonic() - begun)
                assert job["verdict"] is not None, job["problem"]
                await step(pupil, job, "cancel")
                assert (await pupil.delete(f"{JOBS}/{job['id']}")).status_code == 204
            await people.close()
    return seconds


def _ring(rough: float) -> trimesh.Trimesh:
    ring = trimesh.creation.torus(30, 10, major_sections=1000, minor_sections=500)
    away = np.random.default_rng(0).uniform(1 - rough, 1 + rough, (len(ring.vertices), 1))
    return trimesh.Trimesh(ring.vertices * away, ring.faces, process=False)


def _run(command: list[str]) -> tuple[float, int]:
    """Return a program's processor seconds and the most memory that it had, bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    ours = command[0] == sys.executable
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=limit if ours and command[2] in (_CHECK, _TWICE) else None,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss << 10


if __name__ == "__main__":
    from tests.bench._table import show

    show(measure())
