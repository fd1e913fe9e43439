"""What the transformer adds to an event, by its type.

Requirement document 5 lists what is added ("Transformation Logic") and leaves the limits open; they are the defaults
here. A limit belongs to the class above it, unless it says otherwise.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from baler.events.event_time import event_time
from baler.events.event_types import KINESIS, METRIC, SYSTEM_EVENT, TIMESTAMP, TRANSACTION, USER_ACTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_METADATA: Final = b'"metadata":{"source":"kinesis-stream","processing_stage":"transformed","version":"1.0"}}'


class BadRawLineError(ValueError):
    """A line of a raw object is none that the processor writes."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits between classes.

    Attributes:
        small_from: amounts below are micro, refunds included; in units of the currency.
        medium_from: amounts below are micro or small.
        large_from: amounts from here are large.
        high_value_above: amounts above, and not this one itself, are of high value.
        medium_session_from: sessions below are short; seconds.
        long_session_from: sessions from here are long; seconds.
        normal_from: values from 0 and below this are low; those below 0 are negative. In the metric's own unit.
        normal_to: values above are high; this one itself is normal.
        expected_from: values below are anomalies.
        expected_to: values above are anomalies.

    Raises:
        ValueError: the limits of one series do not rise.
    """

    small_from: float = 10
    medium_from: float = 100
    large_from: float = 1000
    high_value_above: float = 1000
    medium_session_from: float = 60
    long_session_from: float = 600
    normal_from: float = 20
    normal_to: float = 80
    expected_from: float = 0
    expected_to: float = 100

    def __post_init__(self) -> None:
        series = {
            "amounts": (self.small_from, self.medium_from, self.large_from),
            "session durations": (0, self.medium_session_from, self.long_session_from),
            "value ranges": (0, self.normal_from, self.normal_to),
            "expected values": (self.expected_from, self.expected_to),
        }
        for name, limits in series.items():
            if not all(low < high for low, high in pairwise(limits)):
                raise ValueError(f"the limits of {name} do not rise: {limits}")


def transform(line: bytes, thresholds: Thresholds, processed_at: datetime) -> bytes:
    """Return the processed line of a raw one, without a line end.

    Args:
        line: a line of a raw object whose bytes hash to its name. It becomes `original_data` byte for byte.
        thresholds: the limits between classes.
        processed_at: UTC, by the whole second or finer.

    Raises:
        BadRawLineError: the processor writes no such line.
    """
    try:
        document: dict[str, Any] = json.loads(line)
        added = _ADDED[document["event_type"]](document, thresholds)
        identity: str = document[KINESIS]["record_id"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadRawLineError("a line of a raw object is none that the processor writes") from error
    moment = processed_at.isoformat().replace("+00:00", "Z")
    head = f',"enriched_data":{json.dumps(added)},"record_id":"{identity}","processed_timestamp":"{moment}",'
    return b'{"original_data":' + line + head.encode() + _METADATA


def _transaction(document: Mapping[str, Any], thresholds: Thresholds) -> dict[str, object]:
    amount: float = document["amount"]
    if amount < thresholds.small_from:
        category = "micro"
    elif amount < thresholds.medium_from:
        category = "small"
    else:
        category = "medium" if amount < thresholds.large_from else "large"
    return {
        "transaction_date": _day(document),
        "amount_category": category,
        "is_high_value": amount > thresholds.high_value_above,
    }


def _user_action(document: Mapping[str, Any], thresholds: Thresholds) -> dict[str, object]:
    """Return what is added; an action without a session's duration has no category of it."""
    added: dict[str, object] = {"action_date": _day(document)}
    duration: float | None = document.get("session_duration")
    if duration is None:
        return added
    if duration < thresholds.medium_session_from:
        category = "short"
    else:
        category = "medium" if duration < thresholds.long_session_from else "long"
    return added | {"session_duration_category": category}


def _metric(document: Mapping[str, Any], thresholds: Thresholds) -> dict[str, object]:
    value: float = document["value"]
    if value < 0:
        value_range = "negative"
    elif value < thresholds.normal_from:
        value_range = "low"
    else:
        value_range = "normal" if value <= thresholds.normal_to else "high"
    return {
        "metric_date": _day(document),
        "value_range": value_range,
        "is_anomaly": not thresholds.expected_from <= value <= thresholds.expected_to,
    }


def _system_event(_document: Mapping[str, Any], _thresholds: Thresholds) -> dict[str, object]:
    """Return nothing: the document lists nothing for it."""
    return {}


_ADDED: Final[Mapping[str, Callable[[Mapping[str, Any], Thresholds], dict[str, object]]]] = {
    TRANSACTION.name: _transaction,
    USER_ACTION.name: _user_action,
    METRIC.name: _metric,
    SYSTEM_EVENT.name: _system_event,
}


def _day(document: Mapping[str, Any]) -> str:
    """Return the day in UTC, the one that the event's partition is of."""
    return event_time(document[TIMESTAMP]).date().isoformat()
