"""Where the pictures of a mosaic lie: found from their details, settled by least squares.

Details (SIFT: Lowe 2004) say which pictures may be neighbours and roughly how; each guess is tried
on the pictures themselves and refined, so that details which merely look alike join nothing. All
neighbours' distances together give the places (weighted least squares); distances that do not fit
the rest are dropped, worst first.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from hub.errors import N_
from hub.worker import progress
from plugins.microscopy.imaging.align import prepared
from plugins.microscopy.imaging.errors import NoOverlap
from plugins.microscopy.imaging.pictures import Floats, Size, read_grey

_NARROW = 400  # px: width at which pictures are compared
_FEATURES = 500
_RATIO = 0.8  # Lowe's: the best match must be so much nearer than the next
_LEAST_MATCHES = 6
_LEAST_SHARED = 0.04  # of a picture
_ALIKE = 0.5
_ASTRAY = 3.0  # px of the full picture: a distance that misses by more is wrong


@dataclass(frozen=True, slots=True)
class Link:
    """Picture `second` lies (x, y) px to the right of and below `first`; `weight`: how surely."""

    first: int
    second: int
    x: float
    y: float
    weight: float


@dataclass(slots=True)
class _Seen:
    structure: Floats
    points: Any
    features: Any


def lay_out(sources: list[str], size: Size) -> tuple[Any, list[Link]]:
    """Return the places of all pictures (n x 2, px from the first), and what joins them.

    Raises:
        NoOverlap: not all of them hang together.
        UnreadablePicture: one is damaged.
    """
    reduce = 1
    while size.width // (2 * reduce) >= _NARROW and reduce < 8:
        reduce *= 2
    seen = []
    detector = cv2.SIFT.create(nfeatures=_FEATURES, contrastThreshold=0.01)
    for place, source in enumerate(sources, 1):
        progress(0.3 * place / len(sources), N_("Looking for details"))
        seen.append(_seen(source, place, reduce, detector))
    links = _links(seen, size)
    return settled(len(sources), links)


def _seen(source: str, place: int, reduce: int, detector: Any) -> _Seen:
    grey = read_grey(source, place, reduce=reduce)
    structure = prepared(grey)
    deviation = max(float(structure.std()), 1e-3)
    shown = np.clip(structure * (40 / deviation) + 128, 0, 255).astype(np.uint8)
    points, features = detector.detectAndCompute(shown, None)
    where = np.array([point.pt for point in points], np.float32).reshape(-1, 2)
    return _Seen(structure, where, features)


def _links(seen: list[_Seen], size: Size) -> list[Link]:
    pairs = list(itertools.combinations(range(len(seen)), 2))
    matcher = cv2.BFMatcher(cv2.NORM_L2)
    found = []
    for done, (first, second) in enumerate(pairs):
        progress(0.3 + 0.3 * done / len(pairs), N_("Looking for neighbours"))
        for x, y in _guesses(seen[first], seen[second], matcher):
            link = _tried(seen, first, second, x, y, size)
            if link is not None:
                found.append(link)
                break
    return found


def _guesses(one: _Seen, other: _Seen, matcher: Any) -> Iterator[tuple[float, float]]:
    """Yield the likeliest distances of two pictures, in compared pixels."""
    if len(one.points) < 2 or len(other.points) < 2:
        return
    matches = matcher.knnMatch(one.features, other.features, k=2)
    good = [
        m
        for m, n in (pair for pair in matches if len(pair) == 2)
        if m.distance < _RATIO * n.distance
    ]
    if len(good) < _LEAST_MATCHES:
        return
    moves = np.array([one.points[m.queryIdx] - other.points[m.trainIdx] for m in good])
    for _ in range(2):
        near = np.abs(moves[:, None] - moves[None]).max(axis=2) < 2
        votes = near.sum(axis=1)
        if len(votes) == 0 or votes.max() < _LEAST_MATCHES:
            return
        chosen = near[int(votes.argmax())]
        x, y = moves[chosen].mean(axis=0)
        yield float(x), float(y)
        moves = moves[~chosen]


def _tried(
    seen: list[_Seen], first: int, second: int, x: float, y: float, size: Size
) -> Link | None:
    """Lay one picture on the other and refine; None where they do not look alike there."""
    one, other = seen[first].structure, seen[second].structure
    height, width = one.shape
    across, down = round(x), round(y)
    columns, rows = width - abs(across), height - abs(down)
    if columns < 12 or rows < 12 or columns * rows < _LEAST_SHARED * width * height:
        return None
    part = one[max(down, 0) : max(down, 0) + rows, max(across, 0) : max(across, 0) + columns]
    same = other[max(-down, 0) : max(-down, 0) + rows, max(-across, 0) : max(-across, 0) + columns]
    fine_x, fine_y, likeness = _slid(part, same)
    if likeness < _ALIKE or max(abs(fine_x), abs(fine_y)) > 3:
        return None
    return Link(
        first,
        second,
        (across + fine_x) * size.width / width,
        (down + fine_y) * size.height / height,
        float(columns * rows) / (width * height) * likeness,
    )


def _slid(one: Floats, other: Floats) -> tuple[float, float, float]:
    """Return how far `other` must be moved to lie on `one` (px), and their correlation then."""
    slope_x = cv2.Sobel(one, cv2.CV_32F, 1, 0, scale=1 / 8)
    slope_y = cv2.Sobel(one, cv2.CV_32F, 0, 1, scale=1 / 8)
    inner = np.s_[3:-3, 3:-3]
    columns = np.stack([slope_x[inner].ravel(), slope_y[inner].ravel(), one[inner].ravel()])
    normal = columns @ columns.T + np.eye(3) * 1e-3
    height, width = one.shape
    x = y = 0.0
    laid: Any = other
    for _ in range(12):
        step = np.linalg.solve(normal, columns @ (laid - one)[inner].ravel())
        # `laid` shows what lies `step` further on: the picture is moved by as much.
        x, y = x + float(step[0]), y + float(step[1])
        matrix = np.array([[1, 0, x], [0, 1, y]])
        laid = cv2.warpAffine(
            other, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        if abs(step[0]) + abs(step[1]) < 0.005 or max(abs(x), abs(y)) > 6:
            break
    a, b = one[inner] - one[inner].mean(), laid[inner] - laid[inner].mean()
    strength = float(np.linalg.norm(a) * np.linalg.norm(b))
    return x, y, float((a * b).sum() / strength) if strength > 1e-3 else 0.0


def settled(count: int, links: list[Link]) -> tuple[Any, list[Link]]:
    """Return the places (n x 2) that fit the links best, and the links that fit.

    Raises:
        NoOverlap: the links do not join all pictures; it names those outside the largest group.
    """
    links = list(links)
    while True:
        _check_joined(count, links)
        rows = np.zeros((len(links) + 1, count))
        wanted = np.zeros((len(links) + 1, 2))
        for row, link in enumerate(links):
            rows[row, link.first], rows[row, link.second] = -link.weight, link.weight
            wanted[row] = link.x * link.weight, link.y * link.weight
        rows[-1, 0] = 1.0
        places = np.linalg.lstsq(rows, wanted, rcond=None)[0]
        misses = [
            np.hypot(*(places[link.second] - places[link.first] - (link.x, link.y)))
            for link in links
        ]
        worst = int(np.argmax(misses))
        if misses[worst] <= _ASTRAY:
            return places, links
        del links[worst]


def _check_joined(count: int, links: list[Link]) -> None:
    group = list(range(count))

    def of(picture: int) -> int:
        while group[picture] != picture:
            picture = group[picture]
        return picture

    for link in links:
        group[of(link.first)] = of(link.second)
    groups = [of(picture) for picture in range(count)]
    largest = max(groups, key=groups.count)
    astray = [place for place, one in enumerate(groups, 1) if one != largest]
    if groups.count(largest) == 1:
        astray = list(range(1, count + 1))
    if astray:
        raise NoOverlap(f"{len(links)} links", which=", ".join(map(str, astray)))
