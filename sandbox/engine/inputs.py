"""A resource's inputs, of which none can be overlooked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pulumi.runtime import rpc


class Inputs:
    """Inputs that remember what was taken from them.

    A creator takes every input that it knows before it acts; what is left over then is one that it does not
    know. Values arrive with their numbers as floats, which is all that the engine's protocol has: whole ones
    are given as int.
    """

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self._path = path
        self._left = {name: _plain(value) for name, value in values.items()}
        self._sections: list[Inputs] = []

    def take(self, name: str, default: Any = None) -> Any:
        """Return the input and consider it dealt with; `default` where the program does not set it."""
        return self._left.pop(name, default)

    def ignore(self, *names: str) -> None:
        """Consider inputs dealt with that have no effect on creation; the caller's comment says why."""
        for name in names:
            self._left.pop(name, None)

    def section(self, name: str) -> Inputs:
        """Return a structure's own inputs, none where the program does not set it."""
        return self._section(self._left.pop(name, None) or {}, name)

    def sections(self, name: str) -> list[Inputs]:
        """Return the own inputs of each structure in a list."""
        values = cast("list[Any]", self._left.pop(name, None) or [])
        return [self._section(value, f"{name}[{index}]") for index, value in enumerate(values)]

    def renamed(self, **parameters: str) -> Any:
        """Return a request's parameters (a dict) from inputs that only have another name there, if they are set.

        What it holds is typed by the service, which checks it; hence `Any`.

        Args:
            parameters: The parameter's name by the input's.
        """
        taken = {parameter: self.take(name) for name, parameter in parameters.items()}
        return {parameter: value for parameter, value in taken.items() if value is not None}

    def left_over(self) -> list[str]:
        """Return the paths of the inputs that nobody took, those of structures included."""
        return [self._path + name for name in self._left] + [
            path for section in self._sections for path in section.left_over()
        ]

    def _section(self, values: Mapping[str, Any], name: str) -> Inputs:
        section = Inputs(values, f"{self._path}{name}.")
        self._sections.append(section)
        return section


def _plain(value: Any) -> Any:
    value = rpc.unwrap_rpc_secret(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value
