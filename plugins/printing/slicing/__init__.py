"""Slicing: from a model to G-code by a real slicer, and what any G-code holds.

Slicers are programs of the distribution (PrusaSlicer, CuraEngine; both under the AGPL) that are
started, never loaded. `work` runs in worker processes; everything else is light.
"""

from plugins.printing.slicing.errors import (
    NoSlicer,
    NothingToSlice,
    ProfileUnknown,
    SlicingFailed,
    SlicingTooLarge,
    TooBigToSlice,
    WishNotPossible,
)
from plugins.printing.slicing.profiles import MaterialFacts, ProfileFacts, Profiles, QualityFacts
from plugins.printing.slicing.service import (
    GcodeFacts,
    LayersFacts,
    Sliced,
    SlicerFacts,
    Slicing,
    limits_of,
)
from plugins.printing.slicing.wishes import SliceWishes

__all__ = [
    "GcodeFacts",
    "LayersFacts",
    "MaterialFacts",
    "NoSlicer",
    "NothingToSlice",
    "ProfileFacts",
    "ProfileUnknown",
    "Profiles",
    "QualityFacts",
    "SliceWishes",
    "Sliced",
    "SlicerFacts",
    "Slicing",
    "SlicingFailed",
    "SlicingTooLarge",
    "TooBigToSlice",
    "WishNotPossible",
    "limits_of",
]
