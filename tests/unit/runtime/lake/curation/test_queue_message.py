from __future__ import annotations

from typing import Any

import pytest
from harness.lake_functions import sqs_record

from runtime.lake.curation.delay import LONGEST_SECONDS, seconds_of_outage, seconds_until_next_try
from runtime.lake.curation.queue_message import Message


def test_each_receive_before_is_a_try_and_a_copy_brings_its_own_along() -> None:
    assert Message.of(sqs_record("m", "")).tries == 0
    assert Message.of(sqs_record("m", "", receives=3)).tries == 2
    copy = Message.of(sqs_record("m", "", receives=2, attributes={"tries": 1, "waits": 7}))
    assert (copy.tries, copy.waits) == (2, 7)


@pytest.mark.parametrize("written", ["-1", "1e3", "nan", "", "99999", "²", " 1"])
def test_attributes_that_anybody_else_wrote_count_for_nothing(written: str) -> None:
    record: dict[str, Any] = sqs_record("m", "")
    record["messageAttributes"] = {name: {"stringValue": written} for name in ("tries", "waits")} | {"other": {}}
    message = Message.of(record)
    assert (message.tries, message.waits) == (0, 0)


def test_waits_grow_and_stay_within_what_sqs_takes() -> None:
    assert [seconds_of_outage(waits, 0.5) for waits in (0, 1, 2, 3)] == [2, 4, 8, 16]
    assert [seconds_until_next_try(tries, 0.5) for tries in (1, 2)] == [5, 20]
    for wait in (seconds_of_outage, seconds_until_next_try):
        assert max(wait(times, 1.0) for times in range(10_000)) == LONGEST_SECONDS
        assert min(wait(times, 0.0) for times in range(10_000)) >= 1
