"""Values are checked against the schemas of members, strictly."""

import pytest
from pydantic import BaseModel, Field, TypeAdapter

from hub.device import OutOfRange
from hub.devices import check_value
from hub.errors import Invalid

NUMBER = {"type": "number", "minimum": 0, "maximum": 100}


class Inner(BaseModel):
    size: int = Field(ge=1)
    name: str | None = None


class Outer(BaseModel):
    inner: Inner
    many: list[Inner] = []


OUTER = TypeAdapter(Outer).json_schema()


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (NUMBER, 0), (NUMBER, 100.0), ({"type": "integer"}, -3), ({"type": "boolean"}, False),
        ({"type": "null"}, None), ({"enum": [1, "a", None]}, "a"), ({"const": 2}, 2),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, None),
        (OUTER, {"inner": {"size": 1}}), (OUTER, {"inner": {"size": 2, "name": None}, "many": []}),
        ({"type": "array", "prefixItems": [NUMBER, {"type": "string"}]}, [1, "x"]),
        ({"type": "object", "additionalProperties": NUMBER}, {"a": 1}), ({"type": "object"}, {"a": 1}),
    ],
)  # fmt: skip
def test_what_fits_is_taken(schema, value):
    check_value(schema, value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (NUMBER, True), (NUMBER, "5"), (NUMBER, None), (NUMBER, [5]), (NUMBER, float("nan")),
        (NUMBER, float("inf")), ({"type": "number"}, 10**400), ({"type": "integer"}, 1.0),
        ({"type": "integer"}, True), ({"type": "boolean"}, 1), ({"type": "string"}, 1),
        ({"type": "string"}, "\ud800"), (OUTER, {}), (OUTER, {"inner": {"size": "1"}}),
        (OUTER, {"inner": {"size": 1}, "extra": 1}), (OUTER, {"inner": {"size": 1}, "many": {}}),
        (OUTER, []), ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "x"),
        ({"type": "object", "additionalProperties": NUMBER}, {"a": "b"}),
    ],
)  # fmt: skip
def test_what_is_of_another_type_or_shape_is_invalid(schema, value):
    with pytest.raises(Invalid) as caught:
        check_value(schema, value)
    assert caught.value.params["errors"][0]["field"].startswith("value")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (NUMBER, -1), (NUMBER, 100.01), ({"enum": ["10x", "40x"]}, "99x"), ({"enum": [1]}, True),
        ({"const": 0}, False), ({"exclusiveMinimum": 0}, 0), ({"exclusiveMaximum": 1}, 1),
        ({"type": "string"}, "x" * 10_001), ({"type": "string", "maxLength": 2}, "abc"),
        ({"type": "string", "minLength": 1}, ""), ({"type": "string", "pattern": "^a$"}, "b"),
        ({"type": "array", "maxItems": 1}, [1, 2]), ({"type": "array", "minItems": 1}, []),
        (OUTER, {"inner": {"size": 0}}),
    ],
)  # fmt: skip
def test_what_is_of_the_right_type_but_not_allowed_is_out_of_range(schema, value):
    with pytest.raises(OutOfRange):
        check_value(schema, value)


def test_the_field_that_is_wrong_is_named():
    with pytest.raises(Invalid) as caught:
        check_value(
            OUTER, {"inner": {"size": 1}, "many": [{"size": 1}, {"size": None}]}, field="input"
        )
    assert caught.value.params["errors"] == [
        {"field": "input.many.1.size", "message": "must be integer"}
    ]


def test_a_definition_that_names_itself_ends():
    loop = {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}
    with pytest.raises(Invalid, match="nested"):
        check_value(loop, 1)
