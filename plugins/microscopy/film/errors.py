"""What keeps a film from being changed or made."""

from hub.errors import N_, Conflict, HubError
from hub.programs import ProgramMissing


class FilmChanged(Conflict):
    """Somebody else has changed the film since it was read."""

    code = "film-changed"
    title = N_("Somebody else has changed this film meanwhile.")
    hint = N_("Reload the page, then change it again.")


class SourceMissing(HubError):
    """A picture or video of the film is no longer there; `number` counts from 1, 0 is the sound."""

    code = "film-source-missing"
    status = 409
    title = N_("Something in this film is no longer there: number {number}.")
    hint = N_("Take it out of the film, then make the film again.")


class NothingToShow(HubError):
    """The film is empty."""

    code = "film-empty"
    status = 422
    title = N_("There is nothing in this film yet.")
    hint = N_("Add pictures or videos first.")


class EspeakMissing(ProgramMissing):
    """Films cannot be spoken."""

    code = "espeak-missing"
    title = N_("Speaking needs the program espeak-ng, which is not installed.")
    hint = N_("Ask the lab engineer to install it: sudo apt install espeak-ng")
