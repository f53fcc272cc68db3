"""Layers: what each person has drawn on a picture, kept beside it and editable later.

Whoever may see a picture may draw on it, each in a layer of their own. The layers of the picture's
owner and of teachers are seen by all who see the picture; a pupil's on somebody else's picture is
an answer to a task, seen by that pupil and by teachers. Teachers may change every layer.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.clock import now
from hub.errors import Conflict, NotFound, Unsupported
from hub.plugin import N_, Access, Asset, AssetRow, PluginHub, Principal, Role, check, may
from hub.store.tables import PersonRow, TokenRow
from plugins.microscopy.measuring.shapes import Shape, ShapeModel, checked
from plugins.microscopy.tables import AnnotationRow

MOST_LAYERS = 200


class LayerChanged(Conflict):
    """Somebody has changed the layer since the caller has read it."""

    code = "layer-changed"
    title = N_("Somebody else has changed these drawings meanwhile.")
    hint = N_("Read them again, then make your change again.")


class TooManyLayers(Conflict):
    """More people draw on one picture than is kept."""

    code = "too-many-layers"
    title = N_("Too many people have drawn on this picture.")
    hint = N_("Take another picture of the same thing and draw on that.")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one person has drawn on a picture.

    Attributes:
        name: the author's, for people; empty once they are erased.
        revision: one more with every change, 0 while nothing was kept.
        changed: seconds since the epoch; None while nothing was kept.
        shared: for all who may see the picture.
    """

    asset: str
    author: str
    name: str
    shared: bool
    revision: int
    changed: float | None
    shapes: tuple[Shape, ...]


class Layers:
    """The layers of all pictures; told as `x/microscopy/annotations/<asset>` when one changes."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def picture(self, asset: str, *, by: Principal) -> Asset:
        """Return a picture that `by` may see.

        Raises:
            NotFound: there is no such asset.
            Forbidden: it is not for `by` to see.
            Unsupported: it is no picture.
        """
        found = await self._hub.assets.get(asset)
        check(by, self._hub.assets.access(found, "view"))
        if not found.is_picture or not found.width or not found.height:
            raise Unsupported(f"asset {asset} is {found.media_type}")
        return found

    async def of(self, asset: Asset, *, by: Principal) -> list[Layer]:
        """Return the layers that `by` may see: their own first, also where it is empty yet."""

        def work(session: Session) -> list[Layer]:
            of_asset = AnnotationRow.asset == asset.id
            rows = session.scalars(
                select(AnnotationRow).where(of_asset).order_by(AnnotationRow.author)
            )
            found = [_layer(session, row) for row in rows]
            seen = [one for one in found if may(by, self._audience(asset, one))]
            own = [one for one in seen if one.author == by.owner]
            rest = [one for one in seen if one.author != by.owner and one.shapes]
            return [*(own or [_empty(asset, by)]), *rest]

        return await self._hub.store.read(work)

    async def keep(
        self,
        asset: Asset,
        shapes: list[ShapeModel],
        *,
        revision: int,
        by: Principal,
        author: str | None = None,
    ) -> Layer:
        """Put these shapes in the place of what a layer has; it is safe once this has returned.

        Args:
            asset: the picture; `by` may see it.
            shapes: all of them, as they are to be.
            revision: of the layer that the change was made to, 0 for a new one.
            by: who changes it.
            author: whose layer; None for `by`'s own.

        Raises:
            BadShape, TooManyShapes, BadName: a shape cannot be kept.
            Forbidden: it is somebody else's layer, and `by` is no teacher.
            NotFound: there is no such layer, or the picture is gone.
            LayerChanged: the layer has another revision by now.
            TooManyLayers: too many people have drawn on the picture.
        """
        whose = author or by.owner
        check(by, editable(whose))
        kept = [shape.as_json() for shape in checked(shapes, asset)]

        def work(session: Session) -> Layer:
            row = session.get(AnnotationRow, (asset.id, whose))
            if (0 if row is None else row.revision) != revision:
                raise LayerChanged(f"the layer of {whose} is not at revision {revision} any more")
            if row is None:
                row = self._new(session, asset, whose, by)
            row.revision = revision + 1
            row.changed = now()
            row.shapes = kept
            session.flush()
            if whose != by.owner:
                detail = {"author": whose, "revision": row.revision}
                record(session, by, "annotation.change", asset.id, detail)
            return _layer(session, row)

        layer = await self._hub.store.write(work)
        self._hub.publish(
            f"annotations/{asset.id}",
            {"asset": asset.id, "author": layer.author, "revision": layer.revision},
            audience=self._audience(asset, layer),
        )
        return layer

    def _new(self, session: Session, asset: Asset, whose: str, by: Principal) -> AnnotationRow:
        if session.scalar(select(AssetRow.id).where(AssetRow.id == asset.id)) is None:
            raise NotFound(f"asset {asset.id} is gone")
        if whose != by.owner:
            raise NotFound(f"{whose} has drawn nothing on {asset.id}")
        authors = select(AnnotationRow.author).where(AnnotationRow.asset == asset.id)
        if len(session.scalars(authors).all()) >= MOST_LAYERS:
            raise TooManyLayers(f"{MOST_LAYERS} layers")
        shared = whose == asset.owner or by.role.includes(Role.TEACHER)
        row = AnnotationRow(asset=asset.id, author=whose, shared=shared)
        session.add(row)
        return row

    def _audience(self, asset: Asset, layer: Layer) -> Access:
        if layer.shared:
            return self._hub.assets.access(asset, "view")
        return editable(layer.author)


def editable(author: str) -> Access:
    """Who may change the layer of `author`: they themselves, and teachers."""
    return Access(role=Role.PUPIL, persons=frozenset({author}), private=True)


def _empty(asset: Asset, by: Principal) -> Layer:
    shared = asset.owner == by.owner or by.role.includes(Role.TEACHER)
    return Layer(asset.id, by.owner, by.name, shared, 0, None, ())


def _layer(session: Session, row: AnnotationRow) -> Layer:
    person: Any = session.get(PersonRow, row.author) or session.get(TokenRow, row.author)
    return Layer(
        asset=row.asset,
        author=row.author,
        name=person.name if person else "",
        shared=row.shared,
        revision=row.revision,
        changed=row.changed,
        shapes=tuple(Shape.of(each) for each in row.shapes),
    )
