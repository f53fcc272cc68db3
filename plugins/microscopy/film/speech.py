"""Titles and captions spoken by espeak-ng, a program. Runs in a worker."""

import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

from hub.errors import Invalid
from plugins.microscopy.film.plan import Plan

_RATE = 22050
_PAUSE = 0.6
_LIMIT = 30


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was spoken: one file of sound, and how long each segment must be for it."""

    file: str
    seconds: list[float]


def speak(plan: Plan) -> Spoken:
    """Speak the words of each segment, each at its beginning. Raises `Invalid`."""
    folder = Path(plan.folder)
    pieces: list[bytes] = []
    needed: list[float] = []
    for number, segment in enumerate(plan.segments):
        text = ". ".join(part for part in (segment.title, segment.caption) if part)
        sound = _say(plan, folder / f"{number}", text) if text else b""
        pieces.append(sound)
        spoken = len(sound) / 2 / _RATE
        needed.append(spoken + _PAUSE + segment.fade if sound else 0.0)
    target = folder / "spoken.wav"
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        at = 0.0
        written = 0
        for number, (segment, sound) in enumerate(zip(plan.segments, pieces, strict=True)):
            length = segment.seconds
            if segment.kind != "video":
                length = max(length, needed[number])
            begin = round((at + min(segment.fade, length / 2)) * _RATE)
            if sound and begin > written:
                file.writeframes(bytes(2 * (begin - written)))
                written = begin
            file.writeframes(sound)
            written += len(sound) // 2
            following = plan.segments[number + 1].fade if number + 1 < len(plan.segments) else 0.0
            at += length - min(following, length / 2)
    return Spoken(str(target), needed)


def _say(plan: Plan, stem: Path, text: str) -> bytes:
    words, sound = stem.with_suffix(".txt"), stem.with_suffix(".wav")
    words.write_text(text)
    command = [plan.speaker, "-v", plan.language, "-s", "145", "-w", str(sound), "-f", str(words)]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT, check=False
    )
    if done.returncode != 0 or not sound.is_file():
        raise Invalid(f"espeak-ng ended with {done.returncode}: {done.stderr[-300:]!r}")
    with wave.open(str(sound), "rb") as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, _RATE):
            raise Invalid(f"espeak-ng speaks at {file.getframerate()} Hz")
        return file.readframes(file.getnframes())
