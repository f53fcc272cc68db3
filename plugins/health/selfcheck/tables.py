"""The checks that were made."""

from sqlalchemy.orm import Mapped, mapped_column

from plugins.health.tables import Base


class CheckRow(Base):
    """One check of all devices.

    `by` is the id of whoever asked for it, empty for the timetable; `results` is a JSON array, its
    titles and hints message ids.
    """

    __tablename__ = "health_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    began: Mapped[float]
    ended: Mapped[float]
    by: Mapped[str]
    status: Mapped[str]
    results: Mapped[str]
