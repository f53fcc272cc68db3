"""Why a class may not print a job."""

from hub.errors import N_, Conflict


class ClassUsedItsFilament(Conflict):
    """With this job the class would use more grams than it may."""

    code = "quota-grams"
    title = N_("This class has used its filament: {used} of {most} g, and this job needs {more} g.")
    hint = N_("Print it later, or give the class more under “Limits for classes”.")


class ClassUsedItsTime(Conflict):
    """With this job the class would print longer than it may."""

    code = "quota-minutes"
    title = N_(
        "This class has used its printing time: {used} of {most} min; this job needs {more} min."
    )
    hint = N_("Print it later, or give the class more under “Limits for classes”.")


class PrintsTooLong(Conflict):
    """The job takes longer than one print of this class may."""

    code = "quota-longest"
    title = N_("This print takes {more} min; {most} min is the most for this class.")
    hint = N_("Make it smaller or coarser, or print it in parts.")


class SpoolInUse(Conflict):
    """The spool is on a printer."""

    code = "spool-in-use"
    title = N_("This spool is in a printer.")
    hint = N_("Say first which spool is in that printer now.")
