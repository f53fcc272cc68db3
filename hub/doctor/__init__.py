"""What is missing or wrong on this computer, and how to mend it: one finding a check.

A check is a function that is given what it looks at, so that each of its answers can be shown by a
test; `examine` gives them this computer. None of them needs root, and none changes anything.
"""

from hub.doctor._examine import ask_the_hub, examine, settings_of
from hub.doctor._finding import Finding, Status
from hub.doctor._hub import Ask, NotTold

__all__ = ["Ask", "Finding", "NotTold", "Status", "ask_the_hub", "examine", "settings_of"]
