import pytest

from components import timing


def test_visibility_is_six_timeouts_and_the_window() -> None:
    assert timing.visibility_timeout_seconds(function_timeout=20, batching_window=10) == 130


@pytest.mark.requirement("PULL-NFR-02")
def test_one_retry_waits_twice_for_a_batch_and_once_for_the_queue() -> None:
    assert timing.delivery_after_one_retry_seconds(function_timeout=20, batching_window=10) == 10 + 130 + 10 + 20


@pytest.mark.requirement("PULL-NFR-02")
@pytest.mark.parametrize("window", range(41))
def test_the_longest_timeout_just_meets_the_objective(window: int) -> None:
    longest = timing.longest_function_timeout_seconds(batching_window=window)
    for timeout, meets in ((longest, True), (longest + 1, False)):
        took = timing.delivery_after_one_retry_seconds(function_timeout=timeout, batching_window=window)
        assert (took < 180) is meets


@pytest.mark.parametrize("window", range(41))
def test_the_shortest_timeout_just_outlasts_an_outage_of_12_hours(window: int) -> None:
    shortest = timing.least_function_timeout_seconds(batching_window=window)
    for timeout, outlasts in ((shortest, True), (shortest - 1, False)):
        visibility = timing.visibility_timeout_seconds(function_timeout=timeout, batching_window=window)
        assert (1000 * visibility >= 12 * 3600) is outlasts


def test_a_message_that_is_retried_as_seldom_as_can_be_runs_out_of_receives_before_its_retention_ends() -> None:
    assert timing.longest_retry_seconds(queue_retention=4, receives=333) == 900
    assert timing.longest_retry_seconds(queue_retention=1, receives=333) * 333 < 86_400


@pytest.mark.parametrize("retention", [1, 7, 365])
def test_a_claim_outlives_a_version_that_both_lifecycle_steps_delay(retention: int) -> None:
    rounding_to_midnight = carried_out_late = 1
    latest_end_of_a_version = 2 * (retention + rounding_to_midnight + carried_out_late)
    assert timing.claim_lifetime_days(landing_retention=retention) >= latest_end_of_a_version


@pytest.mark.parametrize(
    ("rate", "batch_size", "window", "bundles"),
    [
        (10, 100, 10, 360),  # a batch is full when its window ends
        (1, 100, 10, 360),  # the window ends it before
        (100, 100, 10, 3600),  # it is full before
        (10, 10, 0, 36_000),  # nobody waits for a second file
    ],
)
def test_an_hour_of_bundles_is_as_many_as_batches_end(rate: int, batch_size: int, window: int, bundles: int) -> None:
    found = timing.hour_of_bundles(files_per_second=rate, batch_size=batch_size, batching_window=window)
    assert found == bundles


def test_an_hour_of_files_and_a_burst_follow_the_expected_rate() -> None:
    assert timing.hour_of_files(files_per_second=10) == 36_000
    assert timing.burst_of_files(files_per_second=10, seconds=300) == 30_000


def test_a_run_is_near_its_timeout_a_fifth_before_it() -> None:
    assert timing.run_near_timeout_milliseconds(function_timeout=20) == 16_000
