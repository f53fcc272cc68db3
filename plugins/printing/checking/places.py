"""Places for the preview: a bounded choice, spread over all that there are."""

from typing import Any

import numpy as np

from plugins.printing.checking.verdict import MOST_PLACES, Places


def points(found: Any) -> Places:
    """List N x 3 points."""
    return Places(points=_listed(found), total=len(found))


def edges(vertices: Any, found: Any) -> Places:
    """List edges given as N x 2 points' places."""
    some = _some(found)
    return Places(edges=_listed(vertices[some].reshape(-1, 6)), total=len(found))


def triangles(mesh: Any, found: Any) -> Places:
    """List triangles given by their places."""
    some = _some(found)
    corners = mesh.vertices[mesh.faces[some]].reshape(-1, 9)
    return Places(triangles=_listed(corners), total=len(found))


def _some(found: Any) -> Any:
    if len(found) <= MOST_PLACES:
        return found
    return found[np.linspace(0, len(found) - 1, MOST_PLACES).astype(int)]


def _listed(rows: Any) -> list[list[float]]:
    return np.round(_some(rows), 4).tolist()  # type: ignore[no-any-return]
