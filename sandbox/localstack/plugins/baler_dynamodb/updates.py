"""What an update expression sets, as far as it can be seen without the item."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    Value = Mapping[str, Any]

_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD|DELETE)\b", re.IGNORECASE)
_ASSIGNED = re.compile(r"(?:^|,)\s*(#?\w+)\s*=\s*(:\w+)\s*(?=,|$)")


def assigned(expression: str, names: Mapping[str, str], values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values that whole attributes are set to, by their names; not those that are worked out.

    Args:
        expression: `SET #a = :a, b = b + :one REMOVE c`, of which `:a` is found.
        names: by placeholder.
        values: by placeholder.
    """
    parts = _CLAUSE.split(expression)
    clauses = [body for verb, body in zip(parts[1::2], parts[2::2], strict=True) if verb.upper() == "SET"]
    return {
        names.get(name, name): values[value]
        for clause in clauses
        for name, value in _ASSIGNED.findall(clause.strip())
        if value in values
    }
