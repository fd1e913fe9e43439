"""Every statement of every policy made wrong in one way: what the table must notice."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EVERYTHING: Final = {
    "Action": "{service}:*",
    "NotAction": "{service}:*",
    "Resource": "*",
    "NotResource": "*",
}


@dataclass(frozen=True)
class Mutant:
    """A document with one thing changed.

    Attributes:
        document: name of the document.
        change: the statement's Sid and what was done to it; unique within the document.
        policy: the document as changed.
        statements: the one that was changed, and what is there instead.
    """

    document: str
    change: str
    policy: dict[str, Any]
    statements: tuple[Mapping[str, Any], ...]

    @property
    def name(self) -> str:
        return f"{self.document}: {self.change}"

    def may_answer_otherwise(self, action: str, resource: str) -> bool:
        """Tell whether the document may judge such a request otherwise than it did before the change.

        It does not where neither the statement nor what is there instead is about the action on the resource.
        """
        return any(_is_about(statement, action, resource) for statement in self.statements)


def mutants_of(documents: Mapping[str, Any]) -> Iterator[Mutant]:
    """Return every mutant of the documents."""
    for name, policy in documents.items():
        for index, statement in enumerate(policy["Statement"]):
            for change, changed in _changes(statement):
                mutant = copy.deepcopy(policy)
                mutant["Statement"][index : index + 1] = changed
                yield Mutant(name, f"{statement['Sid']} {change}", mutant, (statement, *changed))


def _is_about(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    """Tell whether a statement has the action and the resource, whoever asks and whatever its conditions are."""
    return _names(statement, "Action", action.lower()) and (resource == "*" or _names(statement, "Resource", resource))


def _names(statement: Mapping[str, Any], element: str, value: str) -> bool:
    def named(patterns: list[str]) -> bool:
        lower = element == "Action"  # names of actions are the same in large and small letters, ARNs are not
        return any(fnmatchcase(value, pattern.lower() if lower else pattern) for pattern in patterns)

    if element in statement:
        return named(statement[element])
    return f"Not{element}" not in statement or not named(statement[f"Not{element}"])


def _changes(statement: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Return what can be done to a statement, and the statements that are there instead."""
    yield "dropped", []
    for key, everything in _EVERYTHING.items():
        if key in statement:
            yield from _changed_list(statement, key, everything)
    if "Principal" in statement and statement["Principal"] != "*":
        yield "Principal is anybody", [{**statement, "Principal": "*"}]
    for operator, keys in statement.get("Condition", {}).items():
        for key in keys:
            # Null may stand beside another operator on the same key.
            told = f"without asking whether there is {key}" if operator == "Null" else f"without its condition {key}"
            yield told, [_without_condition(statement, operator, key)]
            yield from _fewer_values(statement, operator, key)


def _changed_list(statement: dict[str, Any], key: str, everything: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    values: list[str] = statement[key]
    whole = everything.format(service=values[0].partition(":")[0])
    if whole not in values:
        yield f"{key} is {whole}", [{**statement, key: [whole]}]
    if len(values) > 1:
        for value in values:
            yield f"{key} without {value}", [{**statement, key: [other for other in values if other != value]}]


def _without_condition(statement: dict[str, Any], operator: str, key: str) -> dict[str, Any]:
    changed = copy.deepcopy(statement)
    del changed["Condition"][operator][key]
    if not changed["Condition"][operator]:
        del changed["Condition"][operator]
    if not changed["Condition"]:
        del changed["Condition"]
    return changed


def _fewer_values(statement: dict[str, Any], operator: str, key: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    values: str | list[str] = statement["Condition"][operator][key]
    if not isinstance(values, str) and len(values) > 1:
        for value in values:
            changed = copy.deepcopy(statement)
            changed["Condition"][operator][key] = [other for other in values if other != value]
            yield f"{key} without {value}", [changed]
