"""Work on pictures: a focus stack, a mosaic, a count, each beside the specimen's own truth.

The pictures come from the virtual slide; what is reckoned runs in this process, as it does in a
worker. Beside them, on the same pictures: `enfuse` where it is installed (it is given them aligned), and
scikit-image: its registration, told which pictures are neighbours, and its watershed. Hugin is not
among them: its `cpfind` took minutes for these pictures.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy import ndimage
from skimage.feature import peak_local_max
from skimage.filters import threshold_otsu
from skimage.io import imread
from skimage.measure import label, regionprops
from skimage.registration import phase_cross_correlation
from skimage.segmentation import clear_border, watershed

from drivers.virtual.microscope.cells import in_view
from drivers.virtual.microscope.optics import OBJECTIVES, Stage, State
from drivers.virtual.microscope.view import ViewMaker
from plugins.microscopy.imaging.count import count
from plugins.microscopy.imaging.mosaic import mosaic
from plugins.microscopy.imaging.stack import stack
from tests.bench._clock import timed
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
        return [*_stack(Path(folder)), *_mosaic(Path(folder)), *_count(Path(folder))]


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
    with timed() as took:
        facts = stack(paths, str(target), str(folder / "heights.png"))
    top, left = facts["top"], facts["left"]
    part = np.s_[top : top + facts["height"], left : left + facts["width"]]
    ours = _rms(cv2.imread(str(target)), truth[part])
    peer, seconds = _enfuse(paths, folder, truth)
    return [
        Row("focus stack of 20 frames, 1080p", str(took), "<= 3 s", seconds),
        Row("  difference from the truth, rms", f"{ours:.2f}", "<= enfuse's", peer),
    ]


def _enfuse(paths: list[str], folder: Path, truth: np.ndarray) -> tuple[str, str]:
    if shutil.which("enfuse") is None:
        return "", "enfuse is not installed"
    weights = ["--exposure-weight=0", "--saturation-weight=0", "--contrast-weight=1"]
    target = folder / "enfuse.tif"
    with timed() as took:
        _run("enfuse", *weights, "--hard-mask", "-o", str(target), *paths)
    return f"enfuse: {_rms(cv2.imread(str(target)), truth):.2f}", f"enfuse: {took}"


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=300)


def _mosaic(folder: Path) -> list[Row]:
    maker, rng = ViewMaker(WIDTH, HEIGHT), np.random.default_rng(1)
    scale = OBJECTIVES["40x"].scale(WIDTH)
    paths, places, grid = [], [], []
    for index in rng.permutation(12):
        x = (index % 4 - 1.5) * 0.8 * WIDTH * scale + rng.uniform(-5, 5)
        y = (index // 4 - 1) * 0.8 * HEIGHT * scale + rng.uniform(-4, 4)
        height = FOCUS + 0.004 * x - 0.002 * y
        seen = _view(maker, stage=Stage(x=x, y=y), focus=height, light=70 + rng.uniform(-8, 8))
        paths.append(_keep(folder / f"m{index:02}.jpg", seen, int(index)))
        places.append((x / scale, y / scale))
        grid.append(int(index))
    with timed() as took:
        facts = mosaic(paths, str(folder / "mosaic.jpg"))
    with timed() as theirs:
        peer = _miss(_registered(paths, grid), places)
    return [
        Row(
            "mosaic of 12, 1080p",
            str(took),
            "<= 6 s",
            f"scikit-image, finding places only: {theirs}",
        ),
        Row(
            "  misplaced at most",
            f"{_miss(facts['places'], places):.2f} px",
            "<= its",
            f"scikit-image: {peer:.2f} px",
        ),
    ]


def _miss(found: Any, true: Any) -> float:
    """Return how far pictures lie from where they belong, px at most; the first one is right."""
    found, true = np.array(found), np.array(true)
    return float(np.abs((found - found[0]) - (true - true[0])).max())


def _registered(paths: list[str], grid: list[int]) -> Any:
    """Return the places that scikit-image finds, px, told which picture lies where in the grid."""
    grey = {at: imread(path, as_gray=True) for path, at in zip(paths, grid, strict=True)}
    found = {0: np.zeros(2)}
    for at in range(1, 12):
        before, axis = (at - 1, 1) if at % 4 else (at - 4, 0)
        step = int(0.8 * (HEIGHT, WIDTH)[axis])
        known = grey[before][step:] if axis == 0 else grey[before][:, step:]
        new = grey[at][:-step] if axis == 0 else grey[at][:, :-step]
        shift = phase_cross_correlation(known, new, upsample_factor=20)[0]
        found[at] = found[before] + shift + step * np.eye(2)[axis]
    return np.array([found[at][::-1] for at in grid])


def _count(folder: Path) -> list[Row]:
    width, height = 2592, 1944
    scale = OBJECTIVES["10x"].scale(width)
    seen = _view(ViewMaker(width, height), slide="cells", objective="10x", focus=12.0)
    path = _keep(folder / "cells.jpg", seen, 0)
    whole = [
        d
        for x, y, d in in_view(0, 0, width * scale, height * scale)
        if d / 2 < x < width * scale - d / 2 and d / 2 < y < height * scale - d / 2
    ]
    with timed() as took:
        found = [one["diameter"] * scale for one in count(path, COUNTING)["objects"]]
    with timed() as theirs:
        peer = [diameter * scale for diameter in _watershed(path)]
    there = f"{len(whole)} of {np.mean(whole):.2f} um there"
    return [
        Row("count on 5 Mpx", str(took), "<= 1 s", f"scikit-image: {theirs}"),
        Row(
            "  found, and their mean diameter",
            f"{len(found)}, {np.mean(found):.2f} um",
            there,
            f"scikit-image: {len(peer)}, {np.mean(peer):.2f} um",
        ),
    ]


def _watershed(path: str) -> list[float]:
    """Return the diameters that scikit-image's usual recipe finds, px."""
    grey = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    dark = grey < threshold_otsu(grey)
    objects_are = dark if dark.mean() < 0.5 else ~dark
    mask = clear_border(ndimage.binary_fill_holes(objects_are))
    distance = ndimage.distance_transform_edt(mask)
    smooth = ndimage.gaussian_filter(distance, 2)
    summits = peak_local_max(smooth, min_distance=7, labels=label(mask))
    markers = np.zeros(mask.shape, np.int32)
    markers[tuple(summits.T)] = np.arange(1, len(summits) + 1)
    objects = regionprops(watershed(-smooth, markers, mask=mask))
    return [float(one.equivalent_diameter_area) for one in objects if one.area > 12]
