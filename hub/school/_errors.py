"""What can go wrong in the school."""

from hub.errors import N_, Conflict, Forbidden, Invalid


class BadName(Invalid):
    """A name or title is empty, too long or made of what cannot be shown.

    `params` carry `field` (which one) and `limit` (the most characters).
    """

    code = "bad-name"
    title = N_("This name or text cannot be used.")
    hint = N_("Write 1 to {limit} letters, digits or signs.")


class WrongCode(Forbidden):
    """The six digits or the sign-in code fit nothing that is open now."""

    code = "wrong-code"
    title = N_("This code is not right, or no longer good.")
    hint = N_("Look at the code again, or ask for a new one.")


class SeatTaken(Conflict):
    """Somebody sits there. `params` carry `seat`."""

    code = "seat-taken"
    title = N_("Somebody sits there already.")
    hint = N_("Choose another seat, or ask your teacher.")


class LessonEnded(Conflict):
    """The lesson is over."""

    code = "lesson-ended"
    title = N_("This lesson has ended.")
    hint = N_("Start a new lesson.")
