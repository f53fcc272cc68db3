"""Taking pictures along: ZIP, PNG and JPEG with scale bar, OME-TIFF, report sheets."""

from plugins.microscopy.exporting.routes import make_router
from plugins.microscopy.exporting.service import Exports

__all__ = ["Exports", "make_router"]
