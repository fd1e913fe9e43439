"""Which faults can meet which calls of the event stream."""

from __future__ import annotations

from typing import Final

from simulation.faults import Kind

_DEATHS: Final = (Kind.CRASH_BEFORE, Kind.CRASH_AFTER)
_FAILURES: Final = (Kind.REFUSED, Kind.FORBIDDEN, Kind.UNDONE, Kind.HANG, Kind.OUTAGE)
_READ: Final = (*_DEATHS, Kind.LINGER, Kind.ZOMBIE, *_FAILURES)
_WRITE: Final = (*_READ, Kind.CRASH_LATE, Kind.UNANSWERED, Kind.LATE, Kind.RETRIED, Kind.ECHO)
_SENT: Final = (*_DEATHS, Kind.CRASH_LATE, Kind.REFUSED, Kind.UNANSWERED, Kind.LATE, Kind.RETRIED, Kind.ECHO)
_DELETED: Final = (*_DEATHS, Kind.UNDONE, Kind.UNANSWERED, Kind.LATE)

POSSIBLE: Final[dict[str, tuple[Kind, ...]]] = {
    "table.frontier": _READ,
    "table.batch": _READ,
    "table.commit": _WRITE,
    "table.recoveries": _READ,
    "table.covered": _READ,
    "table.commit_recovery": _WRITE,
    "table.note": _WRITE,
    "runs.update": _WRITE,
    "raw.put": _WRITE,
    "raw.get": _READ,
    "raw.list": _READ,
    "raw.remove": _DELETED,
    "processed.list": (*_DEATHS, Kind.REFUSED, Kind.UNDONE),
    "processed.put": _WRITE,
    "processed.get": _READ,
    "catalog.load": _READ,
    "catalog.read": _READ,
    "catalog.write": _READ,
    "catalog.commit": _WRITE,
    "catalog.sweep": (*_DEATHS, Kind.REFUSED, Kind.UNDONE),
    # The function has done everything, and its answer does not arrive.
    "lambda.answer": (*_DEATHS, Kind.LINGER, Kind.ZOMBIE),
    "transforms.receive": _DEATHS,
    "transforms.send": _SENT,
    "transforms.refuse": _SENT,
    "transforms.delete": _DELETED,
    "compactions.receive": _DEATHS,
    "compactions.delete": _DELETED,
}
