"""Why a quiz cannot be changed or played so."""

from hub.errors import N_, Conflict


class NoLessonToPlayIn(Conflict):
    """No lesson runs that the caller is in: there is nothing with which results are kept."""

    code = "no-lesson-to-play-in"
    title = N_("Activities belong to a lesson, and none is running.")
    hint = N_("Start a lesson first.")


class QuizChanged(Conflict):
    """Somebody else changed the quiz meanwhile."""

    code = "quiz-changed"
    title = N_("Somebody else has just changed this quiz.")
    hint = N_("Open it again and make your change once more.")


class TooManyQuizzes(Conflict):
    """There are as many quizzes as the hub keeps."""

    code = "too-many-quizzes"
    title = N_("There are too many quizzes.")
    hint = N_("Delete some that nobody plays any more.")


class NotNow(Conflict):
    """The game is at another question, is over, or the team has answered already."""

    code = "not-now"
    title = N_("The game is further on already.")
    hint = N_("Look at the question that is on the table now.")
