"""Every fault that can be rehearsed, and why the pages of others cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.errors import SandboxError
from sandbox.rehearsal.faults_of_courier import FAULTS_OF_COURIER
from sandbox.rehearsal.faults_of_events import FAULTS_OF_EVENTS
from sandbox.rehearsal.faults_of_files import FAULTS_OF_FILES
from sandbox.rehearsal.faults_of_lake import FAULTS_OF_LAKE

if TYPE_CHECKING:
    from sandbox.rehearsal.fault import Fault

FAULTS: Final[dict[str, Fault[Any]]] = {
    fault.name: fault for fault in (*FAULTS_OF_FILES, *FAULTS_OF_COURIER, *FAULTS_OF_EVENTS, *FAULTS_OF_LAKE)
}
"""By name."""

_NO_ALARM: Final = "it is no fault: nothing is on when somebody opens it"
_HOURS: Final = "its alarms tell of hours and days, whose marks nobody can make in a minute"
_OTHERS: Final = "its way is that of others, and its own alarms come with theirs"

NOT_REHEARSED: Final[dict[str, str]] = {
    "archive": _NO_ALARM,
    "backlog": _OTHERS,
    "budget": "LocalStack has no Budgets",
    "consumer-host-gone": _NO_ALARM,
    "doctor": _NO_ALARM,
    "events-data-loss": _NO_ALARM,
    "events-expiring": _HOURS,
    "events-look": _NO_ALARM,
    "events-lost-region": _NO_ALARM,
    "events-not-committed": _HOURS,
    "events-outage": _NO_ALARM,
    "events-restored-table": _NO_ALARM,
    "events-slow": _OTHERS,
    "lake-counters": _NO_ALARM,
    "lake-look": _NO_ALARM,
    "lake-set-aside": "a source that changes its shape is shown by `make demo PIPELINE=lake`",
    "lake-throttled": "it is that of throttled, with other names",
    "missing-file": _NO_ALARM,
    "network-change": _NO_ALARM,
    "pipeline-unhealthy": "every fault that pages begins there",
    "receiver-lost-data": _NO_ALARM,
    "register-stale": _HOURS,
    "replay": _NO_ALARM,
    "restore-much": _NO_ALARM,
    "rolled-back": "LocalStack has no CodeDeploy",
    "rotate-principals": _NO_ALARM,
    "slow": _OTHERS,
    "status": _NO_ALARM,
    "upgrade": _NO_ALARM,
}
"""Pages of docs/runbooks that no fault leads to, with the reason."""


def fault_named(name: str) -> Fault[Any]:
    """Return a fault.

    Raises:
        SandboxError: there is none of that name.
    """
    if name not in FAULTS:
        raise SandboxError(f"No fault is called {name!r}: `make rehearse` lists them.")
    return FAULTS[name]
