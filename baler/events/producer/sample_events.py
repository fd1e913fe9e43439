"""Events to try the stream with: plausible ones of every declared type, the same ones for the same seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from baler.events.event_types import EVENT_TYPE, EVENT_TYPES, METRIC, SYSTEM_EVENT, TIMESTAMP, TRANSACTION, USER_ACTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

_USERS: Final = 1000
_HOSTS: Final = 200
_ACTIONS: Final = ("login", "logout", "view", "click", "search", "purchase")
_PAGES: Final = ("/", "/search", "/basket", "/account", "/help")
_CURRENCIES: Final = ("EUR", "GBP", "USD")
_METRICS: Final = (("cpu_usage", "percent"), ("memory_usage", "percent"), ("request_latency", "ms"))
_COMPONENTS: Final = ("api", "database", "queue", "scheduler", "web")
_SEVERITIES: Final = ("info", "info", "info", "warning", "error")


class SampleEvent(NamedTuple):
    """An event, and the partition key that it is sent with."""

    event: dict[str, Any]
    partition_key: str


class SampleEvents:
    """Makes events.

    Args:
        types: names of declared types, each as likely as another.
        seed: decides everything but the time.
    """

    def __init__(self, types: Sequence[str], seed: int) -> None:
        if unknown := sorted(set(types) - EVENT_TYPES.keys()):
            raise ValueError(f"no declared types: {', '.join(unknown)}")
        self._types = tuple(types)
        self._random = random.Random(seed)  # noqa: S311 - samples are meant to be the same again

    def next(self, now: datetime) -> SampleEvent:
        """Return one that happens now, UTC."""
        name = self._random.choice(self._types)
        fields, key = _SAMPLES[name](self._random)
        moment = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return SampleEvent({TIMESTAMP: moment, EVENT_TYPE: name, **fields}, key)


_Sample = tuple[dict[str, Any], str]


def _user_action(rng: random.Random) -> _Sample:
    user = f"user-{rng.randrange(_USERS)}"
    duration = round(rng.lognormvariate(5, 1.2), 1)
    fields = {
        "user_id": user,
        "action": rng.choice(_ACTIONS),
        "page": rng.choice(_PAGES),
        "session_id": f"session-{rng.randrange(10**9):09}",
        "session_duration": duration,
    }
    return fields, user


def _transaction(rng: random.Random) -> _Sample:
    user = f"user-{rng.randrange(_USERS)}"
    fields = {
        "transaction_id": f"transaction-{rng.randrange(10**12):012}",
        "user_id": user,
        "amount": round(rng.lognormvariate(4, 2), 2),
        "currency": rng.choice(_CURRENCIES),
    }
    return fields, user


def _metric(rng: random.Random) -> _Sample:
    name, unit = rng.choice(_METRICS)
    host = f"host-{rng.randrange(_HOSTS)}"
    return {"metric_name": name, "value": round(rng.gauss(50, 25), 3), "unit": unit, "host": host}, host


def _system_event(rng: random.Random) -> _Sample:
    component = rng.choice(_COMPONENTS)
    host = f"host-{rng.randrange(_HOSTS)}"
    message = f"{component} on {host} has changed its state"
    return {"severity": rng.choice(_SEVERITIES), "component": component, "message": message, "host": host}, host


_SAMPLES: Final[Mapping[str, Callable[[random.Random], _Sample]]] = {
    USER_ACTION.name: _user_action,
    TRANSACTION.name: _transaction,
    METRIC.name: _metric,
    SYSTEM_EVENT.name: _system_event,
}
