"""A large seamless slide out of one small micrograph: image quilting.

After Efros and Freeman, "Image Quilting for Texture Synthesis and Transfer" (SIGGRAPH 2001): blocks
of the micrograph, turned and mirrored, are laid so that neighbours agree where they overlap, and
cut along the line where they differ least. Which block lies where is searched once and kept as a
plan (`slides/tissue.json`, made by `python -m drivers.virtual.microscope.quilt`); cutting is quick.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

SLIDES = Path(__file__).parent / "slides"
FEATHER = 5.0
_REDUCE = 4
_FAR = 1e9


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the blocks come from: for each row and column (variant, x, y) in the micrograph.

    Blocks are `block` pixels wide and overlap by `overlap`; the slide is a torus: it continues at
    the opposite edge. Variants 0..7 are the quarter turns of the micrograph and its mirror image.
    """

    block: int
    overlap: int
    blocks: list[list[tuple[int, int, int]]]

    @property
    def step(self) -> int:
        """Distance of neighbouring blocks."""
        return self.block - self.overlap

    @classmethod
    def load(cls, path: Path) -> "Plan":
        """Read a plan."""
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        rows = [[(int(v), int(x), int(y)) for v, x, y in row] for row in document["blocks"]]
        return cls(int(document["block"]), int(document["overlap"]), rows)

    def save(self, path: Path) -> None:
        """Write the plan, a row of blocks a line."""
        rows = ",\n  ".join(json.dumps(row, separators=(",", ":")) for row in self.blocks)
        sizes = f'"block": {self.block},\n "overlap": {self.overlap}'
        text = f'{{\n {sizes},\n "blocks": [\n  {rows}\n ]\n}}\n'
        path.write_text(text, encoding="utf-8")


def variants(image: Any) -> list[Any]:
    """Return the eight turned and mirrored images."""
    mirrored = np.ascontiguousarray(image[:, ::-1])
    return [np.ascontiguousarray(np.rot90(i, turn)) for i in (image, mirrored) for turn in range(4)]


def _seams(difference: Floats) -> Floats:
    """Return the cheapest paths down along axis 1: for (n, length, width) an (n, length) array."""
    n, length, width = difference.shape
    cost = np.empty_like(difference)
    cost[:, 0] = difference[:, 0]
    padded = np.full((n, width + 2), np.inf, np.float32)
    for i in range(1, length):
        padded[:, 1:-1] = cost[:, i - 1]
        best = np.minimum(np.minimum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
        cost[:, i] = difference[:, i] + best
    path = np.empty((n, length), np.int64)
    path[:, -1] = cost[:, -1].argmin(axis=1)
    each = np.arange(n)
    for i in range(length - 2, -1, -1):
        around = np.clip(path[:, i + 1, None] + np.array([-1, 0, 1]), 0, width - 1)
        costs = cost[each[:, None], i, around]
        path[:, i] = around[each, costs.argmin(axis=1)]
    return path.astype(np.float32)


def _join(before: Image, after: Image, *, meet: bool = False) -> Image:
    """Blend (n, length, width, 3) overlaps: `before` left of the cheapest cut, `after` right.

    With `meet` every cut begins and ends in the middle.
    """
    n, length, width, _ = before.shape
    left, right = before.reshape(-1, width, 3), after.reshape(-1, width, 3)
    grey = cv2.transform(cv2.absdiff(left, right), np.full((1, 3), 1 / 3))
    difference = grey.reshape(n, length, width).astype(np.float32)
    difference *= difference
    if meet:
        off = np.abs(np.arange(width) - width // 2) > 1
        difference[:, 0, off] = difference[:, -1, off] = _FAR
    path = _seams(difference)
    across = np.arange(width, dtype=np.float32)
    weight = np.clip((across - path[:, :, None]) / np.float32(FEATHER) + np.float32(0.5), 0, 1)
    # At the overlap's edges each side must be alone, wherever the cut runs.
    ramp = np.clip(np.minimum(across, across[::-1]) / FEATHER, 0, 1)
    weight *= ramp
    weight += (across > width / 2) * (1 - ramp)
    weight = weight.reshape(-1, width)
    return cv2.blendLinear(left, right, 1 - weight, weight).reshape(before.shape).astype(np.uint8)


def compose(image: Image, plan: Plan) -> Image:
    """Lay and cut the blocks of a plan; return the torus."""
    turned = variants(image)
    size, lap, step = plan.block, plan.overlap, plan.step
    rows, columns = len(plan.blocks), len(plan.blocks[0])
    strips = np.empty((rows, size, columns, step, 3), np.uint8)
    for r, row in enumerate(plan.blocks):
        for c, (v, x, y) in enumerate(row):
            strips[r, :, c] = turned[v][y : y + size, x : x + step]
    ends = [
        [turned[v][y : y + size, x + step : x + size] for v, x, y in row] for row in plan.blocks
    ]
    before = np.roll(np.array(ends), 1, axis=1).reshape(-1, size, lap, 3)
    after = strips[:, :, :, :lap].transpose(0, 2, 1, 3, 4).reshape(-1, size, lap, 3)
    joined = _join(before, after).reshape(rows, columns, size, lap, 3)
    strips[:, :, :, :lap] = joined.transpose(0, 2, 1, 3, 4)
    # Now from strip to strip, in pieces as long as a step, whose cuts meet in the middle.
    above = np.roll(strips, 1, axis=0)[:, step:].transpose(0, 2, 3, 1, 4).reshape(-1, step, lap, 3)
    below = strips[:, :lap].transpose(0, 2, 3, 1, 4).reshape(-1, step, lap, 3)
    joined = _join(above, below, meet=True).reshape(rows, columns, step, lap, 3)
    strips[:, :lap] = joined.transpose(0, 3, 1, 2, 4)
    return strips[:, :step].reshape(rows * step, columns * step, 3)


def search(image: Image, rows: int, columns: int, *, block: int, overlap: int, seed: int) -> Plan:
    """Find blocks that agree with their neighbours; takes about a minute for 500 blocks."""
    rng = np.random.default_rng(seed)
    small = [
        cv2.resize(v, None, fx=1 / _REDUCE, fy=1 / _REDUCE, interpolation=cv2.INTER_AREA)
        for v in variants(image)
    ]
    b, o = block // _REDUCE, overlap // _REDUCE
    step = b - o
    canvas = np.zeros((rows * step + o, columns * step + o, 3), np.uint8)
    used = [np.zeros((s.shape[0] - b + 1, s.shape[1] - b + 1), np.float32) for s in small]
    centres = _centres(small[0].shape[0], b)
    plan: list[list[tuple[int, int, int]]] = []
    for r in range(rows):
        plan.append([])
        for c in range(columns):
            mask = np.zeros((b, b, 3), np.uint8)
            edges: list[tuple[bool, Any]] = [
                (c > 0, np.s_[:, :o]),
                (c == columns - 1, np.s_[:, -o:]),
            ]
            edges += [(r > 0, np.s_[:o]), (r == rows - 1, np.s_[-o:])]
            for there, where in edges:
                if there:
                    mask[where] = 1
            area = np.s_[r * step : r * step + b, c * step : c * step + b]
            around = [plan[-1][-1]] if c else []
            if r:
                around += plan[-2][max(c - 1, 0) : c + 2]
            unwanted = [u + _mirrored(i, centres, around, b) for i, u in enumerate(used)]
            v, x, y = _best(small, unwanted, canvas[area], mask, rng)
            _use(used, v, x, y)
            canvas[area] = np.where(mask > 0, canvas[area], small[v][y : y + b, x : x + b])
            if c == 0:  # what the last column must meet
                canvas[area[0], -o:] = canvas[area[0], :o]
            if r == 0:
                canvas[-o:, area[1]] = canvas[:o, area[1]]
            plan[-1].append((v, x * _REDUCE, y * _REDUCE))
    return Plan(block, overlap, plan)


def _best(
    small: list[Image],
    unwanted: list[Floats],
    wanted: Image,
    mask: Image,
    rng: np.random.Generator,
) -> tuple[int, int, int]:
    """Choose among the blocks that fit nearly best, those least used first."""
    pixels = max(int(mask[..., 0].sum()), 1)
    scores = []
    for image, uses in zip(small, unwanted, strict=True):
        if mask.any():
            found = cv2.matchTemplate(
                image.astype(np.float32),
                wanted.astype(np.float32),
                cv2.TM_SQDIFF,
                mask=mask.astype(np.float32),
            )
            score = np.sqrt(np.maximum(found, 0) / pixels / 3)
        else:
            score = np.zeros_like(uses)
        scores.append(score + uses + rng.random(uses.shape, np.float32) * 2)
    flat = [int(s.argmin()) for s in scores]
    v = int(np.argmin([s.flat[f] for s, f in zip(scores, flat, strict=True)]))
    y, x = divmod(flat[v], scores[v].shape[1])
    return v, x, y


def _centres(size: int, block: int) -> list[tuple[Floats, Floats]]:
    """For each variant: where in the micrograph the middle of each of its blocks lies."""
    x, y = np.meshgrid(*[np.arange(size, dtype=np.float32)] * 2)
    at = np.s_[block // 2 : size - block + 1 + block // 2]
    place = np.stack([x, y], axis=2)
    return [(v[at, at, 0], v[at, at, 1]) for v in variants(place)]


def _mirrored(
    variant: int,
    centres: list[tuple[Floats, Floats]],
    around: list[tuple[int, int, int]],
    block: int,
) -> Floats:
    """Mark blocks that show what a neighbour shows, but turned: eyes find such butterflies."""
    x, y = centres[variant]
    marks = np.zeros_like(x)
    for other, left, top in around:
        if other != variant:
            xs, ys = centres[other]
            i, j = top // _REDUCE, left // _REDUCE
            marks += (np.hypot(x - xs[i, j], y - ys[i, j]) < 0.9 * block) * np.float32(18)
    return marks


def _use(used: list[Floats], v: int, x: int, y: int) -> None:
    """Make the block and those near it less wanted."""
    near = max(used[v].shape) // 6
    for uses in used:
        uses[max(y - near, 0) : y + near, max(x - near, 0) : x + near] += 0.25
    used[v][max(y - 6, 0) : y + 7, max(x - 6, 0) : x + 7] += 6


def main() -> None:
    """Search the plan of the tissue slide and write it."""
    image = cv2.imread(str(SLIDES / "ihc.png"), cv2.IMREAD_COLOR)
    assert image is not None  # noqa: S101 - it lies beside this module
    plan = search(image.astype(np.uint8), 20, 28, block=224, overlap=64, seed=7)
    plan.save(SLIDES / "tissue.json")


if __name__ == "__main__":
    main()
