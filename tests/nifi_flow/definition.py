"""Reads the flow definition: what NiFi exports as JSON, and imports as a process group."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT: Final = Path(__file__).parents[2]
FLOW: Final = PROJECT / "nifi" / "baler-receiver.json"


@dataclass(frozen=True)
class Processor:
    """A processor of the flow.

    Attributes:
        name: what people see; unique here.
        type: the class.
        properties: as they are set; a parameter is `#{name}`, an expression `${…}`.
        auto_terminated: relationships whose flow files end there.
    """

    name: str
    type: str
    properties: Mapping[str, str]
    auto_terminated: frozenset[str]

    @property
    def kind(self) -> str:
        """The class's own name."""
        return self.type.rpartition(".")[2]


@dataclass(frozen=True)
class Flow:
    """The graph.

    Attributes:
        processors: by name.
        destinations: the processor that a relationship leads to, by the source's name and the relationship's.
    """

    processors: Mapping[str, Processor]
    destinations: Mapping[tuple[str, str], str]

    def named(self, kind: str) -> list[str]:
        """Return the names of the processors of a class."""
        return [name for name, processor in self.processors.items() if processor.kind == kind]

    def rewired(self, changes: Mapping[tuple[str, str], str]) -> Flow:
        """Return the flow with some relationships leading elsewhere: a flow with a mistake in it."""
        return replace(self, destinations={**self.destinations, **changes})


def document() -> Any:
    """Return the file as it is."""
    return json.loads(FLOW.read_text(encoding="utf-8"))


def flow() -> Flow:
    """Return the graph of the file."""
    contents = document()["flowContents"]
    processors = {
        each["name"]: Processor(
            each["name"], each["type"], each["properties"], frozenset(each["autoTerminatedRelationships"])
        )
        for each in contents["processors"]
    }
    destinations = {
        (connection["source"]["name"], relationship): connection["destination"]["name"]
        for connection in contents["connections"]
        for relationship in connection["selectedRelationships"]
    }
    return Flow(processors, destinations)
