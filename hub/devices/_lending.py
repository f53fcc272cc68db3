"""Assets that callers name in an action's input become files that the driver may read."""

from collections.abc import Awaitable, Callable
from typing import Any

from hub.device import AssetFile
from hub.errors import Invalid
from hub.rights import Principal

Lend = Callable[[str, Principal], Awaitable[AssetFile]]


async def nothing_to_lend(asset: str, by: Principal) -> AssetFile:  # noqa: ARG001 - Lend's
    """Refuse: these devices belong to no hub that keeps assets (Invalid)."""
    raise Invalid(f"no assets are kept here: {asset}")


async def lent(schema: dict[str, Any], input: Any, by: Principal, lend: Lend) -> Any:  # noqa: A002
    """Return an action's input with its assets (`format: asset`) lent to the driver.

    Args:
        schema: of the input, which has been checked.
        input: as the caller sent it; assets are looked for among its own names, not deeper.
        by: the caller, who must be allowed to view them.
        lend: finds an asset's file and judges.

    Raises:
        NotFound, Forbidden: there is no such asset for this caller.
    """
    if not isinstance(input, dict):
        return input
    filled = dict(input)
    for name, part in schema.get("properties", {}).items():
        if name in input and _is_asset(part, schema):
            file = await lend(input[name], by)
            filled[name] = file.model_dump(mode="json")
    return filled


def _is_asset(part: dict[str, Any], root: dict[str, Any]) -> bool:
    if "$ref" in part:
        part = root.get("$defs", {}).get(part["$ref"].rpartition("/")[2], {})
    return part.get("format") == "asset"
