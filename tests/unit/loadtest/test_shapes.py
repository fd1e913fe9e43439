from __future__ import annotations

from itertools import chain, pairwise

import pytest

from loadtest.shapes import SHAPES, Phase, Shape, ShapeError, shape_of, share_of


def test_files_are_due_at_the_rate_of_their_phase() -> None:
    shape = Shape("two", (Phase(2, 2), Phase(1, 4)))
    assert list(shape.arrivals()) == [0, 0.5, 1, 1.5, 2, 2.25, 2.5, 2.75]
    assert (shape.files, shape.seconds) == (8, 3)


@pytest.mark.parametrize("name", ["baseline", "burst", "spike"])
def test_each_shape_offers_as_many_files_as_it_says_in_order_and_in_its_time(name: str) -> None:
    shape = SHAPES[name]
    arrivals = list(shape.arrivals())
    assert len(arrivals) == shape.files == sum(phase.seconds * phase.rate for phase in shape.phases)
    assert all(before < after for before, after in pairwise(arrivals))
    assert arrivals[-1] < shape.seconds


def test_the_shapes_are_those_of_the_requirement() -> None:
    assert {name: [phase.rate for phase in shape.phases] for name, shape in SHAPES.items()} == {
        "baseline": [10],
        "burst": [10, 100, 10],
        "soak": [10],
        "spike": [100, 1000],
    }
    assert SHAPES["burst"].phases[1].seconds == 30


def test_rounding_neither_adds_nor_drops_a_file() -> None:
    assert [Phase(0.1 * tenths, 10).files for tenths in range(1, 50)] == list(range(1, 50))
    assert Phase(0.25, 10).files == 3


def test_a_duration_stretches_every_phase_alike() -> None:
    assert shape_of("burst", "10").phases == (Phase(2, 10), Phase(6, 100), Phase(2, 10))
    assert shape_of("soak", "12h").seconds == 12 * 3600
    assert shape_of("baseline", "1.5m").seconds == 90


def test_rates_are_replaced_phase_by_phase() -> None:
    assert [phase.rate for phase in shape_of("burst", rates="5,200.5,5").phases] == [5, 200.5, 5]
    assert shape_of("burst") == SHAPES["burst"]


@pytest.mark.parametrize(
    ("name", "duration", "rates", "says"),
    [
        ("bursts", "", "", "no load shape 'bursts'.*baseline, burst, soak, spike"),
        ("burst", "0", "", "'0' is not a duration"),
        ("burst", "-5", "", "'-5' is not a duration"),
        ("burst", "1d", "", "'1d' is not a duration.*8h"),
        ("burst", "", "10,20", "takes 3.*like 10,100,10"),
        ("burst", "", "10,0,10", "takes 3"),
        ("baseline", "", "fast", "takes 1"),
        ("soak", "9999999h", "", "would send 3.6e.11 .*at most 50,000,000"),
        ("baseline", "", "1e308", "would send inf .*at most"),
        ("baseline", "", "inf", "takes 1"),
        ("baseline", "", "nan", "takes 1"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(name: str, duration: str, rates: str, says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        shape_of(name, duration, rates)


def test_processes_take_turns_and_leave_nothing_out() -> None:
    shape = SHAPES["burst"]
    shares = [list(share_of(shape.arrivals(), index, 3)) for index in range(3)]
    assert sorted(chain.from_iterable(shares)) == list(enumerate(shape.arrivals()))
    assert [share[0][0] for share in shares] == [0, 1, 2]
