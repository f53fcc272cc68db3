"""The computer's own loudspeaker: what is touched is told there, and the next touch interrupts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from hub.errors import HubError
from hub.programs import ProgramMissing, find_program, run_program
from plugins.globe.voice.speaker import Speaker

log = logging.getLogger("classhub.globe")

LONGEST = 60.0
"""Seconds that a sentence may take."""

Sentences = Callable[[str], Awaitable[list[str]]]
"""Returns what is told of a place."""


class Loudspeaker:
    """Tells places, one at a time; the sound of the one before ends at once.

    Args:
        player: a program that plays a WAV file: aplay, pw-play, paplay.
        speaker: makes the files. sentences: what is told. language: in which.
    """

    def __init__(self, player: str, speaker: Speaker, sentences: Sentences, language: str) -> None:
        self._player = player
        self._speaker = speaker
        self._sentences = sentences
        self._language = language
        self._telling: asyncio.Task[None] | None = None

    def tell(self, place: str | None) -> None:
        """Tell of a place, and be silent about the one before; None: be silent."""
        self.hush()
        if place is None:
            return
        self._telling = asyncio.create_task(self._tell(place), name="globe loudspeaker")

    def hush(self) -> None:
        """Be silent: the player is killed."""
        if self._telling is not None:
            self._telling.cancel()

    async def stop(self) -> None:
        """End."""
        self.hush()
        if self._telling is not None:
            await asyncio.gather(self._telling, return_exceptions=True)

    async def _tell(self, place: str) -> None:
        try:
            player = find_program(self._player)
            if player is None:
                raise ProgramMissing(program=self._player, package=self._player)
            following: asyncio.Task[object] | None = None
            sentences = await self._sentences(place)
            for at, sentence in enumerate(sentences):
                file = await self._speaker.speak(sentence, self._language)
                if at + 1 < len(sentences):  # made while this one is heard
                    following = asyncio.create_task(
                        self._speaker.speak(sentences[at + 1], self._language),
                        name="globe next sentence",
                    )
                await run_program([player, str(file)], limit=LONGEST)
                if following is not None:
                    await following
        except HubError as error:
            log.warning("%s cannot be told on the loudspeaker: %s", place, error.detail or error)
