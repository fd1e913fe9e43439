"""Each way of working off a batch works off all of it, so that their times can be compared."""

from __future__ import annotations

from benchmarks import records


def test_ours_and_the_plain_handler_write_the_same_events_into_the_same_folders() -> None:
    ours = {made.key.split("/", 1)[1].rpartition("/")[0]: made.count for made in records.process(records.invocation())}
    plain = {name: len(content.splitlines()) for name, content in records.process_plainly(records.invocation()).items()}
    assert ours == plain
    assert sum(ours.values()) == records.BATCH


def test_both_transform_every_line() -> None:
    for made in records.process(records.invocation()):
        ours = records.transform_object(made.key, made.content)
        assert len(ours.splitlines()) == len(records.transform_plainly(made.content).splitlines()) == made.count


def test_every_contestant_is_measured_as_often_as_it_is_asked_for() -> None:
    measured = records.measure(1)
    assert set(records.MICROSECONDS_AT_MOST) < set(measured)
    assert all(len(spread.samples) == 1 for spread in measured.values())
