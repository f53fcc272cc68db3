"""Pictures, clips, models and whatever else a lesson makes. See `Assets`."""

from hub.assets._assets import LARGEST, TITLE_LIMIT, Assets, NoLesson
from hub.assets._inspect import BadPicture, Inspected, PictureTooLarge, inspect
from hub.assets._intake import Also
from hub.assets._outline import Outline
from hub.assets._queries import Which
from hub.assets._thumbnails import SIZES, NoThumbnail
from hub.assets._values import FOR_PEOPLE, Asset
from hub.store.tables import AssetRow

__all__ = [
    "FOR_PEOPLE",
    "LARGEST",
    "SIZES",
    "TITLE_LIMIT",
    "Also",
    "Asset",
    "AssetRow",
    "Assets",
    "BadPicture",
    "Inspected",
    "NoLesson",
    "NoThumbnail",
    "Outline",
    "PictureTooLarge",
    "Which",
    "inspect",
]
