"""`make bench`: print every figure beside its peer or limit, from the same run.

python -m tests.bench [frames] [capture] [devices] [start] [eight] [changes] [pulled] [visit] [imaging]
    [gallery] [globe] [health] [alerts] [district] [film] [lines] [models] [uploads] [pens] [panels] [boards]
    [recordings]
python -m tests.bench soak [--minutes 60] [--seed 1]      by hand: see tests/bench/soak.py
"""

import sys
from collections.abc import Callable

from tests.bench import (
    alerts,
    boards,
    capture,
    changes,
    devices,
    district,
    eight,
    film,
    frames,
    gallery,
    globe,
    health,
    imaging,
    lines,
    models,
    panels,
    pens,
    pulled,
    recordings,
    soak,
    start,
    uploads,
    visit,
)
from tests.bench._process import machine
from tests.bench._table import Row, show

PARTS: dict[str, Callable[[], list[Row]]] = {
    "frames": frames.measure,
    "capture": capture.measure,
    "devices": devices.measure,
    "start": start.measure,
    "eight": eight.measure,
    "changes": changes.measure,
    "pulled": pulled.measure,
    "visit": visit.measure,
    "imaging": imaging.measure,
    "gallery": gallery.measure,
    "globe": globe.measure,
    "health": health.measure,
    "alerts": alerts.measure,
    "district": district.measure,
    "film": film.measure,
    "lines": lines.measure,
    "models": models.measure,
    "uploads": uploads.measure,
    "pens": pens.measure,
    "panels": panels.measure,
    "boards": boards.measure,
    "recordings": recordings.measure,
}


def main() -> None:
    """Measure the parts named on the command line, or all."""
    if sys.argv[1:2] == ["soak"]:
        soak.main(sys.argv[2:])
        return
    print(f"measured on {machine()}\n")
    for name in sys.argv[1:] or PARTS:
        show(PARTS[name]())
    print(f"\nafter it: {machine()}")


if __name__ == "__main__":
    main()
