"""The letters that are drawn into pictures and films: of the distribution; Pillow's have no Kazakh.

DejaVu Sans (package `fonts-dejavu-core`) has all letters of Kazakh, Russian and English.
"""

from pathlib import Path

from PIL import ImageFont

from hub.errors import N_, HubError

FOLDER = Path("/usr/share/fonts/truetype")
BOLD = (
    "dejavu/DejaVuSans-Bold.ttf",
    "dejavu/DejaVuSans.ttf",
    "noto/NotoSans-Bold.ttf",
    "noto/NotoSans-Regular.ttf",
    "liberation/LiberationSans-Bold.ttf",
)
REGULAR = ("noto/NotoSans-Regular.ttf", "dejavu/DejaVuSans.ttf")


class NoFont(HubError):
    """No font with the letters of our languages is installed."""

    code = "no-font"
    status = 503
    title = N_("The hub's computer has no letters to write into pictures.")
    hint = N_("Install the package fonts-dejavu-core on the hub's computer.")


def font_file(names: tuple[str, ...]) -> Path:
    """Return the first of these files that is installed. Raises `NoFont`."""
    for name in names:
        file = FOLDER / name
        if file.is_file():
            return file
    raise NoFont(f"none of {', '.join(names)} in {FOLDER}")


def font(size: int) -> ImageFont.FreeTypeFont:
    """Return letters that are read on any picture, `size` pixels high. Raises `NoFont`."""
    # The simple layout is the same with and without libraqm, and enough for our languages.
    return ImageFont.truetype(font_file(BOLD), size, layout_engine=ImageFont.Layout.BASIC)
