"""What one processed object gives to the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from baler.events.partition import Partition

Row = dict[str, object]
"""The values of a row, by column; a column that is missing is null."""


@dataclass(frozen=True, slots=True)
class SourceRows:
    """The rows of one source, which is a processed object.

    All rows that the table ever has of a source lie in one partition and between two arrivals, whichever attempt
    wrote them: both follow from the raw object, whose name carries its hash. So little has to be read to replace them.

    Attributes:
        key: of the object; each row has it as its `source`.
        partition: of each of its events.
        rows: one an event, at least one.
        first_arrival: the earliest time at which the stream took one of them, UTC.
        last_arrival: the latest.
    """

    key: str
    partition: Partition
    rows: tuple[Row, ...]
    first_arrival: datetime
    last_arrival: datetime
