"""Print each property of the class's devices, now and whenever it changes."""

import asyncio

from classhub_client import AsyncClient


async def main() -> None:
    """Watch until the program is ended."""
    async with AsyncClient.from_environment() as hub, hub.changes() as changes:
        async for change in changes:
            print(f"{change.device} {change.property} = {change.reading.value}", flush=True)


asyncio.run(main())
