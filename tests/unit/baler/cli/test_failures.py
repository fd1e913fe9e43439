"""What fails again and again is reported once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler.cli.failures import FailureReporter

if TYPE_CHECKING:
    from baler.cli.report import Event


def test_a_failure_is_reported_again_when_it_changes_comes_back_or_was_forgotten() -> None:
    events: list[Event] = []
    failures = FailureReporter(events.append)
    failures.report("a", "k")
    failures.report("a", "k")
    failures.report("b", "k")
    failures.clear("k")
    failures.report("b", "k")
    failures.keep({"another"})
    failures.report("b", "k")
    assert [event.fields["message"] for event in events] == ["a", "b", "b", "b"]


def test_failures_of_different_objects_and_of_everything_are_different_ones() -> None:
    events: list[Event] = []
    failures = FailureReporter(events.append)
    for key in ("k", "l", None, None):
        failures.report("a", key)
    assert [event.fields["key"] for event in events] == ["k", "l", None]
