"""What can go wrong when a microscope is calibrated."""

from hub.errors import N_, Conflict, Invalid, Unsupported


class NoRuling(Invalid):
    """There is no ruling in the picture, or none that can be told from something else."""

    code = "no-ruling"
    title = N_("No ruling was found in the picture.")
    hint = N_(
        "Focus on the lines of the stage micrometer until they are sharp, with at least six of them"
        " in the picture, or set two points by hand."
    )


class LinesTooClose(Invalid):
    """Only every fifth or tenth line of the ruling can be told apart."""

    code = "lines-too-close"
    title = N_("The finest lines of the ruling run into each other.")
    hint = N_("Set two points by hand on the long lines, or choose a higher resolution.")


class BadPoints(Invalid):
    """Two points and a length give no scale."""

    code = "bad-points"
    title = N_("These two points give no scale.")
    hint = N_(
        "Set the points far apart, both inside the picture, and enter the length between them."
    )


class BadPicture(Unsupported):
    """The picture cannot be read, or is too large to look through."""

    code = "bad-picture"
    title = N_("The picture could not be read.")
    hint = N_("Wait for the next picture and try again.")


class CalibratedMeanwhile(Conflict):
    """Somebody else has calibrated the objective since the caller looked."""

    code = "calibrated-meanwhile"
    title = N_("Somebody else has just calibrated this objective.")
    hint = N_("Look at the new scale; calibrate again only if it is not right.")


class ObjectivesChanged(Conflict):
    """Somebody else has changed the list of objectives since the caller read it."""

    code = "objectives-changed"
    title = N_("Somebody else has changed the objectives meanwhile.")
    hint = N_("Look at the list as it is now, then make your change again.")


class TellsObjective(Conflict):
    """The microscope says itself which objective is in use."""

    code = "tells-objective"
    title = N_("This microscope says itself which objective is in use.")
    hint = N_("Turn the objective at the microscope, or choose it in the controls.")


class UnknownObjective(Invalid):
    """The objective is not one of this microscope's."""

    code = "unknown-objective"
    title = N_("This microscope has no such objective.")
    hint = N_("Add the objective to the list of the microscope first.")


class TooManyObjectives(Invalid):
    """More objectives than a microscope has, or two of the same name."""

    code = "bad-objectives"
    title = N_("This list of objectives cannot be kept.")
    hint = N_("Give every objective a name of its own, twelve at most.")
