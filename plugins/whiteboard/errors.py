"""What can go wrong at a board, in words that say what to do."""

from hub.errors import Conflict, Invalid, TooMany, Unsupported
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


class NothingToSave(HubError):
    """The board has no such page, or the caller may not see it."""

    code = "nothing-to-save"
    status = 404
    title = N_("This page of the board is not there.")
    hint = N_("Go back to the board and choose a page that is there.")


class ExportFull(HubError):
    """The disk is full; nothing is left of the file."""

    code = "storage-full"
    status = 507
    title = N_("The hub's disk is full.")
    hint = N_("Delete what is no longer needed, or tell the lab engineer.")


class NoLetters(HubError):
    """No font with the letters of our languages is installed."""

    code = "no-font"
    status = 503
    title = N_("The hub's computer has no letters to write notes with.")
    hint = N_("Install the package fonts-dejavu-core on the hub's computer.")


class NoPages(Unsupported):
    """A file of which no pages can be made."""

    code = "no-pages-of-this"
    title = N_("No pages can be made of this file.")
    hint = N_("Send a PDF, or a JPEG or PNG picture. Other documents: save them as PDF first.")


class BadPdf(Invalid):
    """The file is no PDF, or a page of it cannot be drawn."""

    code = "bad-pdf"
    title = N_("This PDF cannot be read.")
    hint = N_("Open it on your computer and save it as PDF once more, then send that.")


class LockedPdf(Invalid):
    """The file wants a password."""

    code = "locked-pdf"
    title = N_("This PDF is protected by a password.")
    hint = N_("Save it without a password, then send that.")


class TooManyPdfPages(HubError):
    """The file has more pages than a board takes at once."""

    code = "too-many-pdf-pages"
    status = 413
    title = N_("This PDF has too many pages.")
    hint = N_("Save at most {most} of its pages as a PDF of their own, then send that.")
