"""What can be wrong with what is to be shown."""

from hub.errors import N_, Conflict, HubError


class BadMaterial(HubError):
    """The file is none of those that can be shown, or broken."""

    code = "bad-material"
    status = 422
    title = N_("This file cannot be shown on the class's screen.")
    hint = N_("Send a PDF without a password, or a 3D model as GLB or STL.")


class ModelNeedsMore(BadMaterial):
    """The model is packed in a way that pages do not unpack, or needs other files."""

    code = "model-needs-more"
    title = N_("This 3D model is compressed, or needs other files.")
    hint = N_("Save it again as one GLB file, with its pictures inside and without compression.")


class TooHeavy(BadMaterial):
    """It has more pages, parts or triangles than a classroom's computer shows."""

    code = "material-too-heavy"
    status = 413
    title = N_("This file is too large for the class's screen.")
    hint = N_("Make it simpler: at most 300 pages, 500 parts and two million triangles.")


class NoSuchPage(HubError):
    """The PDF has fewer pages."""

    code = "no-such-page"
    status = 404
    title = N_("The file has no such page.")
    hint = N_("Choose one of its pages.")


class NoLessonToKeepWith(Conflict):
    """No lesson runs with which a result could be kept, or several do."""

    code = "no-lesson-to-keep-with"
    title = N_("The result is not kept: no lesson runs, or more than one.")
    hint = N_("Start a lesson first.")


class NotTheTask(Conflict):
    """The class's screen tells of a task that it does not show."""

    code = "not-the-task"
    title = N_("The class's screen shows another task.")
    hint = N_("Nothing is to be done: the screen goes on with the task that it shows.")
