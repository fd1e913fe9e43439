"""The events of a run: one for each number, of all types in turn, each of the moment at which it is sent."""

from __future__ import annotations

from datetime import UTC, datetime

_KEYS = 10_000


def event_of(run: str, number: int, at: float) -> bytes:
    """Return an event's bytes, about 200 of them.

    Args:
        run: the id of the run.
        number: of the event, in the order of the schedule.
        at: when it happened, seconds since the epoch.
    """
    timestamp = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    kind, fields = (
        ("transaction", f'"amount":{number % 2000}.25,"transaction_id":"{run}-{number}","currency":"GBP"'),
        ("user_action", f'"user_id":"user-{number % 997}","action":"view","session_duration":{number % 900}'),
        ("metric", f'"metric_name":"cpu","value":{number % 110}.5,"unit":"%"'),
        ("system_event", f'"severity":"info","component":"disk","message":"check {number}"'),
    )[number % 4]
    return f'{{"event_type":"{kind}","timestamp":"{timestamp}",{fields},"run":"{run}","number":{number}}}'.encode()


def partition_key_of(number: int) -> str:
    """Return an event's partition key, which spreads over all shards."""
    return f"loadtest-{number % _KEYS}"
