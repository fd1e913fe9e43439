"""How many bundles are sent beside each other."""

from __future__ import annotations

import pytest

from baler.files.courier.answer import Answer, Meaning
from runtime.files.courier.pace import Pace


def test_it_grows_by_one_for_each_acceptance_up_to_the_most() -> None:
    pace = Pace(most=3)
    sends: list[int] = []
    for _ in range(4):
        sends.append(pace.sends)
        pace = pace.after(Answer(Meaning.ACCEPTED, "200", 200))
    assert sends == [1, 2, 3, 3]


@pytest.mark.parametrize("meaning", [Meaning.BUSY, Meaning.UNREACHABLE])
def test_it_halves_where_the_receiver_does_not_keep_up_and_never_ends(meaning: Meaning) -> None:
    pace = Pace(most=8, sends=5)
    sends: list[int] = []
    for _ in range(4):
        pace = pace.after(Answer(meaning, "503"))
        sends.append(pace.sends)
    assert sends == [2, 1, 1, 1]


@pytest.mark.parametrize("meaning", [Meaning.REFUSED, Meaning.MISPLACED, Meaning.UNAUTHORIZED])
def test_what_says_nothing_of_the_pace_leaves_it(meaning: Meaning) -> None:
    assert Pace(most=8, sends=5).after(Answer(meaning, "422")).sends == 5
