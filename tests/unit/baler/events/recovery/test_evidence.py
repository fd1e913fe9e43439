from __future__ import annotations

from baler.events.recovery.evidence import BatchName, evidence
from baler.events.recovery.span import Span
from baler.events.stream.frontier import BEGINNING
from baler.events.stream.shard_key import ShardKey

STREAM = "arn:aws:kinesis:eu-central-1:123456789012:stream/events"
SHARD = ShardKey(STREAM, 1_700_000_000, "shardId-000000000000")
PSEUDO = ShardKey(STREAM, SHARD.created_at, "redrive-20261126T134500Z-0a1b2c-shardId-000000000000-00000001")
HOUR = "event_type=metric/year=2026/month=11/day=26/hour=09"


def key(prefix: str, first: int, last: int, shard: ShardKey = SHARD, digit: str = "a") -> str:
    return f"{prefix}/{HOUR}/data_{shard.label}_{first:03}_{last:03}_{digit * 64}.json"


def name(first: int, last: int, shard: ShardKey = SHARD) -> BatchName:
    return BatchName(shard.label, f"{first:03}", f"{last:03}")


def test_what_was_processed_or_reported_was_committed_with_all_its_objects() -> None:
    found = evidence(
        STREAM,
        raw=[key("raw", 1, 4, digit="b"), key("raw", 1, 4), key("raw", 5, 7)],
        rejected=[key("rejected", 5, 7)],
        processed=[key("processed", 1, 4)],
        reported=[name(5, 7)],
    )

    first, second = found.batches
    assert (first.after, first.span, first.reported) == (BEGINNING, Span("001", "004"), False)
    assert first.objects == (key("raw", 1, 4), key("raw", 1, 4, digit="b"))
    assert (second.after, second.span, second.reported) == ("004", Span("005", "007"), True)
    assert second.rejected == key("rejected", 5, 7)
    assert found.frontiers() == {SHARD: "007"}
    assert not found.uncertain


def test_objects_that_nothing_else_speaks_for_prove_nothing() -> None:
    found = evidence(STREAM, [key("raw", 1, 4), key("raw", 1, 8)], [], [key("processed", 1, 4)], [])

    assert [batch.span for batch in found.batches] == [Span("001", "004")]
    assert found.uncertain == (name(1, 8),)
    assert found.frontiers() == {SHARD: "004"}


def test_a_report_without_objects_is_left_out() -> None:
    """They have expired, and nothing is read of them any more."""
    assert not evidence(STREAM, [], [], [], [name(1, 4)]).batches


def test_a_shard_lies_behind_what_was_recovered_of_it() -> None:
    found = evidence(STREAM, [key("raw", 5, 7, PSEUDO)], [], [key("processed", 5, 7, PSEUDO)], [])

    assert found.frontiers() == {PSEUDO: "007", SHARD: "007"}
    (batch,) = found.batches
    assert (batch.shard, batch.after) == (PSEUDO, BEGINNING)


def test_a_shard_of_which_committed_batches_overlap_is_named_and_left_alone() -> None:
    other = ShardKey(STREAM, SHARD.created_at, "shardId-000000000001")
    raw = [key("raw", 1, 4), key("raw", 3, 8), key("raw", 1, 2, other)]

    found = evidence(STREAM, raw, [], [each.replace("raw", "processed", 1) for each in raw], [])

    assert found.contradictory == (SHARD,)
    assert [batch.shard for batch in found.batches] == [other]


def test_other_keys_are_no_evidence() -> None:
    found = evidence(STREAM, ["raw/readme.txt", "raw/data_x_1_2_3.json"], ["rejected/x"], ["processed/"], [])

    assert (found.batches, found.uncertain) == ((), ())
