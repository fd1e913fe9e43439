from __future__ import annotations

from dataclasses import replace

import pytest
from harness.sightings import order, sighting

from runtime.lake.curation.sighting import Known, Step, step_for, unique

AT = order("2026-03-09T10:00", 2)
SIGHTING = sighting(1, "red", AT)
SAME = Known.of(SIGHTING)
BEFORE, LATER = order("2026-03-09T09:55"), order("2026-03-09T10:05")
OLD = replace(SAME, seen=BEFORE, changed=BEFORE, captured_at=BEFORE.captured_at)
NEW = replace(SAME, seen=LATER)


@pytest.mark.parametrize(
    ("known", "step"),
    [
        pytest.param(SAME, Step.NONE, id="the same raw object once more"),
        pytest.param(NEW, Step.NONE, id="the same content is known, and later"),
        pytest.param(replace(NEW, changed=LATER), Step.STAMP, id="it has been so for longer than is known"),
        pytest.param(
            replace(NEW, changed=LATER, other=order("2026-03-09T10:02")),
            Step.NONE,
            id="it was so, then another, and then so again",
        ),
        pytest.param(replace(NEW, fingerprint="blue", changed=LATER), Step.STAMP, id="it was another before"),
        pytest.param(
            replace(NEW, fingerprint="blue", changed=LATER, other=AT), Step.NONE, id="that it was another is known"
        ),
        pytest.param(OLD, Step.STAMP, id="the same content, later"),
        pytest.param(replace(OLD, fingerprint="blue"), Step.REPLACE, id="another content, later"),
        pytest.param(
            replace(SAME, seen=order("2026-03-09T10:00", 1), changed=BEFORE, fingerprint="blue"),
            Step.REPLACE,
            id="a retry of the same event that got something else",
        ),
        pytest.param(
            replace(SAME, seen=LATER, changed=BEFORE, captured_at=LATER.captured_at),
            Step.STAMP,
            id="from before the time when it was captured first, on the same day",
        ),
        pytest.param(replace(SAME, fingerprint="blue"), Step.REPLACE, id="the same raw object, read differently"),
        pytest.param(
            Known.of(sighting(1, "red", order("2026-03-10T00:00"))),
            Step.MOVE,
            id="from before the day it is counted under",
        ),
    ],
)
def test_a_newer_sighting_wins_whatever_comes_first(known: Known, step: Step) -> None:
    assert step_for(SIGHTING, known) is step


def test_a_content_that_came_between_leaves_open_since_when_it_is_what_it_is() -> None:
    known = replace(OLD, seen=LATER)
    between = sighting(1, "blue", AT)
    assert known.after(between) == replace(known, changed=LATER, other=AT)
    assert known.after(between).after(sighting(1, "red", BEFORE)) == known.after(between)


def test_a_declaration_that_was_changed_forgets_what_the_former_one_called_another_content() -> None:
    read_otherwise = sighting(1, "blue", AT)
    assert replace(SAME, other=BEFORE).after(read_otherwise) == Known.of(read_otherwise)


def test_of_one_record_sent_twice_in_one_answer_the_last_counts() -> None:
    first, last = sighting(1, "red", AT), sighting(1, "blue", AT)
    assert unique([first, sighting(2, "red", AT), last]) == {first.id: last, "posts-2": sighting(2, "red", AT)}
