from __future__ import annotations

import pytest

from runtime.events.transformer.delay import LONGEST_SECONDS, seconds_until_committed, seconds_until_retry

OBJECTIVE_SECONDS = 30


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_an_early_object_is_looked_at_again_within_the_objective_and_later_ever_more_seldom(spread: float) -> None:
    age, looks = 0.1, list[float]()
    while age < 86_400:
        wait = seconds_until_committed(age, spread)
        assert 1 <= wait <= LONGEST_SECONDS
        age += wait
        looks.append(age)
    assert sum(look < OBJECTIVE_SECONDS for look in looks) >= 4
    assert len(looks) < 150


def test_an_object_from_the_future_is_looked_at_soon() -> None:
    assert seconds_until_committed(-3600.0, 0.5) == 2


def test_the_first_retries_come_within_the_objective_and_later_ones_outlast_an_outage() -> None:
    waits = [seconds_until_retry(receives, 0.5) for receives in range(1, 200)]
    assert sum(waits[:3]) < OBJECTIVE_SECONDS
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_SECONDS
    assert sum(waits[:60]) > 12 * 3600
