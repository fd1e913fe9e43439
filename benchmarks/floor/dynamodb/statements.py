"""INSERT of PartiQL: the one statement that contestants send.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.insert.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from benchmarks.floor.dynamodb.refusals import InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

_INSERT: Final = re.compile(r"\s*INSERT\s+INTO\s+\"([A-Za-z0-9_.-]{3,255})\"\s+VALUE\s+\{(.*)\}\s*", re.IGNORECASE)
_FIELD: Final = re.compile(r"\s*'([^']+)'\s*:\s*\?\s*")


def inserted_item(statement: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the table's name and the item of an INSERT whose values are all parameters.

    Raises:
        InvalidError: it is another statement, or has another number of parameters than of question marks.
    """
    table, names = _parsed(statement["Statement"])
    values: list[Any] = statement.get("Parameters") or []
    if len(names) != len(values):
        raise InvalidError("Number of parameters in request and statement don't match.")
    return table, dict(zip(names, values, strict=True))


@lru_cache
def _parsed(text: str) -> tuple[str, list[str]]:
    found = _INSERT.fullmatch(text)
    fields = [_FIELD.fullmatch(field) for field in found[2].split(",")] if found else []
    names = [field[1] for field in fields if field]
    if found is None or len(names) != len(fields):
        raise InvalidError("Statement wasn't well formed, can't be processed: only an INSERT of parameters is known.")
    return found[1], names
