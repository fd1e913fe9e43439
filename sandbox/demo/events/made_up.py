"""Records to send, good and bad, each with what has to become of it.

What is expected comes from the values that a record is made of, by the words of requirement document 5, and from no
code of the pipeline: a rule that is wrong there must not be proved by itself.
"""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

HOURS: Final = 2
"""Of yesterday, over which the events are spread; they are closed, so that the compactor may rewrite them."""
_FIRST_HOUR: Final = 9
_KEYS: Final = 4000
_BAD_EVERY: Final = 40
_AGAIN_EVERY: Final = 200
_OFFSETS: Final = (timezone(timedelta(hours=-5)), timezone(timedelta(hours=5, minutes=30)))


@dataclass(frozen=True, slots=True)
class Expected:
    """What a good record has to become.

    Attributes:
        event_type: its type.
        folder: its partition below `raw/` and `processed/`.
        enriched: `enriched_data`.
        amount: of a transaction, exactly as it was written.
    """

    event_type: str
    folder: str
    enriched: dict[str, Any]
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MadeUpRecord:
    """A record to send.

    Attributes:
        data: its bytes.
        partition_key: decides its shard.
        expected: what it has to become; None if it has to be rejected.
        reason: why it has to be rejected; empty for a good one.
    """

    data: bytes
    partition_key: str
    expected: Expected | None
    reason: str = ""


def made_up(count: int, seed: int, today: datetime) -> list[MadeUpRecord]:
    """Return records of all types: the same ones for the same seed and day.

    Now and then one is bad, in turn in each way that there is, and one has the bytes of the one before it: the stream
    cannot know that they are the same, so both are events.

    Args:
        count: how many.
        seed: of the chance.
        today: any moment of the day after that of the events, UTC.
    """
    dice = random.Random(seed)  # noqa: S311 - events, not secrets
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight - timedelta(days=1) + timedelta(hours=_FIRST_HOUR)
    records: list[MadeUpRecord] = []
    for number in range(count):
        if number % _BAD_EVERY == _BAD_EVERY - 1:
            reason, make = _BAD[number // _BAD_EVERY % len(_BAD)]
            records.append(MadeUpRecord(make(number), _key(dice), None, reason))
        elif records and number % _AGAIN_EVERY == _AGAIN_EVERY // 2:
            records.append(records[-1])
        else:
            records.append(_good(dice, number, start + timedelta(seconds=dice.uniform(0, HOURS * 3600 - 1))))
    return records


def _good(dice: random.Random, number: int, at: datetime) -> MadeUpRecord:
    kind = dice.choice(tuple(_GOOD))
    fields, enriched, amount = _GOOD[kind](dice, number, at)
    document = {"event_type": kind, "timestamp": _written(dice, at), **fields}
    text = json.dumps(document, ensure_ascii=False)
    if amount is not None:
        # A float would not have the digits that the producer writes.
        text = text.replace('"AMOUNT"', str(amount))
    folder = f"event_type={kind}/year={at:%Y}/month={at:%m}/day={at:%d}/hour={at:%H}"
    return MadeUpRecord(text.encode(), _key(dice), Expected(kind, folder, enriched, amount))


def _transaction(
    dice: random.Random, number: int, at: datetime
) -> tuple[dict[str, Any], dict[str, Any], Decimal | None]:
    cents = dice.choice((-250, 0, 999, 1000, 9_999, 10_000, 99_999, 100_000, 100_001, dice.randrange(300_000)))
    amount = Decimal(cents) / 100
    if amount < 10:  # noqa: PLR2004 - the page's limits, and those below
        category = "micro"
    elif amount < 100:  # noqa: PLR2004
        category = "small"
    else:
        category = "medium" if amount < 1000 else "large"  # noqa: PLR2004
    fields = {"amount": "AMOUNT", "transaction_id": f"tx-{number:07}", "currency": "GBP"}
    enriched = {
        "transaction_date": f"{at:%Y-%m-%d}",
        "amount_category": category,
        "is_high_value": amount > 1000,  # noqa: PLR2004
    }
    return fields, enriched, amount


def _user_action(dice: random.Random, number: int, at: datetime) -> tuple[dict[str, Any], dict[str, Any], None]:
    fields: dict[str, Any] = {"user_id": f"user-{number % 97}", "action": "view", "page": "/café/日本語"}
    enriched = {"action_date": f"{at:%Y-%m-%d}"}
    duration = dice.choice((None, 0, 59.5, 60, 599, 600, dice.randrange(2000)))
    if duration is not None:
        fields["session_duration"] = duration
        longer = "medium" if duration < 600 else "long"  # noqa: PLR2004
        enriched["session_duration_category"] = "short" if duration < 60 else longer  # noqa: PLR2004
    return fields, enriched, None


def _metric(dice: random.Random, number: int, at: datetime) -> tuple[dict[str, Any], dict[str, Any], None]:
    value = dice.choice((-0.5, 0, 19.75, 20, 80, 80.25, 100, 100.5, dice.uniform(-20, 120)))
    if value < 0:
        value_range = "negative"
    elif value < 20:  # noqa: PLR2004
        value_range = "low"
    else:
        value_range = "normal" if value <= 80 else "high"  # noqa: PLR2004
    fields = {"metric_name": f"cpu.{number % 5}", "value": value, "unit": "%", "tags": {"rack": number % 3}}
    enriched = {
        "metric_date": f"{at:%Y-%m-%d}",
        "value_range": value_range,
        "is_anomaly": value < 0 or value > 100,  # noqa: PLR2004
    }
    return fields, enriched, None


def _system_event(dice: random.Random, number: int, _at: datetime) -> tuple[dict[str, Any], dict[str, Any], None]:
    severity = dice.choice(("info", "warning", "error"))
    return {"severity": severity, "component": "disk", "message": f"check {number}\n done"}, {}, None


_GOOD: Final = {
    "transaction": _transaction,
    "user_action": _user_action,
    "metric": _metric,
    "system_event": _system_event,
}


def _written(dice: random.Random, at: datetime) -> str:
    """Write a moment in one of the ways that mean the same."""
    match dice.randrange(4):
        case 0:
            return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
        case 1:
            return f"{at:%Y-%m-%dT%H:%M:%S}"
        case 2:
            return f"{at:%Y-%m-%dT%H:%M:%S}.123456789Z"
        case _:
            return at.astimezone(dice.choice(_OFFSETS)).isoformat(timespec="seconds")


def _key(dice: random.Random) -> str:
    return f"producer-{dice.randrange(_KEYS)}"


def _bad(amount: str, kind: str = "transaction", timestamp: str = '"2024-01-15T10:30:00Z"') -> Callable[[int], bytes]:
    """Return what makes a transaction that is wrong in one place, and like no other."""

    def make(number: int) -> bytes:
        text = f'{{"event_type":"{kind}","timestamp":{timestamp},"amount":{amount},"transaction_id":"bad-{number}"}}'
        return text.encode()

    return make


_WHOLE: Final = _bad("1")
_BAD: Final[tuple[tuple[str, Callable[[int], bytes]], ...]] = (
    ("not_json", lambda number: _WHOLE(number)[:-1]),
    ("duplicate_key", _bad('1,"amount":5000')),
    ("duplicate_key", _bad('1,"Amount":5000')),
    ("number_out_of_range", _bad("NaN")),
    ("number_out_of_range", _bad("1e400")),
    ("wrong_type", _bad('"12.5"')),
    ("wrong_type", _bad("true")),
    ("unknown_event_type", _bad("1", kind="../x")),
    ("unknown_event_type", _bad("1", kind="metric/year=1999")),
    ("bad_timestamp", _bad("1", timestamp="1705314600")),
    ("bad_timestamp", _bad("1", timestamp='"2024-W03-1"')),
    ("missing_field", lambda number: b'{"event_type":"metric","timestamp":"2024-01-15T10:30:00Z","n":%d}' % number),
    ("compressed", lambda number: gzip.compress(_WHOLE(number), mtime=0)),
    ("not_utf8", lambda number: _WHOLE(number).replace(b"bad-", b"\xe9-")),
    ("several_documents", lambda number: b"\n".join([_WHOLE(number)] * 2)),
    ("not_an_object", lambda number: b"[%s]" % _WHOLE(number)),
    ("too_deep", lambda number: _WHOLE(number)[:-1] + b',"deep":' + b"[" * 40 + b"]" * 40 + b"}"),
    ("kpl_aggregated", lambda number: b"\xf3\x89\x9a\xc2" + b"%032d" % number),
)
"""Why, and how to make one."""
