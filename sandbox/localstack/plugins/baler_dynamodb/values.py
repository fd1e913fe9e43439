"""How deep, how precise and how large attribute values may be.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html and, for sizes,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

import base64
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Value = Mapping[str, Any]

MOST_ITEM_BYTES = 400 * 1024

DEEPEST = 31
"""Maps and lists around a scalar, which is the 32nd level: AWS takes 31 of them and refuses 32
(https://github.com/nubo-db/dynoxide/issues/110, captured in eu-west-2)."""

_MOST_DIGITS = 38
_LARGEST = Decimal("9.9999999999999999999999999999999999999E+125")
_SMALLEST = Decimal("1E-130")
_OVERHEAD_BYTES = 3
"""Of a list or map; each of its elements has one byte more."""


class RefusedError(Exception):
    """A ValidationException; the message is AWS's."""


def check_values(values: Iterable[Value]) -> None:
    """Return if all values are such as can be stored.

    Raises:
        RefusedError: one is too deep, or holds a number that is none, too large, too small or too precise.
    """
    for value in values:
        _check_numbers(value)
        check_depth(value)


def check_depth(value: Value) -> None:
    """Return if a value is not too deep.

    Raises:
        RefusedError: it is.
    """
    if _depth(value) > DEEPEST:
        raise RefusedError(
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported "
            "limit"
        )


def item_bytes(item: Mapping[str, Value]) -> int:
    """Return the size of an item, names included."""
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def value_bytes(value: Value) -> int:
    """Return the size of a value."""
    ((kind, held),) = value.items()
    if kind in {"M", "L"}:
        inner = item_bytes(held) if kind == "M" else sum(map(value_bytes, held))
        return _OVERHEAD_BYTES + len(held) + inner
    if kind in {"SS", "NS", "BS"}:
        return sum(value_bytes({kind[0]: each}) for each in held)
    return _SIZES.get(kind, _one)(held)


def _one(_held: object) -> int:
    return 1


def _binary_bytes(held: bytes | str) -> int:
    return len(held) if isinstance(held, bytes) else len(base64.b64decode(held))


def _text_bytes(held: str) -> int:
    return len(held.encode())


def _number_bytes(text: str) -> int:
    """Return a number's size: a byte for two digits and one more, leading and trailing zeros left out."""
    digits = "".join(map(str, Decimal(text).as_tuple().digits)).strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


_SIZES: dict[str, Callable[[Any], int]] = {"B": _binary_bytes, "N": _number_bytes, "S": _text_bytes}


def _depth(value: Value) -> int:
    """Return how many maps and lists are around the deepest scalar; without recursion, as a value may be any depth."""
    deepest, waiting = 0, [(value, 0)]
    while waiting:
        each, around = waiting.pop()
        deepest = max(deepest, around)
        inner = each["M"].values() if "M" in each else each.get("L", ())
        if "M" in each or "L" in each:
            deepest = max(deepest, around + 1)
        waiting += [(child, around + 1) for child in inner]
    return deepest


def _check_numbers(value: Value) -> None:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if "M" in each:
            waiting += each["M"].values()
        elif "L" in each:
            waiting += each["L"]
        else:
            for number in each.get("NS", [each["N"]] if "N" in each else []):
                _check_number(number)


def _check_number(text: str) -> None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise RefusedError(f"The parameter cannot be converted to a numeric value: {text}")
    if number and number.copy_abs() > _LARGEST:
        raise RefusedError("Number overflow. Attempting to store a number with magnitude larger than supported range")
    if number and number.copy_abs() < _SMALLEST:
        raise RefusedError("Number underflow. Attempting to store a number with magnitude smaller than supported range")
    if len("".join(map(str, number.as_tuple().digits)).strip("0")) > _MOST_DIGITS:
        raise RefusedError("Attempting to store more than 38 significant digits in a Number")
