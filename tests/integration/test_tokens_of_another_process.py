"""The command line makes and revokes tokens while the hub runs."""

import subprocess
import sys
import textwrap
from pathlib import Path

from hub.bus import Bus
from hub.device import Role
from hub.school import School
from hub.store import Store

OTHER = textwrap.dedent(
    """
    import asyncio, sys
    from pathlib import Path
    from hub.bus import Bus
    from hub.device import Role
    from hub.school import School
    from hub.store import Store

    async def main():
        store = Store(Path(sys.argv[1]))
        store.open()
        school = School(store, Bus())
        if sys.argv[2] == "create":
            print(*reversed([t if isinstance(t, str) else t.id for t in
                await school.create_token(Role.TEACHER, "from the command line")]))
        else:
            await school.revoke_token(sys.argv[3])
        store.close()

    asyncio.run(main())
    """
)


def another_process(*words: str) -> list[str]:
    command = [sys.executable, "-c", OTHER, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.split()


async def test_a_token_made_or_revoked_elsewhere_holds_within_a_second(tmp_path: Path) -> None:
    now = 0.0
    store = Store(tmp_path / "hub.db")
    store.open()
    school = School(store, Bus(), monotonic=lambda: now)
    await school.create_token(Role.ADMIN, "the hub is at work")
    path = str(store.path)
    token, secret = another_process(path, "create")
    principal = await school.authenticate(secret)
    assert principal is not None
    assert principal.role is Role.TEACHER
    another_process(path, "revoke", token)
    now += 0.99
    assert await school.authenticate(secret) is None
    assert await school.renew(principal) is None
    store.close()
