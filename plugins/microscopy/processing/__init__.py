"""Making new pictures of pictures, and counting what is in them."""

from plugins.microscopy.processing.live import LiveScores
from plugins.microscopy.processing.objects import CountedObjects
from plugins.microscopy.processing.routes import make_router
from plugins.microscopy.processing.service import Processing

__all__ = ["CountedObjects", "LiveScores", "Processing", "make_router"]
