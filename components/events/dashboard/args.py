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


@dataclass(frozen=True)
class QueueNames:
    """A queue, and its dead-letter queue."""

    name: pulumi.Input[str]
    dead_letter_name: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """What is drawn, by the names that CloudWatch knows it by."""

    own: OwnMetrics
    stream: pulumi.Input[str]
    mapping: pulumi.Input[str]
    """UUID of the event source mapping of the stream."""

    functions: Sequence[DrawnFunction]
    """The processor first."""

    transform: QueueNames
    compaction: QueueNames
    tables: Mapping[str, pulumi.Input[str]]
    """Their names, by what they are called here."""

    shards: int | None
    """None where the stream grows by itself."""

    longest_table_delay_seconds: int
