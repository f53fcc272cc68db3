"""A film's storyboard: what is shown, in which order, with which words."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from hub.plugin import Body, IdField
from plugins.microscopy.film.plan import LANGUAGES, Language

MOST_ITEMS = 100
MOST_SECONDS = 900.0
Line = Annotated[str, Field(max_length=200)]
Seconds = Annotated[float, Field(ge=0.5, le=120, allow_inf_nan=False)]


class Words(Body):
    """The same words in the three languages; empty where there are none."""

    kk: Line = ""
    ru: Line = ""
    en: Line = ""

    def of(self, language: Language) -> str:
        """Return them in this language, else in the first one that has some."""
        said: dict[str, str] = self.model_dump()
        return said[language] or next((said[each] for each in LANGUAGES if said[each]), "")


class Item(Body):
    """One thing that is shown: a picture, a video, or (without an asset) a card with a title."""

    asset: IdField | None = Field(None, description="A picture or video; null for a card.")
    seconds: Seconds = Field(4.0, description="How long; of a video at most its own length.")
    begin: float = Field(
        0.0, ge=0, le=3600, allow_inf_nan=False, description="Where in a video to begin, seconds."
    )
    fade: float = Field(
        0.5, ge=0, le=3, allow_inf_nan=False, description="Seconds of cross-fade at its beginning."
    )
    bar: bool = Field(default=True, description="With a scale bar where the scale is known.")
    title: Words = Words()
    caption: Words = Words()


class Narration(Body):
    """What is heard: nothing, a recording, or the titles and captions spoken."""

    kind: Literal["none", "recording", "spoken"] = "none"
    asset: IdField | None = Field(None, description="The recording.")

    @model_validator(mode="after")
    def _whole(self) -> "Narration":
        if (self.kind == "recording") != (self.asset is not None):
            raise ValueError("a recording has an asset, the others have none")
        return self


class Storyboard(Body):
    """All of a film."""

    model_config = ConfigDict(extra="forbid")

    language: Language = "kk"
    items: list[Item] = Field(default_factory=list, max_length=MOST_ITEMS)
    narration: Narration = Narration()

    @model_validator(mode="after")
    def _not_too_long(self) -> "Storyboard":
        if sum(item.seconds for item in self.items) > MOST_SECONDS:
            raise ValueError(f"a film has at most {MOST_SECONDS:g} seconds")
        return self

    def assets(self) -> list[str]:
        """Return the ids of all assets in it, each once."""
        wanted = [item.asset for item in self.items] + [self.narration.asset]
        return list(dict.fromkeys(one for one in wanted if one is not None))
