"""The scale of a kept picture."""

import math

from hub.plugin import Asset


def scale_of(asset: Asset) -> float | None:
    """Return micrometres of the specimen to one pixel of the asset's full size; None: not known.

    Captures are kept with the scale they were taken at (`info["scale"]`); what is made from them
    carries it on where it still holds. Anything else there is no scale.
    """
    said = asset.info.get("scale")
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    return float(said) if math.isfinite(said) and said > 0 else None
