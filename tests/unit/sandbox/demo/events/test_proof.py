"""The proof finds whatever is wrong: each test spoils one thing of a run that went well."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from baler.events.parsing.parse import parse
from baler.events.raw_object import rejected_object
from baler.events.rejected_line import rejected_line
from baler.events.stream_record import StreamRecord
from baler.events.transformation import Thresholds, transform
from sandbox.demo.events.found import Batch, Found, Line, Row
from sandbox.demo.events.in_stream import SentRecord
from sandbox.demo.events.made_up import made_up
from sandbox.demo.events.proof import Proof, prove

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 11, 26, 13, 45, tzinfo=UTC)
SHARD = "shardId-000000000000"


def sent_records() -> list[SentRecord]:
    return [SentRecord(record, SHARD, f"{number:056}") for number, record in enumerate(made_up(120, 14, NOW), start=1)]


def found_of(sent: list[SentRecord]) -> Found:
    """What a pipeline that does all of it right leaves."""
    parsed = parse(
        StreamRecord(SHARD, each.sequence_number, 0, each.made_up.partition_key, 1764164701.5, each.made_up.data)
        for each in sent
    )
    rejected = rejected_object("1764164700.x", "1", "2", parsed.rejections)
    assert rejected is not None
    folders = [each.made_up.expected.folder for each in sent if each.made_up.expected]
    processed = [
        Line(f"processed/{folder}/data_1.json", loaded(transform(event.line, Thresholds(), NOW)))
        for folder, event in zip(folders, parsed.events, strict=True)
    ]
    return Found(
        processed=processed,
        rejected=[Line(rejected.key, loaded(rejected_line(rejection))) for rejection in parsed.rejections],
        batches=[Batch(100, 98, 2), Batch(20, 19, 1)],
        rows=[
            Row(line.document["record_id"], event.type, amount_of(line))
            for line, event in zip(processed, parsed.events, strict=True)
        ],
        left={"dead letters of the transformer": 0},
    )


def loaded(line: bytes) -> dict[str, Any]:
    return json.loads(line, parse_float=Decimal)


def amount_of(line: Line) -> Decimal | None:
    amount = line.document["original_data"].get("amount")
    return None if amount is None else Decimal(amount)


@pytest.fixture(scope="module")
def sent() -> list[SentRecord]:
    return sent_records()


@pytest.fixture(scope="module")
def right(sent: list[SentRecord]) -> Found:
    return found_of(sent)


def with_first(found: Found, **changed: object) -> Found:
    """What was found, with something else in the first processed line."""
    first = found.processed[0]
    return replace(found, processed=[Line(first.key, {**first.document, **changed}), *found.processed[1:]])


def wrong(proof: Proof) -> dict[str, int]:
    return {name: len(getattr(proof, name)) for name in Proof.__slots__ if getattr(proof, name)}


def test_what_is_all_right_is_exact(sent: list[SentRecord], right: Found) -> None:
    proof = prove(sent, right)

    assert wrong(proof) == {}
    assert proof.exact


def test_an_event_that_is_missing_is_lost(sent: list[SentRecord], right: Found) -> None:
    assert wrong(prove(sent, replace(right, processed=right.processed[1:]))) == {"lost": 1}


def test_an_event_in_two_objects_is_there_twice(sent: list[SentRecord], right: Found) -> None:
    assert wrong(prove(sent, replace(right, processed=[*right.processed, right.processed[-1]]))) == {"twice": 1}


def test_an_event_in_another_hour_is_misplaced(sent: list[SentRecord], right: Found) -> None:
    first = right.processed[0]
    moved = Line(first.key.replace("hour=", "hour=1"), first.document)

    assert wrong(prove(sent, replace(right, processed=[moved, *right.processed[1:]]))) == {"misplaced": 1}


@pytest.mark.parametrize(
    "changed",
    [
        {"enriched_data": {"action_date": "2026-11-24"}},
        {"metadata": {"source": "kinesis-stream", "processing_stage": "raw", "version": "1.0"}},
        {"processed_timestamp": "2026-11-26T13:45:00+00:00"},
        {"extra": 1},
    ],
)
def test_an_event_that_says_anything_else_is_changed(
    sent: list[SentRecord], right: Found, changed: Mapping[str, Any]
) -> None:
    assert wrong(prove(sent, with_first(right, **changed))) == {"changed": 1}


def test_a_digit_of_an_amount_counts(sent: list[SentRecord], right: Found) -> None:
    place = next(n for n, line in enumerate(right.processed) if isinstance(amount_of(line), Decimal))
    line = right.processed[place]
    original = {**line.document["original_data"], "amount": Decimal("0.1") + (amount_of(line) or 0)}
    spoiled = Line(line.key, {**line.document, "original_data": original})
    processed = [*right.processed[:place], spoiled, *right.processed[place + 1 :]]

    assert wrong(prove(sent, replace(right, processed=processed))) == {"changed": 1}


def test_an_event_that_nobody_sent_is_foreign_and_the_one_in_its_place_lost(
    sent: list[SentRecord], right: Found
) -> None:
    assert wrong(prove(sent, with_first(right, record_id="0" * 64))) == {"lost": 1, "foreign": 1}


def test_a_bad_record_that_is_nowhere_is_unrejected(sent: list[SentRecord], right: Found) -> None:
    assert wrong(prove(sent, replace(right, rejected=right.rejected[1:]))) == {"unrejected": 1}


@pytest.mark.parametrize("changed", [{"reason": "empty"}, {"data": ""}, {"partition_key": "other"}])
def test_a_bad_record_is_rejected_for_its_reason_with_its_exact_bytes(
    sent: list[SentRecord], right: Found, changed: Mapping[str, Any]
) -> None:
    first = right.rejected[0]
    rejected = [Line(first.key, {**first.document, **changed}), *right.rejected[1:]]

    assert wrong(prove(sent, replace(right, rejected=rejected))) == {"rejected_wrongly": 1}


def test_an_object_rejects_a_bad_record_once(sent: list[SentRecord], right: Found) -> None:
    assert wrong(prove(sent, replace(right, rejected=[*right.rejected, right.rejected[0]]))) == {"rejected_wrongly": 1}


def test_an_attempt_that_died_may_have_rejected_it_too_if_it_says_the_same(
    sent: list[SentRecord], right: Found
) -> None:
    line = right.rejected[0]
    left_behind = replace(line, key=line.key.removesuffix(".json") + "0.json")
    other = replace(left_behind, document={**line.document, "reason": "empty"})

    assert prove(sent, replace(right, rejected=[*right.rejected, left_behind])).exact
    assert wrong(prove(sent, replace(right, rejected=[*right.rejected, other]))) == {"rejected_wrongly": 1}


def test_batches_add_up_in_themselves_and_to_what_was_sent(sent: list[SentRecord], right: Found) -> None:
    uneven = replace(right, batches=[Batch(100, 98, 2), Batch(20, 20, 1)])

    assert prove(sent, uneven).batches == (
        "in 1 batches the total is not the sum of successes and failures",
        "the batches have 118 successes, and 117 were sent",
    )


def test_the_table_has_each_event_once_and_sums_to_what_was_sent(sent: list[SentRecord], right: Found) -> None:
    of_amount = next(row for row in right.rows if row.amount)

    assert prove(sent, replace(right, rows=right.rows[1:])).table[0] == "1 events are missing"
    assert prove(sent, replace(right, rows=[*right.rows, of_amount])).table[0] == "1 events are there more than once"
    others = [replace(row, amount=Decimal(1)) if row is of_amount else row for row in right.rows]
    (said,) = prove(sent, replace(right, rows=others)).table
    assert said.startswith("the amounts come to ")


def test_what_is_left_over_is_named(sent: list[SentRecord], right: Found) -> None:
    found = replace(right, left={"dead letters of the transformer": 2, "records that the mapping gave up": 0})

    assert prove(sent, found).left == ["2 dead letters of the transformer"]
