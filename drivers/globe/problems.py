"""What is wrong with a pen that speaks and is not understood."""

from hub.device import N_, DeviceError, Problem, Severity

MOST_SENSELESS = 5
"""So many in a row that make no sense are not a bad moment any more."""

NOT_UNDERSTOOD = Problem(
    code="pen-not-understood",
    title=N_("The pen speaks, but not as its settings say."),
    hint=N_(
        "Check its baud rate and pattern on the device's page; a recording shows what it says."
    ),
    severity=Severity.WARNING,
)


class NotSaidYet(DeviceError):
    """No pen has spoken of it since it was connected."""

    code = "pen-not-said-yet"
    title = N_("The pen has not spoken of it yet.")
    hint = N_("Touch the globe once.")
