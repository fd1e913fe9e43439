"""Holds what the pipeline has made of the records against what it had to make: each once, in its place, and right."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sandbox.demo.events.found import PROCESSED_PREFIX, REJECTED_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.demo.events.found import Batch, Found, Line, Row
    from sandbox.demo.events.in_stream import SentRecord

_METADATA: Final = {"source": "kinesis-stream", "processing_stage": "transformed", "version": "1.0"}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_ARRIVAL_FOLDER: Final = re.compile(r"rejected/year=\d{4}/month=\d\d/day=\d\d/hour=\d\d/[^/]+\.json")


@dataclass(frozen=True, slots=True)
class Proof:
    """What is wrong, by kind: nothing if all is right. Each list names records by shard and sequence number.

    Attributes:
        lost: good, and not among the processed.
        twice: good, and among the processed more than once.
        changed: processed with another content, other added fields, or another name than they had to get.
        misplaced: processed in another partition than that of their time and type.
        unrejected: bad, and not among the rejected.
        rejected_wrongly: rejected more than once by one object, for another reason, or with other bytes.
        foreign: processed or rejected, and never sent.
        batches: how the table of batches does not add up.
        table: how the table that queries read differs from what was sent.
        left: what should be empty and is not.
    """

    lost: Sequence[str] = ()
    twice: Sequence[str] = ()
    changed: Sequence[str] = ()
    misplaced: Sequence[str] = ()
    unrejected: Sequence[str] = ()
    rejected_wrongly: Sequence[str] = ()
    foreign: Sequence[str] = ()
    batches: Sequence[str] = ()
    table: Sequence[str] = ()
    left: Sequence[str] = ()

    @property
    def exact(self) -> bool:
        """Every good record is an event exactly once, every bad one is rejected for its reason, and all adds up."""
        return not any(getattr(self, each.name) for each in fields(self))


def prove(sent: Sequence[SentRecord], found: Found) -> Proof:
    """Return what is wrong with what was found."""
    good = {_record_id(record): record for record in sent if record.made_up.expected}
    bad = {_place(record): record for record in sent if not record.made_up.expected}
    processed, rejected = _by(found.processed, _id_of), _by(found.rejected, _place_of)
    met = [(good[identity], lines[0]) for identity, lines in processed.items() if identity in good]
    met_bad = [(bad[place], lines) for place, lines in rejected.items() if place in bad]
    return Proof(
        lost=_names(record for identity, record in good.items() if identity not in processed),
        twice=_names(good[identity] for identity, lines in processed.items() if identity in good and len(lines) > 1),
        changed=_names(record for record, line in met if not _is_right(record, line.document)),
        misplaced=_names(record for record, line in met if not _is_in_place(record, line.key)),
        unrejected=_names(record for place, record in bad.items() if place not in rejected),
        rejected_wrongly=_names(record for record, lines in met_bad if not _is_rejected_rightly(record, lines)),
        foreign=sorted({*(processed.keys() - good.keys()), *map(str, rejected.keys() - bad.keys())}),
        batches=tuple(_batches(found.batches, len(good), len(bad))),
        table=tuple(_table(found.rows, good)),
        left=[f"{count} {where}" for where, count in found.left.items() if count],
    )


def _is_right(record: SentRecord, document: Mapping[str, Any]) -> bool:
    """Whether a processed line says all that it has to, and nothing else."""
    expected = record.made_up.expected
    assert expected is not None  # noqa: S101 - it is a good one
    identity = _record_id(record)
    original = {**document["original_data"]}
    kinesis = {**original.pop("kinesis")}
    arrived_at = kinesis.pop("arrived_at")
    return (
        set(document) == {"original_data", "enriched_data", "record_id", "processed_timestamp", "metadata"}
        and original == json.loads(record.made_up.data, parse_float=Decimal)
        and kinesis
        == {
            "shard_id": record.shard_id,
            "sequence_number": record.sequence_number,
            "sub_sequence": 0,
            "partition_key": record.made_up.partition_key,
            "record_id": identity,
        }
        and arrived_at > 0
        and document["enriched_data"] == expected.enriched
        and document["record_id"] == identity
        and _MOMENT.fullmatch(document["processed_timestamp"]) is not None
        and document["metadata"] == _METADATA
    )


def _is_in_place(record: SentRecord, key: str) -> bool:
    expected = record.made_up.expected
    return expected is not None and key.rpartition("/")[0] == PROCESSED_PREFIX + expected.folder


def _is_rejected_rightly(record: SentRecord, lines: Sequence[Line]) -> bool:
    """Whether all that is said of a bad record is right.

    It may be said by several objects, since an attempt that died before it committed leaves its own, as
    `baler events rejected` knows. That only one of them was committed is seen in the table of batches.
    """
    return len({line.key for line in lines}) == len(lines) and all(_says_why(record, line) for line in lines)


def _says_why(record: SentRecord, line: Line) -> bool:
    return (
        line.document["reason"] == record.made_up.reason
        and base64.b64decode(line.document["data"]) == record.made_up.data
        and line.document["partition_key"] == record.made_up.partition_key
        and line.key.startswith(REJECTED_PREFIX)
        and _ARRIVAL_FOLDER.fullmatch(line.key) is not None
    )


def _batches(batches: Sequence[Batch], good: int, bad: int) -> Iterable[str]:
    uneven = sum(batch.total != batch.success + batch.failed for batch in batches)
    if uneven:
        yield f"in {uneven} batches the total is not the sum of successes and failures"
    for what, counted, sent in (
        ("records", sum(batch.total for batch in batches), good + bad),
        ("successes", sum(batch.success for batch in batches), good),
        ("failures", sum(batch.failed for batch in batches), bad),
    ):
        if counted != sent:
            yield f"the batches have {counted} {what}, and {sent} were sent"


def _table(rows: Sequence[Row], good: Mapping[str, SentRecord]) -> Iterable[str]:
    times = Counter(row.record_id for row in rows)
    for what, count in (
        ("are missing", len(good.keys() - times.keys())),
        ("were never sent", len(times.keys() - good.keys())),
        ("are there more than once", sum(number > 1 for number in times.values())),
    ):
        if count:
            yield f"{count} events {what}"
    types = Counter(record.made_up.expected.event_type for record in good.values() if record.made_up.expected)
    if Counter(row.event_type for row in rows) != types:
        yield "the types are not those that were sent"
    amounts = [
        record.made_up.expected.amount
        for record in good.values()
        if record.made_up.expected and record.made_up.expected.amount is not None
    ]
    summed = sum((row.amount for row in rows if row.amount is not None), Decimal())
    if summed != sum(amounts, Decimal()):
        yield f"the amounts come to {summed}, and {sum(amounts, Decimal())} was sent"


def _record_id(record: SentRecord) -> str:
    """Return the name that an event has to get (docs/event-records.md, "The line")."""
    return hashlib.sha256(f"{record.sequence_number}/0/".encode() + record.made_up.data).hexdigest()


def _place(record: SentRecord) -> str:
    return f"{record.shard_id}/{record.sequence_number}"


def _id_of(line: Line) -> str:
    return str(line.document["record_id"])


def _place_of(line: Line) -> str:
    return f"{line.document['shard_id']}/{line.document['sequence_number']}"


def _by(lines: Sequence[Line], name: Any) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(name(line), []).append(line)
    return found


def _names(records: Iterable[SentRecord]) -> list[str]:
    return sorted(_place(record) for record in records)
