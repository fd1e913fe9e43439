"""What of a request its verdict can depend on, by the texts of the policies that judge it.

A resource matters by which of the policies' patterns it matches alone, and so does the value of a condition key that
they only compare as a string: a million keys below one prefix are one question.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_AS_STRING = re.compile(r"(ForAnyValue:|ForAllValues:)?String(Not)?(Equals|Like)(IfExists)?|Null")
# The evaluator takes `*` and `?` in a resource for a question about many, and its patterns stop at a line's end.
_MISLEADING = re.compile("[*?\n\r\u2028\u2029]")
_PLAIN = "_"


class Patterns(NamedTuple):
    """What some policies compare a request with.

    Attributes:
        resources: patterns of Resource and NotResource.
        keys: the names of all condition keys, in lower case.
        strings: the patterns of those that are compared as strings alone.
        variable: whether some pattern depends on the request (`${aws:username}`).
    """

    resources: tuple[re.Pattern[str], ...]
    keys: frozenset[str]
    strings: dict[str, tuple[re.Pattern[str], ...]]
    variable: bool


def fits(patterns: tuple[re.Pattern[str], ...], text: str) -> str:
    """Return which patterns match, a character each."""
    return "".join("1" if pattern.fullmatch(text) else "0" for pattern in patterns)


def plain(text: str, patterns: tuple[re.Pattern[str], ...]) -> str | None:
    """Return a text without what misleads the evaluator that the patterns take for the same; None if there is none."""
    if not _MISLEADING.search(text):
        return text
    substitute = _MISLEADING.sub(_PLAIN, text)
    return substitute if fits(patterns, substitute) == fits(patterns, text) else None


@lru_cache(maxsize=512)
def patterns_of(policies: tuple[str, ...]) -> Patterns:
    """Return what policies, given as JSON, compare a request with."""
    statements = [statement for policy in policies for statement in _statements(policy)]
    texts = {text for statement in statements for text in _resources(statement)}
    compared: dict[str, set[str]] = {}
    other: set[str] = set()
    for operator, key, values in (each for statement in statements for each in _conditions(statement)):
        compared.setdefault(key, set()).update(values)
        if not _AS_STRING.fullmatch(operator):
            other.add(key)
    return Patterns(
        resources=_sorted(_wild(text) for text in texts),
        keys=frozenset(compared),
        strings={
            # StringEquals takes a value as it is, StringLike as a pattern.
            key: _sorted(pattern for value in values for pattern in (_literal(value), _wild(value)))
            for key, values in compared.items()
            if key not in other
        },
        variable=any("${" in text for text in (*texts, *(value for values in compared.values() for value in values))),
    )


def _statements(policy: str) -> list[dict[str, Any]]:
    found = json.loads(policy)["Statement"]
    return found if isinstance(found, list) else [found]


def _resources(statement: dict[str, Any]) -> Iterator[str]:
    for element in ("Resource", "NotResource"):
        yield from _listed(statement.get(element, []))


def _conditions(statement: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield operator, key.lower(), [str(value) for value in _listed(values)]


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _literal(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))


def _wild(text: str) -> re.Pattern[str]:
    parts = ({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in text)
    return re.compile("".join(parts), re.DOTALL)


def _sorted(patterns: Iterable[re.Pattern[str]]) -> tuple[re.Pattern[str], ...]:
    return tuple(sorted(set(patterns), key=lambda pattern: (pattern.pattern, pattern.flags)))
