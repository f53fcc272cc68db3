"""Pictures, clips, models and whatever else a lesson makes. See `Assets`."""

from hub.assets._assets import LARGEST, TITLE_LIMIT, Assets
from hub.assets._inspect import BadPicture, Inspected, PictureTooLarge, inspect
from hub.assets._intake import Also
from hub.assets._thumbnails import SIZES, NoThumbnail
from hub.assets._values import Asset
from hub.store.tables import AssetRow

__all__ = [
    "LARGEST",
    "SIZES",
    "TITLE_LIMIT",
    "Also",
    "Asset",
    "AssetRow",
    "Assets",
    "BadPicture",
    "Inspected",
    "NoThumbnail",
    "PictureTooLarge",
    "inspect",
]
