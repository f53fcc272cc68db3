"""Work on pictures: a focus stack, a mosaic, a count, each beside the specimen's own truth.

The pictures come from the virtual slide; what is reckoned runs in this process, as it does in a
worker. Beside the stack runs `enfuse` where it is installed, on the same (already aligned) pictures.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from drivers.virtual.microscope.cells import in_view
from drivers.virtual.microscope.optics import OBJECTIVES, Stage, State
from drivers.virtual.microscope.view import ViewMaker
from plugins.microscopy.imaging.count import count
from plugins.microscopy.imaging.mosaic import mosaic
from plugins.microscopy.imaging.stack import stack
from tests.bench._table import Row

WIDTH, HEIGHT = 1920, 1080
FOCUS = 13.6
COUNTING = {
    "looks": "auto",
    "threshold": 1.0,
    "part": True,
    "borders": False,
    "smallest": 0,
    "largest": 0,
}


def measure() -> list[Row]:
    """Stack 20 pictures, join 12, count in 5 megapixels."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_stack(Path(folder)), _mosaic(Path(folder)), _count(Path(folder))]


def _view(maker: ViewMaker, **state: Any) -> np.ndarray:
    wanted = State(**{"slide": "tissue", "objective": "40x", "focus": FOCUS, **state})
    return cv2.add(maker.make(wanted, (0, 0)), np.full(4, 8.0))


def _keep(path: Path, pixels: np.ndarray, seed: int) -> str:
    seen = pixels + np.random.default_rng(seed).normal(0, 1.5, pixels.shape)
    cv2.imwrite(str(path), np.clip(seen + 0.5, 0, 255).astype(np.uint8), [1, 90])
    return str(path)


def _rms(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(((one.astype(float) - other.astype(float)) ** 2).mean()))


def _stack(folder: Path) -> list[Row]:
    truth = _view(ViewMaker(WIDTH, HEIGHT))
    soft = [truth.astype(np.float32)]
    soft += [cv2.GaussianBlur(soft[0], (0, 0), 0.8 * n) for n in range(1, 20)]
    heights = np.linspace(0, 19, WIDTH)
    paths = []
    for index in range(20):
        low = np.clip(np.abs(heights - index).astype(int), 0, 18)
        part = (np.abs(heights - index) - low)[None, :, None]
        columns = np.arange(WIDTH)
        near = np.stack([soft[n][:, c] for n, c in zip(low, columns, strict=True)], axis=1)
        far = np.stack([soft[n + 1][:, c] for n, c in zip(low, columns, strict=True)], axis=1)
        paths.append(_keep(folder / f"s{index:02}.jpg", near * (1 - part) + far * part, index))
    target = folder / "stack.jpg"
    started = time.monotonic()
    facts = stack(paths, str(target), str(folder / "heights.png"))
    took = time.monotonic() - started
    top, left = facts["top"], facts["left"]
    part = np.s_[top : top + facts["height"], left : left + facts["width"]]
    ours = _rms(cv2.imread(str(target)), truth[part])
    peer, seconds = _enfuse(paths, folder, truth)
    return [
        Row("focus stack of 20 frames, 1080p", f"{took:.2f} s", "<= 3 s", seconds),
        Row("  difference from the truth, rms", f"{ours:.2f}", "<= enfuse's", peer),
    ]


def _enfuse(paths: list[str], folder: Path, truth: np.ndarray) -> tuple[str, str]:
    if shutil.which("enfuse") is None:
        return "enfuse is not installed", "enfuse is not installed"
    weights = ["--exposure-weight=0", "--saturation-weight=0", "--contrast-weight=1"]
    target = folder / "enfuse.tif"
    started = time.monotonic()
    command = ["enfuse", *weights, "--hard-mask", "-o", str(target), *paths]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    took = time.monotonic() - started
    return f"enfuse: {_rms(cv2.imread(str(target)), truth):.2f}", f"enfuse: {took:.2f} s"


def _mosaic(folder: Path) -> Row:
    maker, rng = ViewMaker(WIDTH, HEIGHT), np.random.default_rng(1)
    scale = OBJECTIVES["40x"].scale(WIDTH)
    paths, places = [], []
    for index in rng.permutation(12):
        x = (index % 4 - 1.5) * 0.8 * WIDTH * scale + rng.uniform(-5, 5)
        y = (index // 4 - 1) * 0.8 * HEIGHT * scale + rng.uniform(-4, 4)
        height = FOCUS + 0.004 * x - 0.002 * y
        seen = _view(maker, stage=Stage(x=x, y=y), focus=height, light=70 + rng.uniform(-8, 8))
        paths.append(_keep(folder / f"m{index:02}.jpg", seen, int(index)))
        places.append((x / scale, y / scale))
    started = time.monotonic()
    facts = mosaic(paths, str(folder / "mosaic.jpg"))
    took = time.monotonic() - started
    found, true = np.array(facts["places"]), np.array(places)
    miss = np.abs((found - found[0]) - (true - true[0])).max()
    return Row(
        "mosaic of 12, 1080p", f"{took:.2f} s", "<= 6 s", f"misplaced by {miss:.2f} px at most"
    )


def _count(folder: Path) -> Row:
    width, height = 2592, 1944
    scale = OBJECTIVES["10x"].scale(width)
    seen = _view(ViewMaker(width, height), slide="cells", objective="10x", focus=12.0)
    path = _keep(folder / "cells.jpg", seen, 0)
    started = time.monotonic()
    found = len(count(path, COUNTING)["objects"])
    took = time.monotonic() - started
    true = sum(
        d / 2 < x < width * scale - d / 2 and d / 2 < y < height * scale - d / 2
        for x, y, d in in_view(0, 0, width * scale, height * scale)
    )
    return Row("count on 5 Mpx", f"{took:.2f} s", "<= 1 s", f"{found} found, {true} are there")
