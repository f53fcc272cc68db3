"""What is noted in the audit log has words: people read sentences there, not codes."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from hub.audit_words import WORDS
from hub.plugins import GROUP, OURS
from plugins.printing.jobs.states import Step

ROOT = Path(__file__).parents[2]
ACTION = re.compile(r"[a-z]+(\.[a-z-]+)+\Z")
NOTING = ("record", "note")
PRINTING = ("record_printer", "note")
"""These put `printing.` before what they are given."""


def parts() -> dict[str, dict[str, str]]:
    """Return the words of the kernel and of each of our plugins, by folder."""
    found = {"hub": dict(WORDS)}
    for point in entry_points(group=GROUP):
        if point.dist is not None and point.dist.name == OURS:
            plugin = point.load()
            found[f"plugins/{plugin.id}"] = dict(plugin.audited)
    return found


def noted(folder: str) -> Iterator[str]:
    """Yield the actions that the code of a folder notes."""
    for path in (ROOT / folder).rglob("*.py"):
        if "node_modules" in path.parts:
            continue
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            texts = [
                one.value
                for one in call.args
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            if name in NOTING:
                yield from (text for text in texts if ACTION.match(text))
            # What the hub itself does with a job is in its history only: no `by`.
            if folder == "plugins/printing" and name in PRINTING and len(call.args) > 3:
                yield from (f"printing.{text}" for text in texts if "." not in text)


@pytest.mark.parametrize("folder", parts())
def test_each_action_that_is_noted_has_words_and_there_are_no_others(folder):
    words = parts()[folder]
    actions = set(noted(folder))
    if folder == "plugins/printing":
        actions |= {f"printing.{step}" for step in Step}
    if folder == "hub":
        # In SQL, before there is a hub.
        assert "'backup.restore'" in (ROOT / "hub/keeping/_restore.py").read_text()
        actions.add("backup.restore")
    assert actions <= set(words)
    # What is put together of parts, such as f"panel.{verb}", is not found above: its verb is. What is
    # chosen before it is noted stands somewhere besides its words.
    code = " ".join(p.read_text() for p in (ROOT / folder).rglob("*.py"))
    for action in set(words) - actions:
        verb = action.rpartition(".")[2]
        assert f'"{verb}"' in code or code.count(f'"{action}"') > 1, f"nothing notes {action}"


async def test_the_log_is_read_in_the_readers_language(hub, client):
    engineer = await client("engineer")
    for language, words in (("en", "was started"), ("ru", "запуск"), ("kk", "іске қосылды")):
        answer = await engineer.get(
            "/api/v1/audit", params={"action": "hub.start"}, headers={"Accept-Language": language}
        )
        assert answer.json()["items"][0]["said"] == words
