"""Many hubs' uplinks in one process, for `tests/bench/district.py`: the plugin's own outbox and uplink.

Each hub has a database of its own, as a school has. Orders come by lines on standard input; answers are lines of JSON.
"""

import asyncio
import json
import random
import resource
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from hub.store import Store
from plugins.district.outbox import Outbox, Record
from plugins.district.settings import DistrictSettings
from plugins.district.uplink import Uplink

DEVICES = 12
FILES = 60_000


def stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hour_of(number: int) -> list[Record]:
    """What twelve devices are told of in an hour: uptime of each, and now and then more."""
    time = stamp()
    records = [
        Record(
            "uptime",
            {
                "time": time,
                "begin": time,
                "device": f"device-{one}",
                "device_kind": "graphics-tablet",
                "known": 3600.0,
                "up": 3590.5,
                "downs": number % 3,
            },
        )
        for one in range(DEVICES)
    ]
    if number % 2:
        device = {"device": f"device-{number % DEVICES}", "device_kind": "printer"}
        state = {"status": "fault", "presence": "absent", "reachable": False, "code": "unplugged"}
        records.append(Record("health", {"time": time, **device, **state}))
    if number % 4 == 0:
        records.append(
            Record(
                "alert",
                {
                    "time": time,
                    "alert": f"alert-{number}",
                    "what": "fired",
                    "state": "firing",
                    "severity": "fault",
                    "cause": "device:device-3",
                    "fired": time,
                    "rules": "device-unreachable",
                    "devices": "device-3",
                    "device_count": 1,
                    "flapping": False,
                    "lesson": False,
                },
            )
        )
    return records


class Hubs:
    """The hubs of this process."""

    def __init__(self, plan: dict) -> None:
        self.folder = Path(plan["folder"])
        self.template = Path(plan["template"])
        self.boxes: dict[str, Outbox] = {}
        self.uplinks: dict[str, Uplink] = {}
        self.plan = plan

    async def open(self) -> None:
        for name in self.plan["names"]:
            home = self.folder / name
            if not home.exists():
                home.mkdir()
                shutil.copy(self.template, home / "hub.sqlite")
            store = Store(home / "hub.sqlite")
            await asyncio.to_thread(store.open)
            outbox = Outbox(store, home / "confirmed.json")
            await outbox.start()
            certificates = Path(self.plan["certificates"])
            settings = DistrictSettings(
                url=self.plan["url"],
                ca=certificates / "ca.pem",
                certificate=certificates / f"{name}.pem",
                key=certificates / f"{name}.key",
                school=f"School {name}",
            )
            self.boxes[name] = outbox
            self.uplinks[name] = Uplink(settings, outbox, lambda: {"status": "ok", "devices": 12})

    def connect(self) -> None:
        for uplink in self.uplinks.values():
            uplink.start()

    async def put(self, hours: int, seconds: float) -> int:
        """Each hub writes so many hours down, each hour at a random moment of so many seconds."""

        async def one(outbox: Outbox) -> int:
            count = 0
            for hour in range(hours):
                pause = random.uniform(0, 2 * seconds / hours) if seconds else 0
                await asyncio.sleep(pause)
                records = hour_of(hour)
                await outbox.put(records)
                count += len(records)
            return count

        return sum(await asyncio.gather(*(one(outbox) for outbox in self.boxes.values())))

    def state(self) -> dict:
        return {
            "connected": sum(one.state.status == "connected" for one in self.uplinks.values()),
            "waiting": sum(one.now.waiting for one in self.boxes.values()),
            "dropped": sum(
                one.now.dropped_samples + one.now.dropped_alerts for one in self.boxes.values()
            ),
        }

    def written(self) -> dict:
        return {name: [one.now.stream, one.now.next - 1] for name, one in self.boxes.items()}


async def serve(hubs: Hubs) -> None:
    """Do what each line says until there are no more."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    putting: set[asyncio.Task] = set()
    while line := await reader.readline():
        what, *given = json.loads(line)
        answer = None
        if what == "open":
            await hubs.open()
        elif what == "connect":
            hubs.connect()
        elif what == "put":
            answer = await hubs.put(*given)
        elif what == "begin":  # puts on, without anybody waiting for it
            putting.add(asyncio.create_task(hubs.put(*given)))
        else:
            answer = getattr(hubs, what)()
        print(json.dumps(answer), flush=True)


def main() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    asyncio.run(serve(Hubs(json.loads(sys.argv[1]))))


if __name__ == "__main__":
    main()
