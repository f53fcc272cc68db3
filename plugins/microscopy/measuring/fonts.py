"""The letters that are drawn into pictures: of the distribution, since Pillow's own have no Kazakh.

DejaVu Sans (package `fonts-dejavu-core`) has all letters of Kazakh, Russian and English.
"""

from pathlib import Path

from PIL import ImageFont

from hub.errors import N_, HubError

FOLDER = Path("/usr/share/fonts/truetype")
FILES = (
    "dejavu/DejaVuSans-Bold.ttf",
    "dejavu/DejaVuSans.ttf",
    "noto/NotoSans-Bold.ttf",
    "noto/NotoSans-Regular.ttf",
    "liberation/LiberationSans-Bold.ttf",
)


class NoFont(HubError):
    """No font with the letters of our languages is installed."""

    code = "no-font"
    status = 503
    title = N_("The hub's computer has no letters to write into pictures.")
    hint = N_("Install the package fonts-dejavu-core on the hub's computer.")


def font(size: int) -> ImageFont.FreeTypeFont:
    """Return the letters, `size` pixels high. Raises `NoFont`."""
    for name in FILES:
        file = FOLDER / name
        if file.is_file():
            # The simple layout is the same with and without libraqm, and enough for our languages.
            return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)
    raise NoFont(f"none of {', '.join(FILES)} in {FOLDER}")
