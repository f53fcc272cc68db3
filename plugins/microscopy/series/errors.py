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


class MicroscopeMoves(Conflict):
    """A stack or a mosaic is being taken: whatever else is taken would show the movement."""

    code = "microscope-moves"
    title = N_("This microscope is moving for a stack or a mosaic, or takes something else.")
    hint = N_("Wait until it is over, or stop it.")


class NoDrivenFocus(Conflict):
    """The focus is moved by hand only."""

    code = "no-driven-focus"
    title = N_("The focus of this microscope cannot be moved from here.")
    hint = N_("Take the pictures step by step: turn the fine focus a little before each.")


class NoDrivenStage(Conflict):
    """The slide is moved by hand only."""

    code = "no-driven-stage"
    title = N_("The stage of this microscope cannot be moved from here.")
    hint = N_("Take the pictures step by step: move the slide before each.")


class ScaleUnknown(Conflict):
    """How far the stage must go is not known, since the width of the picture is not."""

    code = "scale-unknown"
    title = N_("The scale is not known, so the hub cannot tell how far to move.")
    hint = N_("Calibrate the objective, or take the pictures step by step.")


class NotFocused(HubError):
    """Autofocus was asked for first and found nothing."""

    code = "not-focused"
    status = 502
    title = N_("The microscope could not focus by itself, so nothing was taken.")
    hint = N_("Focus by hand, then begin again without it.")
