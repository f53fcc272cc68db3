"""What keeps a series from beginning, or from being whole."""

from hub.errors import N_, Conflict, HubError, TooMany


class SeriesRunning(Conflict):
    """One is running there already."""

    code = "series-running"
    title = N_("This microscope is already taking a clip or a burst.")
    hint = N_("Wait until it is over, or stop it.")


class TooManySeries(TooMany):
    """Somebody, or the class, has too many running."""

    code = "too-many-series"
    title = N_("Too many clips and time-lapses are running.")
    hint = N_("Stop one of them first.")


class CameraLost(HubError):
    """The pictures stopped coming before the end; what came before is kept."""

    code = "camera-lost"
    status = 502
    title = N_("The camera gave no more pictures before the end; what came before is kept.")
    hint = N_("Look at the camera's cable, then record again.")


class HubEnded(HubError):
    """The hub ended meanwhile; what came before is kept."""

    code = "hub-ended"
    status = 503
    title = N_("The hub was restarted meanwhile; what came before is kept.")
    hint = N_("Record again what is missing.")


class NothingKept(HubError):
    """Not a single picture is there."""

    code = "nothing-recorded"
    status = 502
    title = N_("Nothing was recorded.")
    hint = N_("Look whether the live picture is there, then try again.")


class NotMade(HubError):
    """The pictures came, but the video could not be made of them."""

    code = "video-not-made"
    status = 500
    title = N_("The video could not be made.")
    hint = N_("The hub tries again when it starts next; tell the lab engineer.")


class TooSlow(HubError):
    """The next picture was due before this one was kept."""

    code = "too-slow"
    status = 503
    title = N_("The computer was too busy to take every picture.")
    hint = N_("Choose a longer interval.")
