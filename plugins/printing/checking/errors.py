"""Why a file is not taken for a model at all. What is wrong with a model stands in `words`."""

from hub.errors import N_, HubError


class BadModel(HubError):
    """A file that cannot be checked; its kinds say why."""

    code = "bad-model"
    status = 422
    title = N_("This file cannot be read as a 3D model.")
    hint = N_("Open it in the program where you made it and export it once more as STL or 3MF.")


class EmptyModel(BadModel):
    """There is nothing in the file, or no surface in the model."""

    code = "model-empty"
    title = N_("There is nothing to print in this file.")
    hint = N_("Open your model, make sure that the shape is there, and export it once more.")


class WebPage(BadModel):
    """The file is HTML: somebody saved the page in place of the model."""

    code = "model-is-web-page"
    title = N_("This is a web page, not a model.")
    hint = N_(
        "On the page where you found the model press its download button, and send that file."
    )


class NotAModel(BadModel):
    """The content is of no kind that is read here, whatever the name says."""

    code = "not-a-model"
    title = N_("This file is not a 3D model.")
    hint = N_("Export your model as STL, 3MF, OBJ, PLY or GLB and send that file.")


class GcodeIsNoModel(NotAModel):
    """The file holds G-code: commands for a printer."""

    code = "model-is-gcode"
    title = N_("This file holds commands for a printer, not a model.")
    hint = N_("Send the model itself, or ask your teacher about printing finished G-code.")


class TruncatedModel(BadModel):
    """The file ends before what it announces."""

    code = "model-truncated"
    title = N_("The end of this file is missing.")
    hint = N_("It was not saved or copied to the end. Export or download it once more.")


class AbsurdCoordinates(BadModel):
    """Coordinates are not numbers, or farther than a kilometre."""

    code = "model-absurd-numbers"
    title = N_("Some points of this model lie nowhere: their numbers make no sense.")
    hint = N_("Export the model once more. If it stays so, build the shape anew in a new file.")


class TooManyTriangles(BadModel):
    """More triangles than are worked on here."""

    code = "model-too-detailed"
    title = N_("This model is too detailed: it has more than {most} triangles.")
    hint = N_("Export it with a lower resolution. The printer cannot show finer detail anyway.")


class ModelTooLarge(BadModel):
    """The file, or what it unpacks to, is larger than is read here."""

    code = "model-file-too-large"
    title = N_("This file is too large.")
    hint = N_("Export it with a lower resolution, or as 3MF, which is smaller.")


class PackedTooTightly(BadModel):
    """A 3MF whose parts unpack to far more than a model's do."""

    code = "model-packed-strangely"
    title = N_("This 3MF file is packed in a way that no model is.")
    hint = N_("Export your model once more from the program where you made it.")


class NeedsOtherFiles(BadModel):
    """The shape, or a part of it, is in another file or at an address."""

    code = "model-needs-other-files"
    title = N_("A part of this model is in another file.")
    hint = N_("Export everything into one file: STL or 3MF.")


class UnsupportedModel(BadModel):
    """A way of saving a model that is not read here: compressed, encrypted, of curves."""

    code = "model-kind-unsupported"
    title = N_("This model is saved in a way that the hub cannot read.")
    hint = N_("Export it as a plain STL or 3MF, without compression or a password.")


class NothingToRepair(HubError):
    """A repair was asked for, and there is nothing that it could mend safely."""

    code = "nothing-to-repair"
    status = 409
    title = N_("There is nothing here that the hub can repair safely.")
    hint = N_("Look at the places that are marked, and mend them in your program.")
