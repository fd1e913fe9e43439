"""What is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.watch.definition import OwnMetrics


@dataclass(frozen=True)
class DrawnFunction:
    """A function: what it is called, its name, and its memory in megabytes."""

    called: str
    function: pulumi.Input[str]
    memory_megabytes: int


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """What is drawn, by the names that CloudWatch knows it by."""

    own: OwnMetrics
    functions: Sequence[DrawnFunction]
    api_id: pulumi.Input[str]
    queue: pulumi.Input[str]
    dead_letters: pulumi.Input[str]
    tables: Mapping[str, pulumi.Input[str]]
    """Their names, by what they are called here."""
