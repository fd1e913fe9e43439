"""`python -m benchmarks.records`: what the event stream's functions do with a record, without input and output.

Ours is measured beside a plain handler that is written from requirement document 5 and checks none of what
docs/event-records.md lists, and the parsers beside one another. It is processor time, which a busy machine inflates
too, though less than elapsed time; so compare what one run measured in turns.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import orjson
import typer
from rich.console import Console
from rich.table import Table

from baler.events.lambda_event import stream_records
from baler.events.parsing.document import document_of
from baler.events.parsing.parse import parse
from baler.events.raw_object import raw_object_name, raw_objects
from baler.events.transformation import Thresholds
from benchmarks.spread import Spread, in_turns
from runtime.events.transformer.object_content import ObjectTransform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from baler.events.raw_object import StreamObject

BATCH: Final = 100
PROCESSOR: Final = "processor"
PLAIN_PROCESSOR: Final = "processor, plain"
TRANSFORMER: Final = "transformer"
PLAIN_TRANSFORMER: Final = "transformer, plain"
OUR_PARSER: Final = "parse alone: json, strict"
JSON: Final = "parse alone: json as it is"
ORJSON: Final = "parse alone: orjson as it is"
MSGSPEC: Final = "parse alone: msgspec as it is"
ORJSON_CHECKED: Final = "parse alone: orjson, duplicate keys counted"

MICROSECONDS_AT_MOST: Final = {PROCESSOR: 15.0, TRANSFORMER: 25.0}
"""Of processor time a record: the targets."""

_STREAM: Final = "arn:aws:kinesis:eu-central-1:123456789012:stream/events"
_SHARD: Final = "shardId-000000000000"
_NOW: Final = datetime(2026, 11, 20, 9, 1, tzinfo=UTC)
_ARRIVED_AT: Final = 1795165260.5
_REPEATS: Final = 20
_HIGH_VALUE: Final = 1000


def sample(number: int) -> bytes:
    """Return an event of some 250 bytes, of the four types in turn."""
    event: dict[str, object] = {
        "timestamp": f"2026-11-20T09:{number % 60:02}:01.123456Z",
        "event_type": ("user_action", "transaction", "metric", "system_event")[number % 4],
        "event_id": hashlib.sha256(str(number).encode()).hexdigest()[:32],
    }
    of_its_type: tuple[dict[str, object], ...] = (
        {"user_id": f"user-{number}", "action": "click", "page": "/checkout", "session_duration": number * 7.5},
        {"transaction_id": f"tx-{number}", "user_id": f"user-{number}", "amount": number * 23.17, "currency": "EUR"},
        {"metric_name": "cpu_utilization", "value": number * 1.5, "unit": "percent", "host": f"host-{number}"},
        {"severity": "warning", "component": "ingest", "message": "queue is longer than usual", "code": number},
    )
    return json.dumps(event | of_its_type[number % 4] | {"device": {"os": "linux", "version": "6.8"}}).encode()


def invocation() -> list[dict[str, Any]]:
    """Return the records of one batch as Lambda hands them over."""
    return [
        {
            "eventID": f"{_SHARD}:{number:056}",
            "eventSourceARN": _STREAM,
            "kinesis": {
                "partitionKey": f"user-{number}",
                "sequenceNumber": f"{number:056}",
                "data": base64.b64encode(sample(number)).decode(),
                "approximateArrivalTimestamp": _ARRIVED_AT,
            },
        }
        for number in range(BATCH)
    ]


def process(records: Sequence[Mapping[str, Any]]) -> tuple[StreamObject, ...]:
    """Do what the processor does between reading and putting."""
    batch = stream_records({"Records": records}, _STREAM)
    return raw_objects(f"1795000000.{_SHARD}", batch[0].sequence_number, batch[-1].sequence_number, parse(batch).events)


def process_plainly(records: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """Do what document 5 lists for the processor, steps 1 to 6, as it is usually written."""
    partitions: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        fields = record["kinesis"]
        event = json.loads(base64.b64decode(fields["data"]).decode("utf-8"))
        if "timestamp" not in event or "event_type" not in event:
            continue
        event["kinesis_metadata"] = {
            "sequence_number": fields["sequenceNumber"],
            "partition_key": fields["partitionKey"],
            "arrival_timestamp": fields["approximateArrivalTimestamp"],
        }
        at = datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00"))  # noqa: FURB162 - as Python 3.9 needs it
        folder = f"event_type={event['event_type']}/{at.strftime('year=%Y/month=%m/day=%d/hour=%H')}"
        partitions.setdefault(folder, []).append(event)
    return {folder: "\n".join(json.dumps(event) for event in events).encode() for folder, events in partitions.items()}


def transform_object(key: str, content: bytes) -> bytes:
    """Do what the transformer does between reading and putting."""
    raw_object_name(key).check(content)
    return ObjectTransform(Thresholds(), _NOW.timestamp)(content).body


def transform_plainly(content: bytes) -> bytes:
    """Do what document 5 lists for the transformer, as it is usually written, for transactions alone."""
    lines: list[str] = []
    for line in content.decode("utf-8").splitlines():
        event = json.loads(line)
        enriched = event.copy()
        at = datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00"))  # noqa: FURB162 - as Python 3.9 needs it
        enriched["transaction_date"] = at.strftime("%Y-%m-%d")
        enriched["amount_category"] = "micro" if event.get("amount", 0) < 10 else "large"  # noqa: PLR2004 - an example
        enriched["is_high_value"] = event.get("amount", 0) > _HIGH_VALUE
        lines.append(
            json.dumps(
                {
                    "original_data": event,
                    "enriched_data": enriched,
                    "record_id": hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest(),
                    "processed_timestamp": _NOW.isoformat(),
                    "metadata": {"source": "kinesis-stream", "processing_stage": "transformed", "version": "1.0"},
                }
            )
        )
    return "\n".join(lines).encode()


def orjson_checked(data: bytes) -> object:
    """Parse by orjson and find duplicate keys by counting: colons are behind keys, or in strings.

    Raises:
        ValueError: the counts differ, and the record would have to be read again by a parser that knows.
    """
    document: dict[str, Any] = orjson.loads(data)
    keys, colons = _counted(document)
    if b"\\" in data or data.count(b":") != keys + colons:
        raise ValueError("a key may be there twice")
    return document


def _counted(document: dict[str, Any]) -> tuple[int, int]:
    keys = len(document)
    if not "".join(document).islower():
        raise ValueError("keys may differ by case alone")
    colons = 0
    for value in document.values():
        if isinstance(value, str):
            colons += value.count(":")
        elif isinstance(value, dict):
            more_keys, more_colons = _counted(value)  # pyright: ignore[reportUnknownArgumentType] - of a JSON object
            keys, colons = keys + more_keys, colons + more_colons
    return keys, colons


def measure(rounds: int) -> dict[str, Spread]:
    """Measure each in turns; returns microseconds of processor time a record."""
    records = invocation()
    events = [sample(number) for number in range(BATCH)]
    transactions = [record for number, record in enumerate(records) if number % 4 == 1] * 4
    (raw,) = process(transactions)
    read_by_msgspec = msgspec.json.Decoder().decode
    contestants: dict[str, Callable[[], object]] = {
        PROCESSOR: partial(process, records),
        PLAIN_PROCESSOR: partial(process_plainly, records),
        TRANSFORMER: partial(transform_object, raw.key, raw.content),
        PLAIN_TRANSFORMER: partial(transform_plainly, raw.content),
        OUR_PARSER: partial(_each, document_of, events),
        JSON: partial(_each, json.loads, events),
        ORJSON: partial(_each, orjson.loads, events),
        MSGSPEC: partial(_each, read_by_msgspec, events),
        ORJSON_CHECKED: partial(_each, orjson_checked, events),
    }
    taken = in_turns({name: partial(_microseconds, work) for name, work in contestants.items()}, rounds)
    return {name: Spread(tuple(samples)) for name, samples in taken.items()}


def _each(read: Callable[[bytes], object], events: Sequence[bytes]) -> None:
    for event in events:
        read(event)


def _microseconds(work: Callable[[], object]) -> float:
    work()
    began = time.process_time()
    for _ in range(_REPEATS):
        work()
    return (time.process_time() - began) / _REPEATS / BATCH * 1e6


def bench(rounds: Annotated[int, typer.Option(min=1, help="How often each runs; they take turns.")] = 25) -> None:
    """Measure what a record costs; print microseconds of processor time, and the targets."""
    table = Table("microseconds of processor time a record", "median", "low", "high", "target")
    for name, spread in measure(rounds).items():
        aim = f"at most {MICROSECONDS_AT_MOST[name]:.0f}" if name in MICROSECONDS_AT_MOST else ""
        table.add_row(name, f"{spread.median:.1f}", f"{spread.low:.1f}", f"{spread.high:.1f}", aim)
    Console(highlight=False).print(table)


if __name__ == "__main__":
    typer.run(bench)
