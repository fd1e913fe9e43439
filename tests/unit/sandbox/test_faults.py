"""What a sandbox says of the faults that it made."""

from __future__ import annotations

from sandbox.faults import Day, MadeFaults


def test_faults_are_told_in_a_line_the_most_frequent_kind_first() -> None:
    made = MadeFaults(Day("bad-day"), 90, {"s3": {"reset": 2, "throttled": 5}, "sqs": {"reset": 1, "message-early": 1}})
    assert made.total == 9
    assert str(made) == "9 in 90 requests on a bad day: 5 throttled, 3 reset, 1 message-early"


def test_a_day_without_a_fault_says_so() -> None:
    assert str(MadeFaults(Day("aws", 3), 4, {})) == "0 in 4 requests on an ordinary day: none"
