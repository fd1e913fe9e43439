"""Which faults can meet which calls of the lake."""

from __future__ import annotations

from typing import Final

from simulation.faults import Kind

_DEATHS: Final = (Kind.CRASH_BEFORE, Kind.CRASH_AFTER)
_FAILURES: Final = (Kind.REFUSED, Kind.FORBIDDEN, Kind.UNDONE, Kind.HANG, Kind.OUTAGE)
_READ: Final = (*_DEATHS, Kind.LINGER, Kind.ZOMBIE, *_FAILURES)
_WRITE: Final = (*_READ, Kind.CRASH_LATE, Kind.UNANSWERED, Kind.LATE, Kind.RETRIED, Kind.ECHO)

POSSIBLE: Final[dict[str, tuple[Kind, ...]]] = {
    "web.get": (*_DEATHS, Kind.LINGER, Kind.ZOMBIE, Kind.REFUSED, Kind.UNDONE, Kind.OUTAGE),
    "state.get": _READ,
    "state.replace": _WRITE,
    "raw.put": _WRITE,
    "raw.get": _READ,
    "table.read": _READ,
    "table.transact": _WRITE,
    "table.replace": _WRITE,
    "table.stamp": _WRITE,
    "versions.put": _WRITE,
    "aside.put": (*_DEATHS, Kind.REFUSED, Kind.UNDONE, Kind.UNANSWERED, Kind.LATE, Kind.OUTAGE),
    # The function has done everything, and its answer does not arrive.
    "lambda.answer": (*_DEATHS, Kind.LINGER, Kind.ZOMBIE),
    "queue.receive": _DEATHS,
    "queue.delete": (*_DEATHS, Kind.UNDONE, Kind.UNANSWERED, Kind.LATE),
}
