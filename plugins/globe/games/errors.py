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


class NotPressed(HubError):
    """In a game where the first answers, nobody has pressed."""

    code = "globe-press-first"
    status = 409
    title = N_("Nobody has pressed yet.")
    hint = N_("Press your field first, then answer.")


class OtherAnswers(HubError):
    """Another player was first."""

    code = "globe-other-answers"
    status = 409
    title = N_("Another player was first.")
    hint = N_("Wait: if the answer is wrong, the others may press.")


class InTurn(HubError):
    """The players of this game do not press; they are asked in turn."""

    code = "globe-asked-in-turn"
    status = 409
    title = N_("In this game the players are asked in turn.")
    hint = N_("Begin a game in which the first answers.")
