"""Counting and sizing objects: cells, grains, spores.

The background is divided out, the channel in which objects stand out most is parted by Otsu's
threshold (1979), holes are filled, and objects that touch are parted at their waists (`parting`).
What is found goes to people as outlines that they can take away and add to.
"""

from typing import Any, Literal

import cv2
import numpy as np

from hub.errors import N_
from hub.worker import progress
from plugins.microscopy.imaging.errors import TooManyObjects
from plugins.microscopy.imaging.parting import parted
from plugins.microscopy.imaging.pictures import Floats, Pixels, read, size_of

Looks = Literal["auto", "dark", "bright"]

MOST_OBJECTS = 5000
MOST_POINTS = 48
"""Of an outline."""
_WORKING = 5_200_000  # px: larger pictures are made smaller first
_GROUND = 64  # px: size at which the background is looked for
_NEAR_OTSU = (0.4, 1.2)
_SMOOTH = 0.5  # px: just so much that a camera's noise makes no objects; more shrinks small ones
_SMALLEST = 12.0  # px of area: less is noise


def count(source: str, options: dict[str, Any]) -> dict[str, Any]:
    """Find the objects of a picture.

    Args:
        source: a JPEG or PNG file.
        options: `looks`: objects are dark or bright against the background, or what stands out
            more; `threshold`: factor on the threshold that was found, 0.2 to 3; `part`: part
            objects that touch; `borders`: count also what the border cuts; `smallest`, `largest`:
            equivalent diameters, px, 0 for any.

    Returns:
        `width`, `height`, `looks`, `threshold` (grey levels above the background), `objects`: each
        with `x`, `y` (centre), `area` (px²), `diameter` (of the circle of this area), `feret` (the
        greatest length), `outline` (a list of x, y); all in pixels of the upright picture.

    Raises:
        UnreadablePicture, TooManyPixels: the picture does not do.
        TooManyObjects: it is mostly noise.
    """
    size = size_of(source)
    reduce = 1
    while size.pixels / reduce**2 > _WORKING and reduce < 8:
        reduce *= 2
    pixels = read(source, reduce=reduce)
    progress(0.2, N_("Looking for objects"))
    above, looks = _standing_out(pixels, options["looks"])
    stands_out = _levels(above)
    level = min(max(_level(above, stands_out) * options["threshold"], 2.0), 254.0)
    mask = _filled((stands_out > level).astype(np.uint8))
    progress(0.5, N_("Parting those that touch"))
    labels = parted(mask) if options["part"] else cv2.connectedComponents(mask)[1]
    factor = size.width / pixels.shape[1]
    objects = _measured(labels, factor, options)
    return {
        "width": size.width,
        "height": size.height,
        "looks": looks,
        "threshold": round(float(level), 1),
        "objects": objects,
    }


def _standing_out(pixels: Pixels, looks: Looks) -> tuple[Floats, str]:
    """Return how far each pixel stands out from the background, in the best channel.

    It is less than 0 where a pixel differs the other way, as halos do.
    """
    smooth: Any = cv2.GaussianBlur(pixels, (0, 0), _SMOOTH)
    ground = _ground(smooth)
    best: tuple[float, Floats, str] | None = None
    for channel in _channels(pixels):
        levels = smooth[..., channel].astype(np.float32)
        under = ground[..., channel]
        for name in ("dark", "bright") if looks == "auto" else (looks,):
            above = levels - under if name == "bright" else under - levels
            value = _separability(_levels(above))
            if best is None or value > best[0]:
                best = value, above, name
    assert best is not None  # noqa: S101 - there is at least one channel
    return best[1], best[2]


def _levels(above: Floats) -> Pixels:
    return np.clip(above, 0, 255).astype(np.uint8)


def _channels(pixels: Pixels) -> tuple[int, ...]:
    small = pixels[::8, ::8].astype(np.int16)
    grey = np.abs(small[..., 0] - small[..., 1]).max() < 12
    return (1,) if grey and np.abs(small[..., 2] - small[..., 1]).max() < 12 else (0, 1, 2)


def _ground(smooth: Pixels) -> Floats:
    """Return the background: the usual level around each place, objects left out."""
    height, width = smooth.shape[:2]
    small_width = min(_GROUND, width)
    small_height = max(1, round(small_width * height / width))
    tiny = cv2.resize(smooth, (small_width, small_height), interpolation=cv2.INTER_NEAREST)
    # The commonest level of the picture stands for the background where objects lie close.
    usual = np.array(
        [np.bincount(smooth[::4, ::4, c].ravel(), minlength=256).argmax() for c in range(3)]
    )
    away = np.abs(tiny.astype(np.float32) - usual).max(axis=2)
    spread = 3 * 1.4826 * np.median(away) + 6
    calm = (away < spread).astype(np.float32)
    blur = max(small_width / 12, 1.0)
    weight = cv2.GaussianBlur(calm, (0, 0), blur)[..., None] + 1e-3
    levels = cv2.GaussianBlur(tiny.astype(np.float32) * calm[..., None], (0, 0), blur)
    levels = (levels + usual.astype(np.float32) * 1e-3) / weight
    return np.asarray(cv2.resize(levels.astype(np.float32), (width, height)), np.float32)


def _separability(shown: Pixels) -> float:
    """Return how far apart objects and background are: contrast against their own spread."""
    level, _ = cv2.threshold(shown, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    above = shown > level
    part = float(above.mean())
    if part < 1e-5 or part > 0.9:
        return 0.0
    inside, outside = shown[above].astype(np.float32), shown[~above].astype(np.float32)
    spread = np.sqrt(part * inside.var() + (1 - part) * outside.var()) + 1.0
    return float((inside.mean() - outside.mean()) / spread * np.sqrt(inside.mean()))


def _level(above: Floats, shown: Pixels) -> float:
    """Return the threshold: where outlines are steepest, near Otsu's.

    Otsu's lies midway between background and objects, which is not where the outline is when
    objects have a halo or are brightest in the middle: sizes would come out too small. So they
    would if the slope were that of `shown`, in which the side of a halo is flat.
    """
    level, mask = cv2.threshold(shown, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    near = cv2.dilate(mask, np.ones((7, 7), np.uint8)) > 0
    across = cv2.Sobel(above, cv2.CV_32F, 1, 0)[near]
    down = cv2.Sobel(above, cv2.CV_32F, 0, 1)[near]
    levels = shown[near]
    steep: Any = np.bincount(levels, weights=np.hypot(across, down), minlength=256)
    steep = np.convolve(steep, np.ones(7), "same")
    steep = steep / np.maximum(
        np.convolve(np.bincount(levels, minlength=256), np.ones(7), "same"), 1
    )
    first, last = max(3, int(level * _NEAR_OTSU[0])), int(level * _NEAR_OTSU[1]) + 1
    candidates = steep[first:last]
    return float(first + candidates.argmax()) if len(candidates) and level > 0 else float(level)


def _filled(mask: Pixels) -> Pixels:
    small = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, small).astype(np.uint8)
    # Whatever the outside does not reach is inside; a margin joins all of the outside.
    framed: Any = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    outside = framed.copy()
    cv2.floodFill(outside, None, (0, 0), 2)
    holes = (outside == 0).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(holes)
    largest = max(400, mask.size // 2000)
    keep = stats[:, cv2.CC_STAT_AREA] <= largest
    keep[0] = False
    framed[keep[labels]] = 1
    return np.asarray(framed[1:-1, 1:-1], np.uint8).copy()


def _measured(labels: Any, factor: float, options: dict[str, Any]) -> list[dict[str, Any]]:
    height, width = labels.shape
    _, boxes = _boxes(labels)
    if len(boxes) > 8 * MOST_OBJECTS:
        raise TooManyObjects(f"{len(boxes)}")
    found = []
    for label, (left, top, right, bottom) in boxes.items():
        cut = left == 0 or top == 0 or right == width or bottom == height
        if cut and not options["borders"]:
            continue
        shape = (labels[top:bottom, left:right] == label).astype(np.uint8)
        area = float(np.count_nonzero(shape))
        if area < _SMALLEST:
            continue
        one = _object(shape, (left, top), area, factor)
        if one["diameter"] < options["smallest"]:
            continue
        if options["largest"] and one["diameter"] > options["largest"]:
            continue
        found.append({**one, "cut": bool(cut)})
    if len(found) > MOST_OBJECTS:
        raise TooManyObjects(f"{len(found)}")
    return found


def _boxes(labels: Any) -> tuple[int, dict[int, tuple[int, int, int, int]]]:
    """Return each label's box: left, top, right, bottom."""
    rows, columns = np.nonzero(labels)
    if len(rows) == 0:
        return 0, {}
    values = labels[rows, columns]
    most = int(values.max()) + 1
    left, top = np.full(most, 1 << 30), np.full(most, 1 << 30)
    right, bottom = np.zeros(most, int), np.zeros(most, int)
    np.minimum.at(left, values, columns)
    np.minimum.at(top, values, rows)
    np.maximum.at(right, values, columns + 1)
    np.maximum.at(bottom, values, rows + 1)
    return most, {
        label: (int(left[label]), int(top[label]), int(right[label]), int(bottom[label]))
        for label in np.unique(values)
    }


def _object(shape: Pixels, corner: tuple[int, int], area: float, factor: float) -> dict[str, Any]:
    contours, _ = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(contours, key=len)[:, 0].astype(np.float64)
    hull = cv2.convexHull(outline.astype(np.float32))[:, 0]
    gaps = hull[:, None] - hull[None]
    # From outer edge to outer edge: contours run through the middles of pixels.
    feret = float(np.sqrt((gaps**2).sum(axis=2).max())) + 1.0
    rows, columns = np.nonzero(shape)
    step = max(1, -(-len(outline) // MOST_POINTS))
    thin = (outline[::step] + corner + 0.5) * factor
    return {
        "x": round((float(columns.mean()) + corner[0] + 0.5) * factor, 2),
        "y": round((float(rows.mean()) + corner[1] + 0.5) * factor, 2),
        "area": round(area * factor**2, 1),
        "diameter": round(2 * float(np.sqrt(area / np.pi)) * factor, 2),
        "feret": round(feret * factor, 2),
        "outline": [[round(float(x), 1), round(float(y), 1)] for x, y in thin],
    }
