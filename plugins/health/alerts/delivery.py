"""Delivery: takes messages from the outbox to their destinations, again and again until they go.

Each hand-over is a process of its own with a limit of time, since a server may hang. What waits for
one destination waits for no other; what piled up goes as one message.
"""

import asyncio
import json
import logging
import random
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from hub.plugin import N_, HubError, Translator
from hub.programs import run_program
from plugins.health.alerts.keeping import Kept, Letter
from plugins.health.alerts.settings import Destination, QuietHours

log = logging.getLogger("classhub.plugins.health")

LIMIT = 60.0
"""Seconds for one message: the program's start, the name server, the server's answer."""
FIRST_PAUSE, LAST_PAUSE = 15.0, 1800.0
AT_ONCE = 2
MOST_TOGETHER = 10
MOST_OUT = 100
LOOK = 30.0


class NotSent(HubError):
    """A destination did not take a message."""

    code = "alert-not-sent"
    status = 502
    title = N_("The message could not be sent.")
    hint = N_("Check the address and its password, and whether the internet works.")
    retryable = True


@dataclass(slots=True)
class Trying:
    """How it goes with one destination.

    Attributes:
        fails: in a row. next: seconds that only go forward, before which it is not tried again.
        said: why it failed last; without secrets.
        task: the hand-over under way.
    """

    fails: int = 0
    next: float = 0.0
    said: str = ""
    task: asyncio.Task[None] | None = None


class Delivery:
    """Empties the outbox.

    Args:
        kept: where it is. say: says a few words of its own.
        destinations: returns them all, by id.
        quiet: returns the hours in which only what is urgent goes; None: none.
        clock: returns the time, seconds since the epoch.
        look: seconds between two looks where nobody wakes it.
    """

    def __init__(
        self,
        kept: Kept,
        say: Translator,
        destinations: Callable[[], dict[str, Destination]],
        quiet: Callable[[], QuietHours | None],
        clock: Callable[[], float],
        look: float = LOOK,
    ) -> None:
        self._kept = kept
        self._say = say
        self._destinations = destinations
        self._quiet = quiet
        self._clock = clock
        self._look = look
        self._more = asyncio.Event()
        self._trying: dict[str, Trying] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._task: asyncio.Task[None] | None = None
        self.waiting = 0

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="health alerts delivery")

    async def stop(self) -> None:
        """End; what is under way stays in the outbox."""
        tasks = [self._task, *(one.task for one in self._trying.values())]
        running = [one for one in tasks if one is not None]
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._task = None

    def wake(self) -> None:
        """There is something new."""
        self._more.set()

    def trouble(self, destination: str) -> Trying:
        """Return how it goes with a destination."""
        return self._trying.get(destination, Trying())

    def forget(self, destination: str) -> None:
        """Try a destination that was changed at once."""
        trying = self._trying.get(destination)
        if trying is not None:
            trying.fails, trying.next, trying.said = 0, 0.0, ""
        self.wake()

    async def test(self, destination: Destination, title: str, body: str) -> None:
        """Send a message at once. Raises `NotSent`."""
        async with self._places:
            await hand_over(destination.address.get_secret_value(), title, body, "info")

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._more.clear()
            try:
                wait = await self._round(loop.time())
            except HubError as error:
                log.warning("what waits to be told cannot be read: %s", error)
                wait = self._look
            except Exception:
                log.exception("telling of alerts failed")
                wait = self._look
            try:
                async with asyncio.timeout(max(wait, 0.2)):
                    await self._more.wait()
            except TimeoutError:
                continue

    async def _round(self, at: float) -> float:
        """Begin what can be sent; return in how many seconds to look again."""
        letters = await self._kept.waiting()
        known = self._destinations()
        hours = self._quiet()
        over = over_in_the_night(letters, hours)
        gone = [one.id for one in letters if one.destination not in known or one.id in over]
        if gone:
            await self._kept.sent(gone)
            letters = [one for one in letters if one.id not in gone]
        quiet = hours is not None and hours.at(self._clock())
        by_destination: dict[str, list[Letter]] = {}
        for one in letters:
            if one.urgent or not quiet:
                by_destination.setdefault(one.destination, []).append(one)
        self.waiting = len(letters)
        wait = self._look
        for id_, mine in by_destination.items():
            trying = self._trying.setdefault(id_, Trying())
            if trying.task is not None and not trying.task.done():
                continue
            if trying.next > at:
                wait = min(wait, trying.next - at)
                continue
            trying.task = asyncio.create_task(
                self._send(id_, known[id_], mine[:MOST_OUT], trying), name=f"health alert to {id_}"
            )
        return wait

    async def _send(
        self, id_: str, destination: Destination, letters: Sequence[Letter], trying: Trying
    ) -> None:
        loop = asyncio.get_running_loop()
        title, body = self._together(letters, destination)
        sort = "success" if all(one.what == "cleared" for one in letters) else "failure"
        try:
            async with self._places:
                await hand_over(destination.address.get_secret_value(), title, body, sort)
            await self._kept.sent([one.id for one in letters])
        except (HubError, OSError) as error:
            trying.fails += 1
            pause = min(FIRST_PAUSE * 2 ** (trying.fails - 1), LAST_PAUSE)
            trying.next = loop.time() + pause * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
            trying.said = error.detail if isinstance(error, HubError) else type(error).__name__
            if trying.fails == 1:
                log.warning("nobody could be told at %s: %s", id_, trying.said)
        except Exception as error:
            trying.fails += 1
            trying.next = loop.time() + LAST_PAUSE
            trying.said = type(error).__name__
            log.exception("telling at %s failed", id_)
        else:
            if trying.fails:
                log.info("messages reach %s again", id_)
            trying.fails, trying.next, trying.said = 0, 0.0, ""
        self.wake()

    def _together(self, letters: Sequence[Letter], destination: Destination) -> tuple[str, str]:
        """Return one message of several."""
        if len(letters) == 1:
            return letters[0].title, letters[0].body
        language = destination.language or self._say.default
        # What stands in the list of mails says what is wrong, and not only that something is.
        first = next((one for one in letters if one.what != "cleared"), letters[0])
        rest = {"title": first.title, "n": len(letters) - 1}
        title = self._say.say(N_("{title} (and {n} more)"), language, rest)
        parts = [f"{one.title}\n{one.body}".strip() for one in letters[:MOST_TOGETHER]]
        if len(letters) > MOST_TOGETHER:
            more = {"n": len(letters) - MOST_TOGETHER}
            parts.append(self._say.say(N_("… and {n} more; see the hub's page"), language, more))
        return title, "\n\n".join(parts)


def over_in_the_night(letters: Sequence[Letter], quiet: QuietHours | None) -> set[int]:
    """Return the messages of what began and was over in quiet hours: nobody need be told."""
    if quiet is None:
        return set()
    silent = [one for one in letters if not one.urgent and quiet.at(one.made)]
    fired = {(one.destination, one.alert) for one in silent if one.what == "fired"}
    ended = {(one.destination, one.alert) for one in silent if one.what == "cleared"}
    both = fired & ended
    return {one.id for one in silent if (one.destination, one.alert) in both}


async def hand_over(address: str, title: str, body: str, sort: str) -> None:
    """Hand one message to Apprise, in a process that is killed when it takes too long.

    Args:
        address: of Apprise.
        title: plain text.
        body: plain text; may be empty.
        sort: `info`, `success`, `warning`, `failure`.

    Raises:
        NotSent: the destination did not take it.
        HubError: the program could not be run, or took too long.
    """
    job = {"address": address, "title": title[:300], "body": body[:8000], "type": sort}

    async def feed() -> AsyncIterator[bytes]:
        yield json.dumps(job).encode() + b"\n"

    command = [sys.executable, "-m", "plugins.health.alerts.sending"]
    lines = await run_program(command, limit=LIMIT, feed=feed())
    answer = json.loads(lines[-1]) if lines else {"sent": False, "said": "it said nothing"}
    if not answer["sent"]:
        raise NotSent(str(answer["said"]))
