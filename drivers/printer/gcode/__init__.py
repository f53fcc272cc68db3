"""What may be in a file of G-code: read, judged by a printer's policy, and what it says of itself.

At the contract's level: the printing plugin judges files as they come, and drivers what they send,
by the very same table. Nothing here loads more than Python's own library.
"""

from drivers.printer.gcode.commands import command_of, is_layer, word_of
from drivers.printer.gcode.facts import Facts
from drivers.printer.gcode.order import (
    MARK,
    NoSuchPolicy,
    PolicyChanged,
    policy_for,
    policy_named,
)
from drivers.printer.gcode.policy import DEFAULT, Policies, Policy, PolicyError, load_policies
from drivers.printer.gcode.reasons import REASONS, Words
from drivers.printer.gcode.scanning import (
    GcodeRefused,
    Limits,
    Refusal,
    Scan,
    Stripped,
    scan,
    write_clean,
)

__all__ = [
    "DEFAULT",
    "MARK",
    "REASONS",
    "Facts",
    "GcodeRefused",
    "Limits",
    "NoSuchPolicy",
    "Policies",
    "Policy",
    "PolicyChanged",
    "PolicyError",
    "Refusal",
    "Scan",
    "Stripped",
    "Words",
    "command_of",
    "is_layer",
    "load_policies",
    "policy_for",
    "policy_named",
    "scan",
    "word_of",
    "write_clean",
]
