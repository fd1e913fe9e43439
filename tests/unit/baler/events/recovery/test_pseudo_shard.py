from __future__ import annotations

from datetime import UTC, datetime

import pytest

from baler.events.raw_object import raw_object_name
from baler.events.recovery.pseudo_shard import RecoveryKind, RecoveryRun, origin_of, pseudo_shard
from baler.events.stream.shard_key import ShardKey

SHARD = ShardKey("arn:aws:kinesis:eu-central-1:123456789012:stream/events", 1_700_000_000, "shardId-000000000000")
RUN = RecoveryRun(RecoveryKind.REDRIVE, datetime(2026, 11, 26, 13, 45, tzinfo=UTC), "0a1b2c")
FIRST = "4" * 56
# Of these, with the bucket's other limits, an item of the table holds a thousand.
KEY_BYTES_MAX = 350


def test_a_run_is_known_by_its_id() -> None:
    assert str(RUN) == "redrive-20261126T134500Z-0a1b2c"
    assert RecoveryRun.parse(str(RUN)) == RUN


@pytest.mark.parametrize("text", ["", "redrive-20261126T134500Z", "rewind-20261126T134500Z-0a1b2c", f"{RUN}-x"])
def test_no_other_text_is_the_id_of_a_run(text: str) -> None:
    with pytest.raises(ValueError, match="no recovery"):
        RecoveryRun.parse(text)


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="does not match"):
        RecoveryRun.parse("redrive-20261350T134500Z-0a1b2c")


def test_a_pseudo_shard_belongs_to_the_run_the_shard_and_the_first_record() -> None:
    shard = pseudo_shard(RUN, SHARD, FIRST)

    assert shard.created_at == SHARD.created_at
    assert origin_of(shard) == SHARD
    assert origin_of(SHARD) is None
    others = [
        pseudo_shard(RUN, SHARD, "5" * 56),
        pseudo_shard(RecoveryRun(RecoveryKind.REDRIVE, RUN.began, "ffffff"), SHARD, FIRST),
        pseudo_shard(RUN, ShardKey(SHARD.stream, SHARD.created_at, "shardId-000000000001"), FIRST),
    ]
    assert shard == pseudo_shard(RUN, SHARD, FIRST)
    assert shard not in others


def test_the_gate_reads_the_pseudo_shard_from_a_raw_key_of_bounded_length() -> None:
    shard = pseudo_shard(RUN, SHARD, FIRST)
    key = (
        "raw/event_type=system_event/year=2026/month=11/day=26/hour=13/"
        f"data_{shard.label}_{FIRST}_{'5' * 56}_{'a' * 64}.json"
    )

    assert len(key) <= KEY_BYTES_MAX
    assert ShardKey.of_label(SHARD.stream, raw_object_name(key).shard_label) == shard
