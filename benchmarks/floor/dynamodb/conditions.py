"""Condition expressions: comparisons of an attribute with values, of which one must hold.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from benchmarks.floor.dynamodb.refusals import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Item = Mapping[str, Mapping[str, Any]]
    Test = Callable[[Item, Mapping[str, Mapping[str, Any]]], bool]

_NOT_EXISTS: Final = re.compile(r"attribute_not_exists\s*\(\s*(\w+)\s*\)")
_LESS: Final = re.compile(r"(\w+)\s*<\s*(:\w+)")
_EQUAL: Final = re.compile(r"(\w+)\s*=\s*(:\w+)")
_IN: Final = re.compile(r"(\w+)\s+IN\s*\(\s*(:\w+(?:\s*,\s*:\w+)*)\s*\)")


def holds(expression: str, item: Item, values: Item) -> bool:
    """Return whether a condition holds for an item, {} where there is none.

    Raises:
        InvalidError: it is none of the kinds above, or names a value that was not given.
    """
    try:
        return any(test(item, values) for test in _tests(expression))
    except KeyError as error:
        raise InvalidError(
            "Invalid ConditionExpression: An expression attribute value used in expression is not defined; "
            f"attribute value: {error.args[0]}"
        ) from error


@lru_cache
def _tests(expression: str) -> list[Test]:
    return [_test(part.strip()) for part in expression.split(" OR ")]


def _test(text: str) -> Test:
    if found := _NOT_EXISTS.fullmatch(text):
        name = found[1]
        return lambda item, _: name not in item
    if found := _LESS.fullmatch(text):
        name, value = found.groups()
        return lambda item, values: _is_less(item.get(name), values[value])
    if found := _EQUAL.fullmatch(text):
        name, value = found.groups()
        return lambda item, values: _is_equal(item.get(name), values[value])
    if found := _IN.fullmatch(text):
        name, given = found[1], re.split(r"\s*,\s*", found[2])
        return lambda item, values: any(_is_equal(item.get(name), values[value]) for value in given)
    raise InvalidError(f"Invalid ConditionExpression: not known here: {text}")


def _is_less(attribute: Mapping[str, Any] | None, value: Mapping[str, Any]) -> bool:
    """Compare two of one type: an attribute that is missing or of another type is not less than anything."""
    if attribute is None or attribute.keys() != value.keys():
        return False
    return Decimal(attribute["N"]) < Decimal(value["N"]) if "N" in value else attribute["S"] < value["S"]


def _is_equal(attribute: Mapping[str, Any] | None, value: Mapping[str, Any]) -> bool:
    if attribute is not None and "N" in attribute and "N" in value:
        return Decimal(attribute["N"]) == Decimal(value["N"])
    return attribute == value
