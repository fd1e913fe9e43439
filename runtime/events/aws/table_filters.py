"""What is asked of the table, as expressions of pyiceberg."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyiceberg.expressions

from baler.events.table.columns import ARRIVED_AT, EVENT_TIME, EVENT_TYPE
from runtime.events.aws.table_files import HOUR, begin_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pyiceberg.expressions import BooleanExpression

    from baler.events.partition import Partition
    from baler.events.table.source_rows import SourceRows

# Its classes are made by pydantic with arguments that type checkers do not see.
_is: Any = pyiceberg.expressions


def where_older(moment: datetime) -> BooleanExpression:
    """Return what holds for the events that happened before a moment."""
    return _is.LessThan(EVENT_TIME.name, moment.isoformat())


def where_rows_are(sources: Sequence[SourceRows]) -> BooleanExpression:
    """Return what holds for all rows that the table could have of the sources, and for few others."""
    hours: dict[Partition, list[SourceRows]] = defaultdict(list)
    for source in sources:
        hours[source.partition].append(source)
    found = _is.AlwaysFalse()
    for hour, its in hours.items():
        begin = begin_of(hour)
        found = _is.Or(
            found,
            _is.And(
                _is.EqualTo(EVENT_TYPE.name, hour.event_type),
                _is.GreaterThanOrEqual(EVENT_TIME.name, begin.isoformat()),
                _is.LessThan(EVENT_TIME.name, (begin + HOUR).isoformat()),
                _is.GreaterThanOrEqual(ARRIVED_AT.name, min(each.first_arrival for each in its).isoformat()),
                _is.LessThanOrEqual(ARRIVED_AT.name, max(each.last_arrival for each in its).isoformat()),
            ),
        )
    return found
