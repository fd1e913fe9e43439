"""The statistics of the benchmarks."""

from __future__ import annotations

import pytest

from benchmarks.spread import Spread, in_turns, ratio


def test_the_median_is_not_moved_by_one_disturbed_round() -> None:
    spread = Spread((3.0, 100.0, 2.0))

    assert (spread.median, spread.low, spread.high) == (3.0, 2.0, 100.0)


def test_the_median_of_an_even_number_is_half_way() -> None:
    assert Spread((4.0, 1.0, 2.0, 9.0)).median == 3.0


def test_nothing_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        Spread(())


def test_a_ratio_compares_round_by_round() -> None:
    # The machine was four times slower in the second round: the medians alone would say 40 : 10 as well as 10 : 40.
    compared = ratio(Spread((40.0, 10.0, 44.0)), Spread((10.0, 2.5, 11.0)))

    assert compared.samples == (4.0, 4.0, 4.0)


def test_a_ratio_of_different_numbers_of_rounds_is_refused() -> None:
    with pytest.raises(ValueError, match="2 rounds cannot be compared with 1"):
        ratio(Spread((1.0, 2.0)), Spread((1.0,)))


def test_a_ratio_to_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="ratio to 0"):
        ratio(Spread((1.0,)), Spread((0.0,)))


def test_contestants_take_turns_in_changing_order() -> None:
    ran: list[str] = []

    def run(name: str) -> int:
        ran.append(name)
        return len(ran)

    taken = in_turns({"a": lambda: run("a"), "b": lambda: run("b"), "c": lambda: run("c")}, 3)

    assert ran == ["a", "b", "c", "c", "b", "a", "a", "b", "c"]
    assert taken == {"a": [1, 6, 7], "b": [2, 5, 8], "c": [3, 4, 9]}


def test_every_sample_is_kept_for_programs() -> None:
    assert Spread((2.0, 1.0)).to_json() == {"median": 1.5, "low": 1.0, "high": 2.0, "samples": [2.0, 1.0]}
