"""The room's pens as one pen of this computer, for programs that know nothing of the hub."""

from plugins.tablets.pen_out.out import PenOut
from plugins.tablets.pen_out.settings import TabletsSettings

__all__ = ["PenOut", "TabletsSettings"]
