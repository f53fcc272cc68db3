"""Values of a driver's members: from Python to JSON and back, checked on the way."""

import math
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hub.driver_host.errors import BadReading, where
from hub.errors import Invalid


class Codec:
    """Converts the values of one type."""

    def __init__(self, type_: Any) -> None:
        self._adapter: TypeAdapter[Any] = TypeAdapter(type_)

    def to_json(self, value: Any) -> Any:
        """Return a driver's value as JSON-ready data.

        Raises:
            BadReading: it is not of the declared type, or no finite number.
        """
        try:
            data = self._adapter.dump_python(self._adapter.validate_python(value), mode="json")
        except (ValidationError, ValueError, TypeError) as error:
            text = where(error) if isinstance(error, ValidationError) else str(error)
            raise BadReading(text) from None
        if not finite(data):
            raise BadReading("a number that is not finite")
        return data

    def from_json(self, data: Any) -> Any:
        """Return JSON data as the declared type (Invalid where it does not fit)."""
        try:
            return self._adapter.validate_python(data)
        except ValidationError as error:
            raise Invalid(where(error)) from None


def finite(data: Any) -> bool:
    """Tell whether every number in JSON-ready data is finite, so that JSON can say it."""
    if isinstance(data, float):
        return math.isfinite(data)
    if isinstance(data, dict):
        return all(finite(item) for item in data.values())
    if isinstance(data, list):
        return all(finite(item) for item in data)
    return True
