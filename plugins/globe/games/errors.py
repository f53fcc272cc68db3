"""Why a game cannot go on as asked."""

from hub.errors import N_, HubError


class NoLessonForGame(HubError):
    """Games belong to a lesson, and none runs."""

    code = "no-lesson-to-play-in"
    status = 409
    title = N_("Activities belong to a lesson, and none is running.")
    hint = N_("Start a lesson first.")


class NotAsked(HubError):
    """The question is not the one that is asked now."""

    code = "globe-question-over"
    status = 409
    title = N_("This question is over.")
    hint = N_("Look at the question that is asked now.")
