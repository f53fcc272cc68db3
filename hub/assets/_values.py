"""An asset as a value."""

from dataclasses import dataclass, field
from typing import Any

from hub.clock import rfc3339
from hub.store.tables import AssetRow

PICTURES = ("image/jpeg", "image/png")
FOR_PEOPLE = "image/*,video/*,audio/*"
"""What albums show and exports take along, as a query says it."""
VIDEOS = ("video/mp4",)


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing that was made, with its file.

    Attributes:
        media_type: such as `image/jpeg`.
        sha256: of its bytes.
        size: in bytes.
        width: in pixels, 0 where it has none or they are not known; `height` likewise.
        owner: a person's id, or a token's where a program made it.
        owner_name: for people; empty once the person is erased.
        lesson: in whose album it is.
        device: which device made it.
        derived_from: the asset that it was made from.
        created: seconds since the epoch.
        damaged: its file is gone or cut off.
        info: whatever its maker wants to say of it, JSON-ready.
        handed_in: when it was handed in to the teacher, None where it was not.
        answer: what was answered with it; for those who may edit it, not for the whole lesson.
        task: the sheet that it answers, None where the lesson had none when it was handed in.
        open: its whole lesson may see it: the teacher lets pupils see each other's pictures, or
            none of its pupils made it.
        keeper: the plugin whose working thing it is (a model that is to be printed, say): it is in
            no album, and that plugin says how long it stays. None for all others.
    """

    id: str
    media_type: str
    sha256: str
    size: int
    width: int
    height: int
    owner: str
    owner_name: str
    lesson: str | None
    device: str | None
    derived_from: str | None
    title: str
    note: str
    created: float
    damaged: bool = False
    info: dict[str, Any] = field(default_factory=dict)
    handed_in: float | None = None
    answer: str = ""
    task: str | None = None
    open: bool = False
    keeper: str | None = None

    @classmethod
    def of(cls, row: AssetRow) -> "Asset":
        """Return a row as a value."""
        said = {name: getattr(row, name) for name in cls.__slots__}
        return cls(**{**said, "open": bool(row.open)})  # of no lesson: null

    @property
    def is_picture(self) -> bool:
        """Tell whether it is a still picture."""
        return self.media_type in PICTURES

    @property
    def is_video(self) -> bool:
        """Tell whether it is a video; its first picture is its thumbnail."""
        return self.media_type in VIDEOS

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready data: the same in the API and on the bus, for all who view it."""
        here = f"/api/v1/assets/{self.id}"
        return {
            "id": self.id,
            "title": self.title,
            "note": self.note,
            "media_type": self.media_type,
            "sha256": self.sha256,
            "size": self.size,
            "width": self.width or None,
            "height": self.height or None,
            "owner": {"id": self.owner, "name": self.owner_name},
            "lesson": self.lesson,
            "device": self.device,
            "derived_from": self.derived_from,
            "created": rfc3339(self.created),
            "damaged": self.damaged,
            "handed_in": None if self.handed_in is None else rfc3339(self.handed_in),
            "task": self.task,
            "info": self.info,
            "links": {
                "content": f"{here}/content",
                "thumbnail": f"{here}/thumbnail" if self.is_picture or self.is_video else None,
            },
        }
