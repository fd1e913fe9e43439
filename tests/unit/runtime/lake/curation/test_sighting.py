from __future__ import annotations

from dataclasses import replace

import pytest
from harness.sightings import order, sighting

from runtime.lake.curation.sighting import Known, Step, step_for, unique

AT = order("2026-03-09T10:00", 2)
SIGHTING = sighting(1, "red", AT)
SAME = Known(SIGHTING.id, "red", AT, AT.captured_at.date())


@pytest.mark.parametrize(
    ("known", "step"),
    [
        pytest.param(SAME, Step.NONE, id="the same raw object once more"),
        pytest.param(replace(SAME, seen=order("2026-03-09T10:05")), Step.NONE, id="something newer is known"),
        pytest.param(
            replace(SAME, seen=order("2026-03-09T10:05"), fingerprint="blue"), Step.NONE, id="newer and different"
        ),
        pytest.param(replace(SAME, seen=order("2026-03-09T09:55")), Step.STAMP, id="the same content, later"),
        pytest.param(
            replace(SAME, seen=order("2026-03-09T09:55"), fingerprint="blue"), Step.REPLACE, id="another content, later"
        ),
        pytest.param(
            replace(SAME, seen=order("2026-03-09T10:00", 1), fingerprint="blue"),
            Step.REPLACE,
            id="a retry of the same event that got something else",
        ),
        pytest.param(
            replace(SAME, seen=order("2026-03-09T10:00", 3), fingerprint="blue"), Step.NONE, id="what that retry got"
        ),
        pytest.param(replace(SAME, fingerprint="blue"), Step.REPLACE, id="the same raw object, read differently"),
        pytest.param(
            Known(SIGHTING.id, "red", order("2026-03-10T00:00"), order("2026-03-10T00:00").captured_at.date()),
            Step.MOVE,
            id="from before the day it is counted under",
        ),
    ],
)
def test_a_newer_sighting_wins_whatever_comes_first(known: Known, step: Step) -> None:
    assert step_for(SIGHTING, known) is step


def test_of_one_record_sent_twice_in_one_answer_the_last_counts() -> None:
    first, last = sighting(1, "red", AT), sighting(1, "blue", AT)
    assert unique([first, sighting(2, "red", AT), last]) == {first.id: last, "posts-2": sighting(2, "red", AT)}
