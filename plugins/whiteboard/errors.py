"""What can go wrong at a board, in words that say what to do."""

from hub.errors import Conflict, Invalid, TooMany
from hub.plugin import N_, HubError


class BoardLocked(HubError):
    """The board, or the author's layer, is locked, or the lesson is over."""

    code = "board-locked"
    status = 403
    title = N_("Nobody draws on this board now.")
    hint = N_("Wait until your teacher lets you draw again.")


class BadUpdate(Invalid):
    """What came is no update of a board's document."""

    code = "bad-update"
    title = N_("What your page has sent is no drawing.")
    hint = N_("Reload the page.")


class TooMuch(TooMany):
    """More is drawn than the hub takes, or the document is full."""

    code = "too-much"
    title = N_("This is more than fits on the board.")
    hint = N_("Draw on a new board, or erase what is no longer needed.")


class TooManyBoards(TooMany):
    """A lesson has as many boards, or a board as many pages or authors, as it may have."""

    code = "too-many-boards"
    title = N_("There are too many of them already.")
    hint = N_("Delete one that is no longer needed.")


class NoLesson(Conflict):
    """No lesson is named and none runs that could be meant."""

    code = "no-lesson"
    title = N_("A board belongs to a lesson, and none is running.")
    hint = N_("Start a lesson first.")


class LastPage(Conflict):
    """A board has at least one page."""

    code = "last-page"
    title = N_("This is the board's only page.")
    hint = N_("Add another page first, or clear this one.")
