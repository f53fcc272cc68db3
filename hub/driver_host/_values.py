"""Values of a driver's members: from Python to JSON and back, checked on the way."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hub.driver_host.errors import BadReading, where
from hub.errors import Invalid


class Codec:
    """Converts the values of one type."""

    def __init__(self, type_: Any) -> None:
        self._type = type_
        self._adapter: TypeAdapter[Any] = TypeAdapter(type_)
        self._many: TypeAdapter[Any] | None = None

    def to_json(self, value: Any) -> Any:
        """Return a driver's value as JSON-ready data.

        Raises:
            BadReading: it is not of the declared type, or no finite number.
        """
        return self._dumped(self._adapter, value)

    def all_to_json(self, values: Sequence[Any]) -> list[Any]:
        """Return several values as JSON-ready data (BadReading where one of them is none)."""
        if self._many is None:
            self._many = TypeAdapter(list[self._type])  # type: ignore[name-defined]
        data: list[Any] = self._dumped(self._many, list(values))
        return data

    @staticmethod
    def _dumped(adapter: TypeAdapter[Any], value: Any) -> Any:
        try:
            data = adapter.dump_python(adapter.validate_python(value), mode="json")
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


_PLAIN = frozenset({str, int, bool, type(None)})


def finite(data: Any) -> bool:
    """Tell whether every number in JSON-ready data is finite, so that JSON can say it."""
    if isinstance(data, float):
        return isfinite(data)
    if isinstance(data, dict):
        data = data.values()
    elif not isinstance(data, list):
        return True
    # Written out: pens say thousands of numbers a second.
    for item in data:
        kind = type(item)
        if kind is float:
            if not isfinite(item):
                return False
        elif kind not in _PLAIN and not finite(item):
            return False
    return True
