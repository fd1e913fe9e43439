"""Parameters of the query: each is declared once, for reading it and for the API's description."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from runtime.lake.api.problems import ApiError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,8}")


class Parameter(Protocol):
    """A parameter, which may be left out."""

    @property
    def name(self) -> str:
        """Its name, exactly as it is written."""
        ...

    @property
    def description(self) -> str:
        """What it does, for people."""
        ...

    @property
    def schema(self) -> dict[str, Any]:
        """Its values, in JSON Schema."""
        ...

    def read(self, text: str) -> int | str:
        """Return the value.

        Raises:
            ApiError: it is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A number of plain digits.

    Attributes:
        least, most: both included.
        default: where it is left out.
    """

    name: str
    description: str
    least: int
    most: int
    default: int

    @property
    def schema(self) -> dict[str, Any]:
        """See `Parameter`."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most, "default": self.default}

    def read(self, text: str) -> int:
        """See `Parameter`."""
        if not _WHOLE.fullmatch(text) or not self.least <= int(text) <= self.most:
            raise ApiError(
                Problem.PARAMETER_INVALID,
                f"{self.name} must be a whole number from {self.least} to {self.most}; left out, it is {self.default}",
            )
        return int(text)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words.

    Attributes:
        choices: the words.
        default: what happens where it is left out, for people.
    """

    name: str
    description: str
    choices: tuple[str, ...]
    default: str

    @property
    def schema(self) -> dict[str, Any]:
        """See `Parameter`."""
        return {"type": "string", "enum": list(self.choices)}

    def read(self, text: str) -> str:
        """See `Parameter`."""
        if text not in self.choices:
            raise ApiError(
                Problem.PARAMETER_INVALID,
                f"{self.name} must be one of {', '.join(self.choices)}; leave it out for {self.default}",
            )
        return text


@dataclass(frozen=True, slots=True)
class Opaque:
    """A text that the API gave out itself, and whose meaning is its own.

    Attributes:
        most: characters.
    """

    name: str
    description: str
    most: int

    @property
    def schema(self) -> dict[str, Any]:
        """See `Parameter`."""
        return {"type": "string", "minLength": 1, "maxLength": self.most, "pattern": "^[A-Za-z0-9_-]+$"}

    def read(self, text: str) -> str:
        """See `Parameter`; what it says is checked by whoever gave it out."""
        return text


def read_parameters(declared: Sequence[Parameter], query: Sequence[tuple[str, str]]) -> Mapping[str, int | str]:
    """Return the values of the parameters that are there, by name.

    Args:
        declared: those that may be.
        query: names and values as they were sent, decoded.

    Raises:
        ApiError: one is unknown, there twice, or has no value that it may have.
    """
    known = {each.name: each for each in declared}
    values: dict[str, int | str] = {}
    for name, text in query:
        if name not in known:
            names = ", ".join(known) or "none"
            raise ApiError(
                Problem.PARAMETER_UNKNOWN,
                f"a parameter of the query is unknown; those of this path are: {names} (in just this spelling)",
            )
        if name in values:
            raise ApiError(Problem.PARAMETER_REPEATED, f"{name} is there more than once; send it once")
        values[name] = known[name].read(text)
    return values
