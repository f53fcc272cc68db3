"""Making new pictures of pictures, and counting what is in them."""

from plugins.microscopy.processing.emptiness import EmptyFields
from plugins.microscopy.processing.field_routes import make_field_router
from plugins.microscopy.processing.live import LiveScores
from plugins.microscopy.processing.objects import CountedObjects
from plugins.microscopy.processing.routes import make_router
from plugins.microscopy.processing.service import Processing

__all__ = [
    "CountedObjects",
    "EmptyFields",
    "LiveScores",
    "Processing",
    "make_field_router",
    "make_router",
]
