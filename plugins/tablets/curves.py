"""How hard each person presses: kept for the person, told to whoever draws."""

from drivers.tablet.contract import PressureCurve
from hub.plugin import Access, PluginHub, Principal, Role, check
from plugins.tablets.tables import CurveRow


class Curves:
    """The curves of all persons; `x/tablets/curves/<person>` tells when one changes."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def of(self, person: str, by: Principal) -> PressureCurve:
        """Return somebody's curve, the even one where they have none. Raises `Forbidden`."""
        check(by, _access(person))
        row = await self._hub.store.read(lambda session: session.get(CurveRow, person))
        if row is None:
            return PressureCurve()
        return PressureCurve(lightest=row.lightest, hardest=row.hardest, softness=row.softness)

    async def set(self, person: str, curve: PressureCurve, by: Principal) -> None:
        """Keep somebody's curve. Raises `Forbidden`, `NotFound` where there is no such person."""
        check(by, _access(person))
        await self._hub.school.person(person)
        row = CurveRow(person=person, **curve.model_dump())
        await self._hub.store.write(lambda session: session.merge(row) and None)
        told = {"person": person, "curve": curve.model_dump()}
        self._hub.publish(f"curves/{person}", told, audience=_access(person))


def _access(person: str) -> Access:
    return Access(role=Role.PUPIL, persons=frozenset({person}), private=True)
