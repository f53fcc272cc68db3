"""`classhub completion`: what a shell reads to complete our commands."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


def script(command: click.Command, shell: str) -> str:
    """Return the completion script for a shell."""
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click has these three
    return found(command, {}, "classhub", "_CLASSHUB_COMPLETE").source()
