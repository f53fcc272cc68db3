"""What a printer asks the people before it, told line by line.

Source: Marlin 2.1, `host_actions.cpp`; the lines are those of OctoPrint's "Action Command Prompt":
`prompt_begin <text>`, `prompt_choice <text>` or `prompt_button <text>` for each, `prompt_show`,
`prompt_end`.
"""

from drivers.printer.values import Prompt

MOST_CHOICES = 8


class Prompts:
    """The question that is being told, and the one that is shown."""

    def __init__(self) -> None:
        self.shown = Prompt()
        self._message = ""
        self._choices: list[str] = []

    def take(self, word: str, text: str) -> bool:
        """Take a line; returns whether what is shown is another now."""
        before = self.shown
        if word == "prompt_begin":
            self._message, self._choices = text[:200] or "?", []
        elif word in ("prompt_choice", "prompt_button"):
            if len(self._choices) < MOST_CHOICES:
                self._choices.append(text[:60])
        elif word == "prompt_show":
            self.shown = Prompt(message=self._message, choices=self._choices)
        elif word == "prompt_end":
            self.shown = Prompt()
        return self.shown != before
