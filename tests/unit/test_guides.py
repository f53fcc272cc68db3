"""The guides for people name buttons as the pages do, in each language, and are called alike."""

import importlib.util
import json
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("kk", "ru", "en")
GUIDES = ("lesson", "engineer", "microscope", "printing")
SHORT = {"Қаз", "Рус", "Eng"}  # the languages' own names, which are no messages


def catalogues():
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "tools/catalogues.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def said() -> dict[str, list[str]]:
    """Everything that pages, plugins and drivers say, by language."""
    tool = catalogues()
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for area in tool.areas():
        for message in tool.messages(area):
            found["en"] += message if isinstance(message, tuple) else [message]
        for language in tool.LANGUAGES:
            for message in tool.catalogue(area, language):
                if message.id and message.string:
                    text = message.string
                    found[language] += text if isinstance(text, tuple) else [text]
    return found


def plain(words: str) -> str:
    return " ".join(words.split()).rstrip(".…:,!?").lower()


@cache
def known(language: str) -> tuple[set[str], re.Pattern[str]]:
    """The messages as they are, and those with places for numbers and names."""
    words = {plain(text) for text in said()[language] if "{" not in text}
    filled = [
        re.sub(r"\\\{\w+\\\}", ".+", re.escape(plain(text)))
        for text in said()[language]
        if "{" in text and len(re.sub(r"\{\w+\}|\W", "", text)) > 3
    ]
    return words, re.compile("|".join(filled))


def said_nowhere(text: str, language: str) -> list[str]:
    """The bold words of a guide that stand on no page."""
    words, filled = known(language)
    return [
        bold
        for bold in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)
        if bold not in SHORT and plain(bold) not in words and not filled.fullmatch(plain(bold))
    ]


def text_of(guide: str, language: str) -> str:
    return (ROOT / "docs" / guide / f"{language}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("guide", GUIDES)
def test_bold_words_are_words_on_the_screen(guide, language):
    text = text_of(guide, language)
    assert text.count("**") >= 10
    assert not said_nowhere(text, language), "change the guide with the page that it tells of"


def test_a_button_that_was_renamed_is_seen():
    assert said_nowhere("Press **Inbox**, then **Approve**.", "en") == ["Inbox"]
    assert said_nowhere("**Входящие** и **Одобрить**", "ru") == ["Входящие"]
    assert not said_nowhere("**Mend 3 pictures**, **Keep the empty\nfield**.", "en")


def titles() -> dict[str, str]:
    shell = (ROOT / "hub/web/src/shell/guide/own.ts").read_text(encoding="utf-8")
    found = dict(re.findall(r'name: "([a-z]+)", title: N_\("([^"]+)"\)', shell))
    for file in (ROOT / "plugins").glob("*/web/web.json"):
        guide = json.loads(file.read_text(encoding="utf-8")).get("guide")
        if guide:
            found[guide.get("name", file.parts[-3])] = guide["title"]
    return found


def test_each_guide_is_called_as_it_calls_itself():
    tool = catalogues()
    assert set(titles()) == set(GUIDES)
    for guide, title in titles().items():
        heading = {language: text_of(guide, language).splitlines()[0] for language in LANGUAGES}
        assert heading["en"] == f"# {title}"
        for language in tool.LANGUAGES:
            said = {
                message.string
                for area in tool.areas()
                for message in tool.catalogue(area, language)
                if message.id == title
            }
            assert {heading[language].removeprefix("# ")} == said
