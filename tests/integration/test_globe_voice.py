"""The voice: Piper where a model is given, and the loudspeaker that the next touch interrupts.

Piper and a sound card are on no computer that runs the tests: programs that take the same arguments
stand for them, and write down what they are asked.
"""

import asyncio
import contextlib
import os
import signal
import wave

import pytest

from plugins.globe.voice.loudspeaker import Loudspeaker
from plugins.globe.voice.speaker import PiperMissing, Speaker

PIPER = """#!/usr/bin/env python3
import sys, wave
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
open({log!r}, "a").write(arguments["--model"] + "|" + sys.stdin.read())
with wave.open(arguments["--output_file"], "wb") as sound:
    sound.setnchannels(1), sound.setsampwidth(2), sound.setframerate(22050)
    sound.writeframes(bytes(44100))
"""
PLAYER = """#!/bin/sh
echo "$$ $1" >> {log}
exec sleep 60
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    def make(name, text):
        log = tmp_path / f"{name}.log"
        file = tmp_path / name
        file.write_text(text.format(log=str(log)))
        file.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        return log

    return make


async def lines(log, count):
    async with asyncio.timeout(20):
        while not log.exists() or len(log.read_text().splitlines()) < count:
            await asyncio.sleep(0.01)
    return log.read_text().splitlines()


def alive(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


async def test_piper_speaks_where_a_model_is_given_and_what_it_said_is_kept(tmp_path, program):
    log = program("piper", PIPER)
    model = tmp_path / "kk.onnx"
    speaker = Speaker(tmp_path / "voice", piper={"kk": model})
    file = await speaker.speak("Қазақстан.\nАстанасы — Астана.", "kk")
    assert file == await speaker.speak("Қазақстан.\nАстанасы — Астана.", "kk")
    assert log.read_text().splitlines() == [f"{model}|Қазақстан. Астанасы — Астана."]
    with wave.open(str(file)) as sound:
        assert sound.getnframes() == 22050


async def test_a_model_without_piper_is_said(tmp_path):
    speaker = Speaker(tmp_path, piper={"kk": tmp_path / "kk.onnx"}, program="no-such-piper")
    with pytest.raises(PiperMissing):
        await speaker.speak("Қазақстан.", "kk")


async def test_the_next_touch_ends_the_sound_of_the_one_before(tmp_path, program):
    program("piper", PIPER)
    played = program("aplay", PLAYER)
    speaker = Speaker(tmp_path / "voice", piper={"kk": tmp_path / "kk.onnx"})

    async def sentences(place):
        return [f"{place}.", "Екінші сөйлем."]

    loud = Loudspeaker("aplay", speaker, sentences, "kk")
    loud.tell("KZ")
    first = int((await lines(played, 1))[0].split()[0])
    loud.tell("JP")
    said = await lines(played, 2)
    second = int(said[1].split()[0])
    assert not alive(first), "two voices speak at once"
    assert said[0].split()[1] != said[1].split()[1]
    assert alive(second)
    os.kill(second, signal.SIGKILL)  # a player that fails is said, and the next touch is told
    loud.tell("CN")
    third = int((await lines(played, 3))[2].split()[0])
    loud.tell(None)  # a touch that no map knows
    async with asyncio.timeout(30):
        while alive(third):
            await asyncio.sleep(0.02)
    await loud.stop()
    await speaker.stop()
