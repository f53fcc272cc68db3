"""A picture with what is measured on it, on the class's screen."""

import hashlib
from typing import Any

from hub.errors import NotFound
from hub.plugin import N_, SYSTEM, Asset, PluginHub, Principal
from plugins.microscopy.measuring.layers import Layer, Layers
from plugins.microscopy.scales import scale_of

ELEMENT = "hub-screen-measured"


class OnScreen:
    """Shows one layer of a picture; a change of it is told as `x/microscopy/screen`.

    What is shown is public in the class, so its attributes name the picture and, by a mark that
    says nothing of anybody, the layer.
    """

    def __init__(self, hub: PluginHub, layers: Layers) -> None:
        self._hub = hub
        self._layers = layers

    async def show(self, asset: str, author: str | None, by: Principal) -> None:
        """Show what `author` (None: the caller) has drawn on a picture.

        Raises:
            NotFound, Forbidden, Unsupported: as `Layers.picture`; NotFound too for no such layer.
        """
        picture = await self._layers.picture(asset, by=by)
        found = await self._layers.of(picture, by=by)
        layer = next((one for one in found if one.author == (author or by.owner)), None)
        if layer is None:
            raise NotFound(f"{author} has drawn nothing on {asset}")
        attributes = {"asset": picture.id, "layer": _mark(layer)}
        self._hub.show(ELEMENT, attributes, N_("Picture with measurements"))

    async def shown(self, asset: str) -> dict[str, Any]:
        """Return what the screen draws (NotFound where it does not show that picture)."""
        marks = {
            thing.attributes.get("layer")
            for thing in self._hub.showing.now().values()
            if thing.element == ELEMENT and thing.attributes.get("asset") == asset
        }
        if not marks:
            raise NotFound("it is not shown")
        picture = await self._layers.picture(asset, by=SYSTEM)
        layers = await self._layers.of(picture, by=SYSTEM)
        shapes = [one.shapes for one in layers if _mark(one) in marks]
        return {
            "width": picture.width,
            "height": picture.height,
            "scale": scale_of(picture),
            "items": [shape.as_json() for shape in (shapes[0] if shapes else ())],
        }

    def changed(self, picture: Asset, layer: Layer) -> None:
        """Tell the screen where it shows this layer."""
        for thing in self._hub.showing.now().values():
            if thing.element == ELEMENT and thing.attributes.get("layer") == _mark(layer):
                told = {"asset": picture.id, "revision": layer.revision}
                self._hub.publish("screen", told)


def _mark(layer: Layer) -> str:
    return hashlib.sha256(f"{layer.asset} {layer.author}".encode()).hexdigest()[:16]
