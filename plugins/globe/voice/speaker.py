"""Sentences spoken: made once by espeak-ng or Piper, then kept as files while there is room."""

import asyncio
import hashlib
import logging
import os
import wave
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from hub.errors import N_
from hub.plugin import Program
from hub.programs import ProgramFailed, ProgramMissing, find_program, run_program

log = logging.getLogger("classhub.globe")

ESPEAK = Program("espeak-ng", "espeak-ng", "voice of the globe")
VOICES = {"kk": "kk", "ru": "ru", "en": "en"}
PACE = "140"
"""Words a minute; a pupil follows it, who reads it on the page as well."""
LIMIT = 20.0
MOST_KEPT = 64 << 20
MOST_TEXT = 600
AT_ONCE = 2


class VoiceMissing(ProgramMissing):
    """espeak-ng is not installed."""

    code = "voice-missing"
    title = N_("The voice needs the program espeak-ng, which is not installed.")
    hint = N_("Ask the lab engineer to install it: sudo apt install espeak-ng")


class PiperMissing(ProgramMissing):
    """The settings name a model of Piper, and its program is not there."""

    code = "piper-missing"
    title = N_("The voice needs the program Piper, which is not installed.")
    hint = N_("Ask the lab engineer to install it, or to take its models out of the settings.")


class Speaker:
    """Speaks sentences into files.

    Args:
        folder: where they are kept; it is in no backup, and made when needed.
        piper: models of Piper by language; the others are spoken by espeak-ng.
        program: Piper's program.
        most: bytes that are kept; the ones that were heard longest ago go first.
    """

    def __init__(
        self,
        folder: Path,
        *,
        piper: Mapping[str, Path] | None = None,
        program: str = "piper",
        most: int = MOST_KEPT,
    ) -> None:
        self._folder = folder
        self._piper = dict(piper or {})
        self._program = program
        self._most = most
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._making: dict[Path, asyncio.Task[None]] = {}

    async def speak(self, text: str, language: str) -> Path:
        """Return the file (WAV, one channel) with a sentence spoken.

        Raises:
            VoiceMissing, PiperMissing: the program is not installed.
            ProgramFailed: it could not.
        """
        text = text[:MOST_TEXT]
        voice = VOICES.get(language, "en")
        how = str(self._piper.get(voice, PACE))
        name = hashlib.sha256(f"{voice}\0{how}\0{text}".encode()).hexdigest()[:32]
        file = self._folder / f"{name}.wav"
        if await asyncio.to_thread(_heard_again, file):
            return file
        # Whoever asks for the same sentence meanwhile waits for the same work; who is cancelled
        # leaves it to the others.
        making = self._making.get(file)
        if making is None:
            making = asyncio.create_task(self._make(text, voice, file), name="globe voice")
            self._making[file] = making
            making.add_done_callback(lambda _: self._making.pop(file, None))
        await asyncio.shield(making)
        return file

    async def stop(self) -> None:
        """End what is being spoken."""
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make(self, text: str, voice: str, file: Path) -> None:
        model = self._piper.get(voice)
        program = find_program(ESPEAK.command if model is None else self._program)
        if program is None:
            raise (
                VoiceMissing("espeak-ng was not found")
                if model is None
                else PiperMissing(f"{self._program} was not found")
            )
        async with self._turns:
            await asyncio.to_thread(self._room)
            part = file.with_suffix(".part")
            if model is None:
                command = [program, "-v", voice, "-s", PACE, "-b", "1", "-w", str(part), "--", text]
            else:  # it reads what to say, one line a sentence
                command = [program, "--model", str(model), "--output_file", str(part)]
            try:
                await run_program(command, limit=LIMIT, feed=None if model is None else _line(text))
                await asyncio.to_thread(_check, part)
                await asyncio.to_thread(os.replace, part, file)
            finally:
                await asyncio.to_thread(part.unlink, missing_ok=True)

    def _room(self) -> None:
        """Make the folder, and room in it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = [(one.stat(), one) for one in self._folder.glob("*.wav")]
        total = sum(about.st_size for about, _ in kept)
        for about, one in sorted(kept, key=lambda entry: entry[0].st_mtime):
            if total <= self._most:
                return
            one.unlink(missing_ok=True)
            total -= about.st_size


async def _line(text: str) -> AsyncIterator[bytes]:
    yield " ".join(text.split()).encode() + b"\n"


def _heard_again(file: Path) -> bool:
    try:
        os.utime(file)
    except OSError:
        return False
    return True


def _check(file: Path) -> None:
    try:
        with wave.open(str(file), "rb") as sound:
            if sound.getnframes() > 0:
                return
    except (OSError, EOFError, wave.Error) as error:
        raise ProgramFailed(f"the voice made no sound: {error!r}") from None
    raise ProgramFailed("the voice said nothing")
