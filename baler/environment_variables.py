"""Reads the environment variables of a function; what is wrong is said by the variable's name, before any work."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class InvalidEnvironment(Exception):  # noqa: N818 - what is wrong, by name
    """An environment variable of the function is missing or wrong; the function's component sets them."""


def text(variables: Mapping[str, str], name: str) -> str:
    """Return a variable.

    Raises:
        InvalidEnvironment: it is missing or empty.
    """
    value = variables.get(name, "")
    if not value:
        raise InvalidEnvironment(f"the environment variable {name} is missing or empty")
    return value


def whole_number(variables: Mapping[str, str], name: str, *, least: int = 1) -> int:
    """Return a variable that is a whole number.

    Raises:
        InvalidEnvironment: it is missing, or no whole number of at least `least`.
    """
    value = text(variables, name)
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise InvalidEnvironment(
            f"the environment variable {name} is {value!r}: it must be a whole number of at least {least}"
        )
    return int(value)
