"""With uploads stopped the wait for the queue is bounded, whatever happens."""

from __future__ import annotations

from loadtest.drain import Drain, Ending


def test_it_ends_when_the_queue_is_empty_and_nothing_is_missing() -> None:
    drain = Drain(deadline=1000)
    assert drain.ended(0, uploading=False, queued=3, missing=2) is None
    assert drain.ended(1, uploading=False, queued=3, missing=0) is None
    assert drain.ended(2, uploading=False, queued=0, missing=0) is Ending.DRAINED


def test_it_does_not_end_while_files_are_uploaded() -> None:
    assert Drain(deadline=1000).ended(0, uploading=True, queued=0, missing=0) is None


def test_what_is_missing_from_an_empty_queue_is_waited_for_a_minute() -> None:
    drain = Drain(deadline=1000)
    assert drain.ended(10, uploading=False, queued=0, missing=1) is None
    assert drain.ended(69, uploading=False, queued=0, missing=1) is None
    assert drain.ended(70, uploading=False, queued=0, missing=1) is Ending.DRAINED


def test_a_message_that_shows_up_again_starts_the_minute_anew() -> None:
    drain = Drain(deadline=1000)
    drain.ended(10, uploading=False, queued=0, missing=1)
    drain.ended(60, uploading=False, queued=1, missing=1)
    assert drain.ended(75, uploading=False, queued=0, missing=1) is None


def test_it_ends_at_its_deadline_with_a_queue_that_does_not_empty() -> None:
    drain = Drain(deadline=1000)
    assert drain.ended(999, uploading=False, queued=1, missing=1) is None
    assert drain.ended(1000, uploading=False, queued=1, missing=1) is Ending.OUT_OF_TIME


def test_it_ends_at_its_deadline_with_a_worker_that_never_reports() -> None:
    assert Drain(deadline=1000).ended(1000, uploading=True, queued=0, missing=0) is Ending.OUT_OF_TIME
