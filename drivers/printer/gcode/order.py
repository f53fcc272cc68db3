"""By which policy a print is judged and sent: one truth for the teacher's page and the driver.

What a teacher is shown as left out was found by one policy as it stood then. Its mark travels with
the print (`PrintOrder.policy`): the driver sends by that very policy, or not at all.
"""

from typing import Final

from drivers.printer.gcode.policy import Policy, load_policies
from hub.errors import N_, Conflict, HubError

MARK: Final = r"^([a-z][a-z0-9-]{0,40}@[0-9a-f]{12})?$"
"""What a policy's mark looks like: its name, and a sum of its rules; empty for none."""


class NoSuchPolicy(HubError):
    """A printer is set to a policy that the table does not have."""

    code = "no-such-policy"
    status = 422
    title = N_("There is no G-code policy “{policy}”.")
    hint = N_("Set one of these for the printer: {known}.")


class PolicyChanged(Conflict):
    """The table of policies is not the one any more by which a file was judged."""

    code = "policy-changed"
    title = N_("The rules for this printer's G-code were changed meanwhile.")
    hint = N_("Print the job again: then it is looked through by the new rules.")


def policy_named(name: str) -> Policy:
    """Return a policy. Raises `NoSuchPolicy`."""
    policies = load_policies()
    if name not in policies:
        raise NoSuchPolicy(name, policy=name, known=", ".join(sorted(policies)))
    return policies[name]


def policy_for(mark: str, usual: str) -> Policy:
    """Return the policy by which a print goes.

    Args:
        mark: of the policy by which the file was judged; empty where nobody has judged it.
        usual: the name of the printer's own, for such files.

    Raises:
        NoSuchPolicy: there is none of that name.
        PolicyChanged: its rules are others now.
    """
    policy = policy_named(mark.partition("@")[0] or usual)
    if mark and policy.mark != mark:
        raise PolicyChanged(f"judged by {mark}, now {policy.mark}")
    return policy
